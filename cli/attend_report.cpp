#include "attend_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "text.hpp"

namespace prodigest::cli {

Json tensors_json(const AttendTensors& tensors) {
  return {{"batch", tensors.q.batch},
          {"heads", tensors.shape.heads},
          {"key_heads", tensors.shape.key_heads},
          {"queries", tensors.q.tokens},
          {"keys", tensors.k.tokens},
          {"head_dim", tensors.shape.head_dim},
          {"value_dim", tensors.shape.value_dim}};
}

std::string tensors_text(const AttendTensors& tensors) {
  const Index heads = tensors.q.batch * tensors.shape.heads;
  std::string text = fmt::format("{} {} of {} tokens", count_text(heads),
                                 heads == 1 ? "head" : "heads", count_text(tensors.q.tokens));
  if (tensors.k.tokens != tensors.q.tokens)
    text += fmt::format(" over {} keys", count_text(tensors.k.tokens));
  return text;
}

double token_time(double seconds, Index tokens, const AttendTensors& tensors) {
  return 1e6 * seconds /
         static_cast<double>(std::max<Index>(1, tokens * tensors.q.batch * tensors.shape.heads));
}

std::string cases_text(const std::vector<AttendCase>& cases, const AttendTensors& tensors) {
  std::vector<std::vector<std::string>> table = {
      {"method", "tokens", "ms", "us a token and head", "difference"}};
  for (const AttendCase& one : cases)
    table.push_back({one.spec, count_text(one.tokens), number_text(1e3 * one.seconds),
                     number_text(token_time(one.seconds, one.tokens, tensors)),
                     one.difference ? percent_text(*one.difference) : "exact"});
  return table_text(table);
}

Json cases_json(const std::vector<AttendCase>& cases, const AttendTensors& tensors) {
  Json all = Json::array();
  for (const AttendCase& one : cases) {
    Json fields = {{"tokens", one.tokens},
                   {"spec", one.spec},
                   {"seconds", one.seconds},
                   {"us_per_token", token_time(one.seconds, one.tokens, tensors)}};
    if (one.difference) {
      fields["exact"] = one.exact;
      fields["difference"] = or_null(*one.difference);
    }
    all.push_back(fields);
  }
  return all;
}

}  // namespace prodigest::cli
