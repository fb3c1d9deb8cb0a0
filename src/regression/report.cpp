#include "regression/report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/fail.hpp"
#include "regression/columns.hpp"

namespace prodigest::regression {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr Index kEnoughRows = 10;  // a column

template <class... Args>
void warn(Regression& result, Warning::Kind kind, fmt::format_string<Args...> format,
          Args&&... args) {
  result.warnings.push_back({kind, fmt::format(format, std::forward<Args>(args)...)});
}

}  // namespace

void put_solution(Regression& result, const Solution& solution, const Schema& schema,
                  const WeightedRows& rows) {
  std::size_t j = 0;
  for (Index column = 0; column < cols_of(rows.values); ++column) {
    if (column == rows.skipped) continue;
    result.coefficients.push_back(
        {column_name(schema, column), solution.coefficients[j], solution.standard_errors[j]});
    ++j;
  }
  if (rows.has_constant())
    result.intercept = {"intercept", solution.constant, solution.constant_error};
  result.ridge = solution.ridge;
  result.scaled_ridge = solution.scaled_ridge;
}

void forget_errors(Solution& solution) {
  std::ranges::fill(solution.standard_errors, kUnknown);
  solution.constant_error = kUnknown;
}

void put_nothing(Regression& result, const Schema& schema, const WeightedRows& rows) {
  Solution nothing;
  nothing.coefficients.assign(static_cast<std::size_t>(rows.cols()), 0);
  nothing.standard_errors.resize(nothing.coefficients.size());
  forget_errors(nothing);
  put_solution(result, nothing, schema, rows);
  result.r_squared_high = 1;
  warn(result, Warning::Kind::kNoCommonRows,
       "the digests have no row in common: nothing was fitted (check that keys match, or sketch "
       "more rows)");
}

void put_weights(Regression& result, const WeightedRows& rows) {
  double sum = 0, squares = 0;
  for (const double weight : rows.weights) {
    sum += weight;
    squares += weight * weight;
  }
  result.matched_rows = rows.size();
  result.effective_rows = squares > 0 ? sum / squares * sum : 0;
  result.join_rows = sum;
}

void put_rank(Regression& result, Index rank, Index most, Index cols) {
  result.rank = rank;
  if (rank < most)
    warn(result, Warning::Kind::kRankDeficient,
         "the {} columns have rank {}: some are constant or depend on others, and their "
         "coefficients are not unique",
         cols, rank);
}

void put_score(Regression& result, const Score& score) {
  result.r_squared = score.value;
  result.r_squared_low = score.low;
  result.r_squared_high = score.high;
  if (!score.value)
    warn(result, Warning::Kind::kNoFit, "{}",
         score.low == 0 && score.high == 1
             ? "too few rows, or too little variation, to say what the columns explain"
             : "the columns do not predict the target: R² is not above 0");
}

void warn_of_size(Regression& result, Index rows, Index cols, Index coefficients) {
  if (rows < coefficients)
    warn(result, Warning::Kind::kUnderdetermined,
         "{} rows for {} coefficients: infinitely many fit exactly (sketch more rows, or choose "
         "columns)",
         rows, coefficients);
  else if (result.matched_rows < kEnoughRows * cols)
    warn(result, Warning::Kind::kFewRows,
         "{} matched rows for {} columns, expected {} a column: coefficients are uncertain (sketch "
         "more rows)",
         result.matched_rows, cols, kEnoughRows);
}

void warn_of_coded_values(Regression& result, const sampling::RowSample& a) {
  const sampling::SampleParts& parts = a.parts();
  if (!parts.coded || a.size() == 0) return;
  double noise = 0;
  for (const float row : parts.coded->noises) noise += row;
  const double error = std::sqrt(noise / static_cast<double>(a.size()));
  const std::string coding = coding::to_text(*parts.spec.values);
  if (result.estimator == Estimator::kGram)
    warn(result, Warning::Kind::kCodedValues,
         "rows of A are coded as {} and err by {:.2g} % of their length: standard errors do not "
         "count that",
         coding, 100 * error);
  else
    warn(result, Warning::Kind::kCodedValues,
         "rows of A are coded as {} and err by {:.2g} % of their length, alike in every column: "
         "coefficients of columns small beside others are too near 0, and standard errors do not "
         "count that (sketch A without values=, or with totals=gram for the estimator gram)",
         coding, 100 * error);
}

void warn_of_zero_rows(Regression& result, const sampling::RowSample& sample, const char* side) {
  const sampling::SampleSpec& spec = sample.spec();
  const bool keeps_zeros = spec.mixture > 0 || spec.weight == sampling::Weight::kUniform ||
                           spec.weight == sampling::Weight::kUser;
  if (keeps_zeros) return;
  const char* const advice =
      "such a key counts as missing (sketch with mixture=0.5 or weight=uniform)";
  const bool counted = spec.totals != sampling::Totals::kNone;
  if (!counted && !sample.complete()) {
    warn(result, Warning::Kind::kZeroRowsMissing,
         "zero rows of {}, if there are any, have no weight: {}", side, advice);
    return;
  }
  const Index nonzero = counted ? sample.totals().nonzero_rows : sample.size();
  if (nonzero < sample.rows())
    warn(result, Warning::Kind::kZeroRowsMissing,
         "{} of {} rows of {} are zero and have no weight: {}", sample.rows() - nonzero,
         sample.rows(), side, advice);
}

void warn_of_missing_keys(Regression& result, const Schema& schema) {
  if (schema.key.empty()) return;
  warn(result, Warning::Kind::kMissingAsZero,
       "a key that one side lacks counts there as a row of zeros (the estimator joint of samples "
       "leaves such keys out)");
}

}  // namespace prodigest::regression
