#include "compare_report.hpp"

#include <fmt/format.h>

#include <cmath>

#include "text.hpp"

namespace prodigest::cli {
namespace {

using compare::BudgetResult;
using compare::Comparison;
using compare::Forecast;
using compare::Measurement;
using compare::PairStatistics;
using compare::Recommendation;
using compare::SideStatistics;

std::string round_count(double count) { return count_text(std::llround(count)); }
std::string round_bytes(double bytes) {
  return std::isfinite(bytes) ? bytes_text(static_cast<std::uint64_t>(std::llround(bytes)))
                              : "none";
}
std::string milliseconds(double seconds) { return fmt::format("{:.3g}", 1000 * seconds); }

std::vector<std::string> side_cells(const std::string& name, const SideStatistics& side) {
  return {name,
          fmt::format("{} x {}", round_count(side.rows), count_text(side.cols)),
          round_count(side.nonzero_rows),
          number_text(side.nonzero_rows == 0 ? 0 : side.nonzeros / side.nonzero_rows),
          percent_text(side.common_share),
          round_count(side.effective_rows),
          percent_text(side.heaviest_share)};
}

Json side_json(const SideStatistics& side) {
  return {{"rows", side.rows},
          {"cols", side.cols},
          {"nonzero_rows", side.nonzero_rows},
          {"nonzeros", side.nonzeros},
          {"norm", side.norm},
          {"common_share", side.common_share},
          {"effective_rows", side.effective_rows},
          {"heaviest_thousandth_share", side.heaviest_share},
          {"value_bytes", side.value_bytes}};
}

Json forecast_json(const PairStatistics& pair, const Forecast& forecast) {
  const std::string obstacle = compare::obstacle(pair, forecast.method.spec);
  return {{"method", forecast.method.name},
          {"size", forecast.size},
          {"predicted_error", or_null(forecast.prediction.error)},
          {"predicted_bytes", or_null(forecast.prediction.bytes)},
          {"obstacle", obstacle.empty() ? Json(nullptr) : Json(obstacle)}};
}

Json measurement_json(const Measurement& m) {
  Json json = {{"method", m.method.name}, {"size", m.size}};
  if (m.size == 0) return json;
  json.update({{"bytes", m.bytes},
               {"error",
                {{"rms", m.error.rms},
                 {"rms_standard_error", m.error.rms_error},
                 {"low", m.error.low},
                 {"median", m.error.median},
                 {"high", m.error.high}}},
               {"predicted_error", or_null(m.predicted)},
               {"estimated", or_null(m.estimated)},
               {"bound", or_null(m.bound)},
               {"apriori", or_null(m.apriori)},
               {"bound_held", m.bound_held},
               {"digest_seconds", m.digest_seconds},
               {"product_seconds", m.product_seconds}});
  return json;
}

// The name of methods[*at], or null.
template <class Methods>
Json name_at(const Methods& methods, std::optional<std::size_t> at) {
  return at ? Json(methods[*at].method.name) : Json(nullptr);
}

std::string verdict(const BudgetResult& result, std::size_t at) {
  const bool recommended = result.recommendation.chosen == at, best = result.best == at;
  return recommended && best ? "recommended, best"
         : recommended       ? "recommended"
         : best              ? "best"
                             : "";
}

io::PlotSeries series_of(const Comparison& comparison, std::size_t method) {
  io::PlotSeries series{.name = comparison.budgets.front().measured[method].method.name};
  for (const BudgetResult& result : comparison.budgets) {
    const Measurement& m = result.measured[method];
    if (m.size > 0) series.points.push_back({.x = m.bytes, .y = m.error.rms});
  }
  std::ranges::sort(series.points, {}, &io::PlotPoint::x);
  return series;
}

// Of the first method that has one; its sizes make its place on the bytes axis.
io::PlotSeries guarantee_of(const Comparison& comparison) {
  io::PlotSeries series{.name = "guarantee √(2/(k−1))", .style = io::PlotStyle::kDashed};
  for (const BudgetResult& result : comparison.budgets)
    for (const Measurement& m : result.measured)
      if (m.method.name == "priority" && m.size > 1)
        series.points.push_back(
            {.x = m.bytes, .y = std::sqrt(2 / static_cast<double>(m.size - 1))});
  std::ranges::sort(series.points, {}, &io::PlotPoint::x);
  return series;
}

// Down to half of the least error that was measured.
io::PlotSeries limit_of(const Comparison& comparison, double first, double last, double least) {
  constexpr int kPoints = 48;
  io::PlotSeries series{.name = "limit for codes, Γ(R)", .style = io::PlotStyle::kDashed};
  for (int i = 0; i <= kPoints; ++i) {
    const double bytes = first * std::pow(last / first, static_cast<double>(i) / kPoints);
    const double limit = code_limit(comparison.statistics, bytes);
    if (!(limit >= least / 2)) break;
    series.points.push_back({.x = bytes, .y = limit});
  }
  return series;
}

}  // namespace

Cells pair_cells(const PairStatistics& pair) {
  return {{"", "shape", "non-zero rows", "entries a row", "|.|² on shared keys", "worth equal rows",
           "|.|² in heaviest 0.1 %"},
          side_cells("A", pair.a),
          side_cells("B", pair.b)};
}

std::string meeting_text(const PairStatistics& pair) {
  return fmt::format("{} rows of A and B share a key; all rows, stored as digests, take {}",
                     round_count(pair.common_rows), round_bytes(exact_bytes(pair)));
}

std::string pair_text(const PairStatistics& pair) {
  return table_text(pair_cells(pair)) + "  " + meeting_text(pair) + "\n";
}

Json pair_json(const PairStatistics& pair) {
  return {{"a", side_json(pair.a)},
          {"b", side_json(pair.b)},
          {"common_rows", pair.common_rows},
          {"meeting", pair.meeting},
          {"squared_product", pair.squared_product},
          {"same_rows", pair.same_rows},
          {"centred_squares", pair.same_rows ? Json(pair.a.centred_share * pair.b.centred_share)
                                             : Json(nullptr)},
          {"centred_squared_product",
           pair.same_rows ? Json(pair.centred_squared_product) : Json(nullptr)},
          {"numbered", pair.length > 0},
          {"estimated_from_rows", pair.matched_rows ? Json(*pair.matched_rows) : Json(nullptr)},
          {"exact_bytes", exact_bytes(pair)}};
}

std::string budget_text(const Recommendation& r) {
  if (r.budget.unit == compare::Budget::Unit::kRows)
    return fmt::format("size {}: as many rows of every method, not as many bytes",
                       count_text(std::llround(r.budget.amount)));
  return fmt::format("{}: {} for both digests", to_text(r.budget), round_bytes(r.bytes));
}

std::string recommendation_text(const Recommendation& r) {
  const std::string method = r.chosen ? r.methods[*r.chosen].method.name : "none";
  const std::string size =
      r.chosen ? fmt::format(", size {}", count_text(r.methods[*r.chosen].size)) : "";
  return fmt::format("{}\n  use {}{}\n  {}\n", budget_text(r), method, size, r.reason);
}

Json recommendation_json(const PairStatistics& pair, const Recommendation& r) {
  Json methods = Json::array();
  for (const Forecast& forecast : r.methods) methods.push_back(forecast_json(pair, forecast));
  return {
      {"budget", to_text(r.budget)},
      {"bytes", r.bytes},
      {"recommended", name_at(r.methods, r.chosen)},
      {"spec", r.chosen ? Json(digest::to_text(r.methods[*r.chosen].method.spec)) : Json(nullptr)},
      {"reason", r.reason},
      {"code_limit", r.bytes > 0 ? or_null(code_limit(pair, r.bytes)) : Json(nullptr)},
      {"forecasts", methods}};
}

std::string error_text(const Comparison& comparison) {
  return fmt::format(
      "errors are ||W - A'B|| as shares of |A||B| over {} seeds; the answer 0 errs by {}",
      comparison.seeds, percent_text(comparison.zero_error));
}

Cells measured_cells(const Comparison& comparison, const BudgetResult& result) {
  Cells cells = {{"method", "size", "bytes", "error (rms)", "median", "quartiles", "predicted",
                  "own estimate", "bound", "held", "digest ms", "multiply ms", ""}};
  for (std::size_t i = 0; i < result.measured.size(); ++i) {
    const Measurement& m = result.measured[i];
    if (m.size == 0) {
      const bool applies = compare::obstacle(comparison.statistics, m.method.spec).empty();
      cells.push_back({m.method.name, applies ? "does not fit" : "does not apply"});
      continue;
    }
    cells.push_back({m.method.name, count_text(m.size), round_bytes(m.bytes),
                     percent_text(m.error.rms), percent_text(m.error.median),
                     fmt::format("{:.3g}–{}", 100 * m.error.low, percent_text(m.error.high)),
                     percent_text(m.predicted), percent_text(m.estimated), percent_text(m.bound),
                     fmt::format("{}/{}", m.bound_held, comparison.seeds), milliseconds(m.digest_seconds),
                     milliseconds(m.product_seconds), verdict(result, i)});
  }
  return cells;
}

std::string limit_text(const Comparison& comparison, const Recommendation& r) {
  const double limit = r.bytes > 0 ? code_limit(comparison.statistics, r.bytes) : NAN;
  if (std::isnan(limit)) return "";
  return fmt::format("limit for codes of {:.3g} bits an entry: {}",
                     bits_an_entry(comparison.statistics, r.bytes), percent_text(limit));
}

std::string limit_note() {
  return "Limit for codes, Γ(R): with as many bits for every entry of both matrices, no codes err less "
         "on normal entries, and ideal codes err by no more on any matrices. On sparse or otherwise "
         "structured matrices samples may lie below it.";
}

Cells summary_cells(const Comparison& comparison) {
  Cells cells = {{"size", "bytes", "recommended", "expected error", "measured error",
                  "best measured", "its error"}};
  for (const BudgetResult& result : comparison.budgets) {
    const Recommendation& r = result.recommendation;
    const auto name = [&](std::optional<std::size_t> at) {
      return at ? r.methods[*at].method.name : "none";
    };
    const auto measured = [&](std::optional<std::size_t> at) {
      return at && result.measured[*at].size > 0 ? percent_text(result.measured[*at].error.rms)
                                                 : "none";
    };
    cells.push_back({to_text(r.budget), round_bytes(r.bytes), name(r.chosen),
                     r.chosen ? percent_text(r.methods[*r.chosen].prediction.error) : "none",
                     measured(r.chosen), name(result.best), measured(result.best)});
  }
  return cells;
}

std::string comparison_text(const Comparison& comparison) {
  std::string text = pair_text(comparison.statistics) + "  " + error_text(comparison) + "\n";
  for (const BudgetResult& result : comparison.budgets) {
    const std::string limit = limit_text(comparison, result.recommendation);
    text += "\n" + budget_text(result.recommendation) + "\n" +
            table_text(measured_cells(comparison, result)) + "  " +
            (limit.empty() ? "" : limit + "\n  ") + result.recommendation.reason + "\n";
  }
  return text;
}

Json comparison_json(const Comparison& comparison) {
  Json budgets = Json::array();
  for (const BudgetResult& result : comparison.budgets) {
    Json json = recommendation_json(comparison.statistics, result.recommendation);
    json["best"] = name_at(result.measured, result.best);
    Json measured = Json::array();
    for (const Measurement& m : result.measured) measured.push_back(measurement_json(m));
    json["measured"] = measured;
    budgets.push_back(json);
  }
  return {{"statistics", pair_json(comparison.statistics)},
          {"zero_error", comparison.zero_error},
          {"seeds", comparison.seeds},
          {"budgets", budgets}};
}

io::LinePlot comparison_plot(const Comparison& comparison) {
  io::LinePlot plot{
      .title = "Error against bytes",
      .x = {.label = "bytes of both digests",
            .scale = io::AxisScale::kLog,
            .tick_text = round_bytes},
      .y = {.label = fmt::format("Frobenius error as a share of |A||B|, rms of {} seeds",
                                 comparison.seeds),
            .scale = io::AxisScale::kLog,
            .tick_text = percent_text}};
  for (std::size_t m = 0; m < comparison.budgets.front().measured.size(); ++m)
    plot.series.push_back(series_of(comparison, m));
  plot.series.push_back(guarantee_of(comparison));
  io::PlotSeries zero{.name = "the answer 0", .style = io::PlotStyle::kDashed};
  double first = INFINITY, last = 0, least = INFINITY;
  for (const io::PlotSeries& series : plot.series)
    for (const io::PlotPoint& point : series.points) {
      first = std::min(first, point.x);
      last = std::max(last, point.x);
      if (point.y > 0) least = std::min(least, point.y);
    }
  if (last > 0) {
    zero.points = {{.x = first, .y = comparison.zero_error},
                   {.x = last, .y = comparison.zero_error}};
    plot.series.push_back(limit_of(comparison, first, last, least));
  }
  plot.series.push_back(zero);
  std::erase_if(plot.series, [](const io::PlotSeries& series) { return series.points.empty(); });
  return plot;
}

}  // namespace prodigest::cli
