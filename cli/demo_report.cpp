#include "demo_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "text.hpp"

namespace prodigest::cli {
namespace {

std::string round_bytes(double bytes) { return bytes_text(static_cast<std::uint64_t>(std::llround(bytes))); }

Json sample_json(const DemoSample& sample, double scale) {
  Json json = {{"spec", to_text(sample.spec)}, {"bytes", sample.bytes}};
  json.update(estimate_json(sample.estimate, scale, sample.actual));
  json["heavy_rows_meet"] = {{"relative", sample.heavy_median}};
  json["error_against_bytes"] = Json::array();
  for (const ErrorPoint& p : sample.curve)
    json["error_against_bytes"].push_back({{"size", p.size}, {"bytes", p.bytes}, {"low", p.low}, {"median", p.median}, {"high", p.high}});
  return json;
}

io::PlotSeries measured(const DemoSample& sample) {
  io::PlotSeries series{.name = sample.name + " rows"};
  for (const ErrorPoint& p : sample.curve) series.points.push_back({p.bytes, p.median, p.low, p.high});
  return series;
}

}  // namespace

std::string demo_table(const DemoFindings& f) {
  std::vector<std::vector<std::string>> table = {{"", f.weighted.name, f.uniform.name}};
  const auto put = [&](std::string name, auto&& text_of) {
    table.push_back({std::move(name), text_of(f.weighted), text_of(f.uniform)});
  };
  const auto error_of = [&](double FrobeniusError::* which) {
    return [&, which](const DemoSample& s) { return percent_text(s.estimate.frobenius_error.*which / f.scale); };
  };
  put("bytes of the two tables", [&](const DemoSample&) { return bytes_text(f.input_bytes); });
  put("bytes of the two digests", [](const DemoSample& s) { return bytes_text(s.bytes); });
  put("matched rows", [](const DemoSample& s) { return count_text(s.estimate.matched_rows); });
  table.push_back({"error, as a share of |A||B|"});
  put("  says of itself (root mean square)", error_of(&FrobeniusError::estimated));
  put(fmt::format("  bound, {} confidence", percent_text(f.weighted.estimate.frobenius_error.confidence)), error_of(&FrobeniusError::bound));
  put("  guaranteed before looking", error_of(&FrobeniusError::apriori));
  put("  actual", [&](const DemoSample& s) { return percent_text(s.actual / f.scale); });
  put("  of the answer 0", [&](const DemoSample&) { return percent_text(f.product_norm / f.scale); });
  return table_text(table);
}

std::string demo_entries(const DemoFindings& f) {
  std::vector<std::vector<std::string>> table = {{"", "estimate", "", "exact"}};
  for (std::size_t i = 0; i < f.largest.size(); ++i) {
    const NamedEntry& entry = f.largest[i];
    table.push_back({entry.row + " x " + entry.column, number_text(entry.value), "± " + number_text(entry.deviation), number_text(f.exact[i])});
  }
  return table_text(table);
}

std::string demo_moral(const DemoFindings& f) {
  // Where the two curves are compared: at the size nearest to the one asked for.
  const ErrorPoint& at = *std::ranges::min_element(f.weighted.curve, {}, [&](const ErrorPoint& p) {
    return std::abs(std::log(static_cast<double>(p.size) / static_cast<double>(f.weighted.spec.size)));
  });
  return fmt::format(
      "In {}, uniform rows err {:.2g} times as much as weighted ones (median of {} seeds). Weights pay where few rows\n"
      "matter and those rows meet: the heaviest 0.1 % of the rows of A hold {} of its squares, but only {}\n"
      "of the squares lie in packages that B knows, so most of the weight is spent on rows without a partner. Where\n"
      "heavy rows do meet, as in installed_kb x download_kb digested apart at the same k, the errors are {} of\n"
      "|A||B| with weights and {} without. Where all rows weigh alike, uniform rows do as well. Any digest\n"
      "too small to beat the answer 0 is too small.\n"
      "Next: prodigest sketch YOUR.csv --key COLUMN -k {} -o yours.pdg, then prodigest product on two of them.\n",
      round_bytes(at.bytes), median_at(f.uniform.curve, at.bytes) / at.median, f.seeds, percent_text(f.top_share),
      percent_text(f.partner_share), percent_text(f.weighted.heavy_median), percent_text(f.uniform.heavy_median), f.weighted.spec.size);
}

Json demo_json(const DemoFindings& f) {
  Json entries = Json::array();
  for (std::size_t i = 0; i < f.largest.size(); ++i)
    entries.push_back({{"row", f.largest[i].row}, {"column", f.largest[i].column}, {"value", f.largest[i].value},
                       {"deviation", f.largest[i].deviation}, {"exact", f.exact[i]}});
  return {{"input_bytes", f.input_bytes}, {"scale", f.scale}, {"product_norm", f.product_norm}, {"top_thousandth_share", f.top_share},
          {"partner_share", f.partner_share}, {"seeds", f.seeds}, {"weighted", sample_json(f.weighted, f.scale)},
          {"uniform", sample_json(f.uniform, f.scale)}, {"largest", entries}};
}

io::LinePlot demo_plot(const DemoFindings& f) {
  io::PlotSeries theory{.name = "weighted, guaranteed mean", .style = io::PlotStyle::kDashed};
  for (const ErrorPoint& p : f.weighted.curve)
    theory.points.push_back({p.bytes, std::sqrt(2 / static_cast<double>(p.size - 1))});
  const double zero = f.product_norm / f.scale;
  const double first = std::min(f.weighted.curve.front().bytes, f.uniform.curve.front().bytes);
  const double last = std::max(f.weighted.curve.back().bytes, f.uniform.curve.back().bytes);
  return {
      .title = "How well two digests give the product of two tables that never met",
      .x = {.label = fmt::format("bytes of both digests (the two tables: {}, gzipped)", bytes_text(f.input_bytes)),
            .scale = io::AxisScale::kLog,
            .tick_text = round_bytes},
      .y = {.label = fmt::format("Frobenius error as a share of |A||B|: median and quartiles of {} seeds", f.seeds),
            .scale = io::AxisScale::kLog,
            .tick_text = percent_text},
      .series = {measured(f.weighted), measured(f.uniform), theory,
                 {.name = "the answer 0", .points = {{first, zero}, {last, zero}}, .style = io::PlotStyle::kDashed}}};
}

}  // namespace prodigest::cli
