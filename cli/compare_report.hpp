#pragma once
// What compare found, and how it says so.

#include <string>

#include "prodigest/compare/compare.hpp"
#include "prodigest/io/svg_plot.hpp"
#include "session.hpp"

namespace prodigest::cli {

/// A table; the first row has the names of the columns.
using Cells = std::vector<std::vector<std::string>>;

/// What is known of each of the two matrices.
Cells pair_cells(const compare::PairStatistics& pair);
/// Where they meet, and what they take.
std::string meeting_text(const compare::PairStatistics& pair);
/// Both.
std::string pair_text(const compare::PairStatistics& pair);
Json pair_json(const compare::PairStatistics& pair);

/// "5%: 12.3 kB for both digests"
std::string budget_text(const compare::Recommendation& recommendation);
/// The budget, the method and the reason.
std::string recommendation_text(const compare::Recommendation& recommendation);
/// With the forecasts of all methods.
Json recommendation_json(const compare::PairStatistics& pair,
                         const compare::Recommendation& recommendation);

/// What the errors are shares of, and what no digest at all would do.
std::string error_text(const compare::Comparison& comparison);
/// One row a method.
Cells measured_cells(const compare::Comparison& comparison, const compare::BudgetResult& result);
/// "limit for codes of 4.2 bits an entry: 0.1 %", or nothing where codes do not apply.
std::string limit_text(const compare::Comparison& comparison,
                       const compare::Recommendation& recommendation);
/// What that limit is.
std::string limit_note();

/// What is recommended at each size, and what was best.
Cells summary_cells(const compare::Comparison& comparison);

std::string comparison_text(const compare::Comparison& comparison);
Json comparison_json(const compare::Comparison& comparison);
io::LinePlot comparison_plot(const compare::Comparison& comparison);

}  // namespace prodigest::cli
