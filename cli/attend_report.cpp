#include "attend_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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
  std::string text =
      fmt::format("{} {} of {} {}", count_text(heads), heads == 1 ? "head" : "heads",
                  count_text(tensors.q.tokens), tensors.q.tokens == 1 ? "token" : "tokens");
  if (tensors.k.tokens != tensors.q.tokens)
    text += fmt::format(" over {} keys", count_text(tensors.k.tokens));
  return text;
}

double token_time(double seconds, Index tokens, const AttendTensors& tensors) {
  return 1e6 * seconds /
         static_cast<double>(std::max<Index>(1, tokens * tensors.q.batch * tensors.shape.heads));
}

std::string cases_text(const std::vector<AttendCase>& cases, const AttendTensors& tensors,
                       bool backward) {
  const bool softmax =
      std::ranges::any_of(cases, [](const AttendCase& one) { return one.of_softmax.has_value(); });
  const auto ms = [](double seconds) { return number_text(1e3 * seconds); };
  const auto or_dash = [](const std::optional<double>& value, const auto& text) {
    return value ? std::string(text(*value)) : "-";
  };
  std::vector<std::vector<std::string>> table;
  const auto add = [&](std::string method, std::string tokens,
                       std::initializer_list<std::string> forward,
                       std::initializer_list<std::string> both, std::string difference) {
    std::vector<std::string> row = {std::move(method), std::move(tokens)};
    const auto put = [&](std::initializer_list<std::string> times) {
      row.insert(row.end(), times.begin(), times.end() - !softmax);
    };
    put(forward);
    if (backward) put(both);
    row.push_back(std::move(difference));
    table.push_back(std::move(row));
  };
  add("method", "tokens", {"ms", "us a token and head", "of softmax"},
      {"with backward, ms", "of softmax"}, "difference");
  for (const AttendCase& one : cases)
    add(one.spec, count_text(one.tokens),
        {ms(one.seconds), number_text(token_time(one.seconds, one.tokens, tensors)),
         or_dash(one.of_softmax, percent_text)},
        {or_dash(one.both_seconds, ms), or_dash(one.both_of_softmax, percent_text)},
        one.difference ? percent_text(*one.difference) : "exact");
  return table_text(table);
}

Json cases_json(const std::vector<AttendCase>& cases, const AttendTensors& tensors, bool backward) {
  Json all = Json::array();
  for (const AttendCase& one : cases) {
    Json fields = {{"tokens", one.tokens},
                   {"spec", one.spec},
                   {"seconds", one.seconds},
                   {"us_per_token", token_time(one.seconds, one.tokens, tensors)}};
    if (one.of_softmax) fields["of_softmax"] = *one.of_softmax;
    if (backward) {
      fields["seconds_with_backward"] = or_null(one.both_seconds.value_or(NAN));
      if (one.of_softmax)
        fields["with_backward_of_softmax"] = or_null(one.both_of_softmax.value_or(NAN));
    }
    if (one.difference) {
      fields["exact"] = one.exact;
      fields["difference"] = or_null(*one.difference);
    }
    all.push_back(fields);
  }
  return all;
}

}  // namespace prodigest::cli
