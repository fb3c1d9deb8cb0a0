#include "regression_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "text.hpp"

namespace prodigest::cli {
namespace {

using regression::Coefficient;
using regression::Estimator;
using regression::Regression;
using regression::Warning;
using Kind = Warning::Kind;

const Warning* find(const Regression& fit, std::initializer_list<Kind> kinds) {
  for (const Kind kind : kinds)
    for (const Warning& warning : fit.warnings)
      if (warning.kind == kind) return &warning;
  return nullptr;
}

std::string what_was_fitted(const Regression& fit) {
  const auto columns = std::ssize(fit.coefficients);
  std::string text = fmt::format("{} from {} column{}{}, ", fit.target, count_text(columns),
                                 columns == 1 ? "" : "s", fit.intercept ? " and a constant" : "");
  if (fit.estimator == Estimator::kSketch)
    return text + fmt::format("from sketches of {} rows\n", count_text(fit.matched_rows));
  text += fmt::format("from {} matched rows, worth {} equal ones", count_text(fit.matched_rows),
                      count_text(std::llround(fit.effective_rows)));
  if (std::isfinite(fit.join_rows))
    text += fmt::format(", of about {} in the join", count_text(std::llround(fit.join_rows)));
  return text + "\n";
}

std::string how(const Regression& fit) {
  const std::string estimator = name_of(fit.estimator);
  if (fit.ridge == 0)
    return fmt::format("estimator {}, no ridge{}\n", estimator,
                       fit.scaled_ridge ? ", which leave-one-out chose" : "");
  if (fit.scaled_ridge)
    return fmt::format(
        "estimator {}, ridge {} times the variance of each column, which leave-one-out chose\n",
        estimator, number_text(fit.ridge));
  return fmt::format("estimator {}, ridge {}\n", estimator, number_text(fit.ridge));
}

// |t|; columns without a standard error come last, exact ones first.
double strength(const Coefficient& c) {
  if (std::isnan(c.standard_error)) return -1;
  return c.value == 0 ? 0 : std::abs(c.value) / c.standard_error;
}

std::vector<std::size_t> strongest(const std::vector<Coefficient>& all, std::size_t count) {
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t i, std::size_t j) {
    const double left = strength(all[i]), right = strength(all[j]);
    return left != right ? left > right : std::abs(all[i].value) > std::abs(all[j].value);
  });
  order.resize(count);
  return order;
}

std::string coefficient_table(const Regression& fit, Index top) {
  const std::vector<Coefficient>& all = fit.coefficients;
  const auto most = static_cast<std::size_t>(top);
  std::vector<std::vector<std::string>> table = {{"column", "coefficient", "standard error"}};
  const auto put = [&](const Coefficient& c) {
    table.push_back({c.name, number_text(c.value),
                     std::isnan(c.standard_error) ? "unknown" : number_text(c.standard_error)});
  };
  if (all.size() <= most)
    std::ranges::for_each(all, put);
  else
    for (const std::size_t i : strongest(all, most)) put(all[i]);
  if (fit.intercept) put(*fit.intercept);
  std::string text = table_text(table);
  if (all.size() > most)
    text += fmt::format("  the {} of {} columns with the largest coefficient / standard error\n",
                        count_text(top), count_text(std::ssize(all)));
  return text;
}

std::string quality(const Regression& fit, double confidence) {
  const std::string interval =
      fmt::format("{} interval {} to {}", percent_text(confidence), number_text(fit.r_squared_low),
                  number_text(fit.r_squared_high));
  if (fit.r_squared) {
    const bool few = find(fit, {Kind::kFewRows}) != nullptr;
    return fmt::format("R² {}, {}{}\n", number_text(*fit.r_squared), interval,
                       few ? "; neither is to be trusted with fewer than 10 rows a column" : "");
  }
  const Warning* const why =
      find(fit, {Kind::kNoCommonRows, Kind::kUnderdetermined, Kind::kNoFit, Kind::kFewRows});
  return fmt::format("no fit: {} (R²: {})\n", why ? why->message : "too few rows to say", interval);
}

Json coefficient_json(const Coefficient& c) {
  return {
      {"name", c.name}, {"value", or_null(c.value)}, {"standard_error", or_null(c.standard_error)}};
}

}  // namespace

std::string regression_text(const Regression& fit, double confidence, Index top) {
  return what_was_fitted(fit) + how(fit) + coefficient_table(fit, top) + quality(fit, confidence);
}

Json regression_json(const Regression& fit, double confidence) {
  Json coefficients = Json::array(), warnings = Json::array();
  for (const Coefficient& c : fit.coefficients) coefficients.push_back(coefficient_json(c));
  for (const Warning& w : fit.warnings)
    warnings.push_back({{"kind", name_of(w.kind)}, {"message", w.message}});
  return {{"target", fit.target},
          {"estimator", name_of(fit.estimator)},
          {"matched_rows", fit.matched_rows},
          {"effective_rows", or_null(fit.effective_rows)},
          {"join_rows", or_null(fit.join_rows)},
          {"rank", fit.rank},
          {"ridge", fit.ridge},
          {"scaled_ridge", fit.scaled_ridge},
          {"r_squared", fit.r_squared ? or_null(*fit.r_squared) : Json(nullptr)},
          {"r_squared_interval", {or_null(fit.r_squared_low), or_null(fit.r_squared_high)}},
          {"confidence", confidence},
          {"intercept", fit.intercept ? coefficient_json(*fit.intercept) : Json(nullptr)},
          {"coefficients", coefficients},
          {"warnings", warnings}};
}

std::string shortcoming(const Regression& fit, double least) {
  if (const Warning* const warning =
          find(fit, {Kind::kNoCommonRows, Kind::kUnderdetermined, Kind::kFewRows,
                     Kind::kRankDeficient, Kind::kNoFit}))
    return warning->message;
  if (fit.r_squared_low >= least) return "";
  return fmt::format("R² may be as low as {} (digest more rows, if more columns do not help)",
                     number_text(fit.r_squared_low));
}

}  // namespace prodigest::cli
