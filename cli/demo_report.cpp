#include "demo_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "text.hpp"

namespace prodigest::cli {
namespace {

std::string round_bytes(double bytes) {
  return bytes_text(static_cast<std::uint64_t>(std::llround(bytes)));
}

// The size nearest to the one asked for.
const ErrorPoint& nearest(const std::vector<ErrorPoint>& points, Index size) {
  return *std::ranges::min_element(points, {}, [&](const ErrorPoint& p) {
    return std::abs(std::log(static_cast<double>(p.size) / static_cast<double>(size)));
  });
}

Json sample_json(const DemoSample& sample, double scale) {
  Json json = {{"spec", to_text(sample.spec)}, {"bytes", sample.bytes}};
  json.update(estimate_json(sample.estimate, scale, sample.actual));
  return json;
}

Json points_json(const std::vector<ErrorPoint>& points) {
  Json json = Json::array();
  for (const ErrorPoint& p : points)
    json.push_back({{"size", p.size},
                    {"bytes", p.bytes},
                    {"low", p.low},
                    {"median", p.median},
                    {"high", p.high}});
  return json;
}

Json curves_json(const DemoCurves& curves) {
  return {{"zero", curves.zero},
          {"weighted", points_json(curves.weighted)},
          {"uniform", points_json(curves.uniform)}};
}

io::PlotSeries measured(std::string name, const std::vector<ErrorPoint>& points) {
  io::PlotSeries series{.name = std::move(name)};
  for (const ErrorPoint& p : points) series.points.push_back({p.bytes, p.median, p.low, p.high});
  return series;
}

}  // namespace

std::string demo_table(const DemoFindings& f) {
  std::vector<std::vector<std::string>> table = {{"", f.weighted.name, f.uniform.name}};
  const auto put = [&](std::string name, auto&& text_of) {
    table.push_back({std::move(name), text_of(f.weighted), text_of(f.uniform)});
  };
  const auto error_of = [&](double FrobeniusError::*which) {
    return [&, which](const DemoSample& s) {
      return percent_text(s.estimate.frobenius_error.*which / f.scale);
    };
  };
  put("bytes of the two tables", [&](const DemoSample&) { return bytes_text(f.input_bytes); });
  put("bytes of the two digests", [](const DemoSample& s) { return bytes_text(s.bytes); });
  put("matched rows", [](const DemoSample& s) { return count_text(s.estimate.matched_rows); });
  table.push_back({"error, as a share of |A||B|"});
  put("  estimated (root mean square)", error_of(&FrobeniusError::estimated));
  put(fmt::format("  bound, {} confidence",
                  percent_text(f.weighted.estimate.frobenius_error.confidence)),
      error_of(&FrobeniusError::bound));
  put("  guaranteed before looking", error_of(&FrobeniusError::apriori));
  put("  actual", [&](const DemoSample& s) { return percent_text(s.actual / f.scale); });
  put("  of the answer 0", [&](const DemoSample&) { return percent_text(f.tables.zero); });
  return table_text(table);
}

std::string demo_entries(const DemoFindings& f) {
  std::vector<std::vector<std::string>> table = {{"", "estimate", "", "exact"}};
  for (std::size_t i = 0; i < f.largest.size(); ++i) {
    const NamedEntry& entry = f.largest[i];
    table.push_back({entry.row + " x " + entry.column, number_text(entry.value),
                     "± " + number_text(entry.deviation), number_text(f.exact[i])});
  }
  return table_text(table);
}

std::string demo_moral(const DemoFindings& f) {
  const Index size = f.weighted.spec.size;
  const ErrorPoint& at = nearest(f.tables.weighted, size);
  return fmt::format(
      "With digests of {}, uniform rows err {:.2g} times as much as weighted ones (medians of\n"
      "{} seeds); where a curve lies above the answer 0, digests are too small to be of use.\n"
      "It is not more, although 0.1 % of the packages hold {} of the squares of the sizes: only\n"
      "{} of the squares belong to packages that B knows, and weight on a row without a partner\n"
      "is lost. Where the heavy rows do meet (installed_kb x download_kb, each digested alone,\n"
      "k = {}) the error is {} of |A||B| with weights and {} without. Where all rows\n"
      "weigh alike, weights gain nothing.\n\n"
      "Next: prodigest sketch YOURS.csv --key COLUMN -k {} -o yours.pdg for two tables,\n"
      "then prodigest product.\n",
      round_bytes(at.bytes), median_at(f.tables.uniform, at.bytes) / at.median, f.seeds,
      percent_text(f.top_share), percent_text(f.partner_share), at.size,
      percent_text(nearest(f.columns.weighted, size).median),
      percent_text(nearest(f.columns.uniform, size).median), size);
}

Json demo_json(const DemoFindings& f) {
  Json entries = Json::array();
  for (std::size_t i = 0; i < f.largest.size(); ++i)
    entries.push_back({{"row", f.largest[i].row},
                       {"column", f.largest[i].column},
                       {"value", f.largest[i].value},
                       {"deviation", f.largest[i].deviation},
                       {"exact", f.exact[i]}});
  return {{"input_bytes", f.input_bytes},
          {"scale", f.scale},
          {"weighted", sample_json(f.weighted, f.scale)},
          {"uniform", sample_json(f.uniform, f.scale)},
          {"largest", entries},
          {"top_thousandth_share", f.top_share},
          {"partner_share", f.partner_share},
          {"seeds", f.seeds},
          {"tables", curves_json(f.tables)},
          {"columns", curves_json(f.columns)}};
}

io::LinePlot demo_plot(std::string title, const DemoCurves& curves, int seeds) {
  io::PlotSeries guarantee{.name = "guarantee √(2/(k−1))", .style = io::PlotStyle::kDashed};
  for (const ErrorPoint& p : curves.weighted)
    guarantee.points.push_back({p.bytes, std::sqrt(2 / static_cast<double>(p.size - 1))});
  const double first = std::min(curves.weighted.front().bytes, curves.uniform.front().bytes);
  const double last = std::max(curves.weighted.back().bytes, curves.uniform.back().bytes);
  return {
      .title = std::move(title),
      .x = {.label = "bytes of both digests",
            .scale = io::AxisScale::kLog,
            .tick_text = round_bytes},
      .y = {.label = fmt::format(
                "Frobenius error as a share of |A||B|, median and quartiles of {} seeds", seeds),
            .scale = io::AxisScale::kLog,
            .tick_text = percent_text},
      .series = {measured("weighted rows", curves.weighted),
                 measured("uniform rows", curves.uniform),
                 guarantee,
                 {.name = "the answer 0",
                  .points = {{first, curves.zero}, {last, curves.zero}},
                  .style = io::PlotStyle::kDashed}}};
}

}  // namespace prodigest::cli
