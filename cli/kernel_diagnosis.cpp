#include "kernel_diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "prodigest/io/svg_plot.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

using kernel::Diagnosis;
using kernel::PrefixDiagnosis;

// What is told of a head, in all forms.
struct Column {
  const char* name;
  double (*value)(const Diagnosis&);
};
constexpr Column kColumns[] = {
    {"tail_over_head", [](const Diagnosis& d) { return d.largest_tail_over_head; }},
    {"normalized_tail_over_head", [](const Diagnosis& d) { return d.normalized_tail_over_head; }},
    {"nth_over_2nth", [](const Diagnosis& d) { return d.prefixes.back().nth_over_2nth; }},
    {"nth_over_next", [](const Diagnosis& d) { return d.prefixes.back().nth_over_next; }},
    {"log10_mean_row_sum", [](const Diagnosis& d) { return d.prefixes.back().log10_mean_row_sum; }},
    {"norm", [](const Diagnosis& d) { return d.norm; }},
    {"effective_keys", [](const Diagnosis& d) { return d.effective_keys; }},
    {"least_largest_log2", [](const Diagnosis& d) { return d.least_largest_log2; }},
    {"underflow", [](const Diagnosis& d) { return d.underflow; }}};

std::string text_of(double value) { return fmt::format("{:.4g}", value); }

std::string one_text(const Diagnosis& one) {
  const PrefixDiagnosis& all = one.prefixes.back();
  const std::vector<std::vector<std::string>> table = {
      {"points", count_text(all.size)},
      {"tail / head of n, largest of prefixes", text_of(one.largest_tail_over_head)},
      {"the same of all points", text_of(all.tail_over_head)},
      {"the same of rows divided by their sums", text_of(one.normalized_tail_over_head)},
      {"n-th largest / 2n-th", text_of(all.nth_over_2nth)},
      {"n-th largest / next", text_of(all.nth_over_next)},
      {"log10 of the mean row sum", text_of(all.log10_mean_row_sum)},
      {"norm of K", text_of(one.norm)},
      {"effective keys a query", text_of(one.effective_keys)}};
  return table_text(table) + one.verdict + "\n";
}

// A grid of one statistic.
std::string grid_text(const HeadDiagnoses& diagnoses, double (*value)(const Diagnosis&)) {
  std::vector<std::vector<std::string>> table(1, {"layer"});
  for (Index head = 0; head < diagnoses.heads; ++head)
    table[0].push_back(fmt::format("head {}", head + 1));
  for (Index layer = 0; layer < diagnoses.layers; ++layer) {
    table.push_back({std::to_string(layer + 1)});
    for (Index head = 0; head < diagnoses.heads; ++head)
      table.back().push_back(fmt::format("{:.3g}", value(diagnoses.at(layer, head))));
  }
  return table_text(table);
}

Index count_if(const HeadDiagnoses& diagnoses, const auto& holds) {
  return std::ranges::count_if(diagnoses.all, holds);
}

template <class Value>
std::string csv_line(Index layer, Index head, const std::vector<Value>& values) {
  std::string line = fmt::format("{},{}", layer + 1, head + 1);
  for (const Value& value : values) line += fmt::format(",{}", value);
  return line + "\n";
}

void for_each_head(const HeadDiagnoses& diagnoses, const auto& visit) {
  for (Index layer = 0; layer < diagnoses.layers; ++layer)
    for (Index head = 0; head < diagnoses.heads; ++head)
      visit(layer, head, diagnoses.at(layer, head));
}

}  // namespace

std::string diagnoses_text(const HeadDiagnoses& diagnoses) {
  if (diagnoses.all.size() == 1) return one_text(diagnoses.all[0]);
  const auto worst =
      std::ranges::max_element(diagnoses.all, {}, &Diagnosis::largest_tail_over_head);
  const auto place = std::distance(diagnoses.all.begin(), worst);
  return "tail / head of n, largest of prefixes\n" + grid_text(diagnoses, kColumns[0].value) +
         "n-th largest / 2n-th\n" + grid_text(diagnoses, kColumns[2].value) +
         fmt::format("the largest ratio of tail to head is {:.3g}, of layer {}, head {}:\n{}\n",
                     worst->largest_tail_over_head, place / diagnoses.heads + 1,
                     place % diagnoses.heads + 1, worst->verdict) +
         fmt::format("||K|| is below 0.01 in {} of {} heads, floats hold not all rows of {}\n",
                     count_if(diagnoses, [](const Diagnosis& d) { return d.norm < 0.01; }),
                     diagnoses.all.size(),
                     count_if(diagnoses, [](const Diagnosis& d) { return d.underflow > 0; }));
}

Json diagnoses_json(const HeadDiagnoses& diagnoses) {
  Json all = Json::array();
  for_each_head(diagnoses, [&](Index layer, Index head, const Diagnosis& one) {
    Json json = {{"layer", layer + 1}, {"head", head + 1}, {"points", one.prefixes.back().size}};
    for (const Column& column : kColumns) json[column.name] = or_null(column.value(one));
    json["verdict"] = one.verdict;
    all.push_back(json);
  });
  return {{"layers", diagnoses.layers}, {"heads", diagnoses.heads}, {"matrices", all}};
}

std::string heads_csv(const HeadDiagnoses& diagnoses) {
  std::string text = "layer,head";
  for (const Column& column : kColumns) text += std::string(",") + column.name;
  text += "\n";
  for_each_head(diagnoses, [&](Index layer, Index head, const Diagnosis& one) {
    std::vector<double> values;
    for (const Column& column : kColumns) values.push_back(column.value(one));
    text += csv_line(layer, head, values);
  });
  return text;
}

std::string prefixes_csv(const HeadDiagnoses& diagnoses) {
  std::string text =
      "layer,head,size,tail_over_head,nth_over_2nth,nth_over_next,log10_mean_row_sum\n";
  for_each_head(diagnoses, [&](Index layer, Index head, const Diagnosis& one) {
    for (const PrefixDiagnosis& prefix : one.prefixes)
      text +=
          csv_line<double>(layer, head,
                           {static_cast<double>(prefix.size), prefix.tail_over_head,
                            prefix.nth_over_2nth, prefix.nth_over_next, prefix.log10_mean_row_sum});
  });
  return text;
}

std::string diagnoses_svg(const HeadDiagnoses& diagnoses) {
  io::HeatMap map{.title = "Tail over head of the kernel matrix, largest of prefixes",
                  .row_label = "layer",
                  .column_label = "head",
                  .values = {diagnoses.layers, diagnoses.heads}};
  for_each_head(diagnoses, [&](Index layer, Index head, const Diagnosis& one) {
    map.values(layer, head) = one.largest_tail_over_head;
  });
  return io::to_svg(map);
}

}  // namespace prodigest::cli
