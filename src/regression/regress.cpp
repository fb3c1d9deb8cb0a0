#include "prodigest/regression/regress.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/fail.hpp"
#include "core/digest_checks.hpp"
#include "regression/columns.hpp"
#include "regression/least_squares.hpp"
#include "regression/matched_rows.hpp"
#include "regression/r_squared.hpp"

namespace prodigest::regression {
namespace {

using linear::LinearSketch;
using sampling::RowSample;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr Index kEnoughRows = 10;  // a column

void check_options(const RegressionOptions& options) {
  if (options.ridge && !(*options.ridge >= 0 && std::isfinite(*options.ridge)))
    fail(ErrorCode::kInvalidArgument, "regress: ridge must be a number from 0 on, got {}",
         *options.ridge);
  if (!(options.confidence > 0 && options.confidence < 1))
    fail(ErrorCode::kInvalidArgument, "regress: confidence must be in (0, 1), got {}",
         options.confidence);
}

const char* name_of(Estimator estimator) {
  switch (estimator) {
    case Estimator::kAuto:
      return "auto";
    case Estimator::kJoint:
      return "joint";
    case Estimator::kSingle:
      return "single";
    case Estimator::kGram:
      return "gram";
    case Estimator::kSketch:
      return "sketch";
  }
  return "?";
}

template <class... Args>
void warn(Regression& result, Warning::Kind kind, fmt::format_string<Args...> format,
          Args&&... args) {
  result.warnings.push_back({kind, fmt::format(format, std::forward<Args>(args)...)});
}

// Whether some rows of the matrix were zero and therefore had no chance to be sampled.
void warn_of_zero_rows(Regression& result, const RowSample& sample, const char* side) {
  const sampling::SampleSpec& spec = sample.spec();
  const bool keeps_zeros = spec.mixture > 0 || spec.weight == sampling::Weight::kUniform ||
                           spec.weight == sampling::Weight::kUser;
  if (keeps_zeros) return;
  const char* const advice =
      "such a key counts as missing (sketch with mixture=0.5 or weight=uniform)";
  if (spec.totals == sampling::Totals::kNone && !sample.complete()) {
    warn(result, Warning::Kind::kZeroRowsMissing,
         "zero rows of {}, if there are any, have no weight: {}", side, advice);
    return;
  }
  const Index kept =
      spec.totals == sampling::Totals::kNone ? sample.size() : sample.totals().nonzero_rows;
  if (kept < sample.rows())
    warn(result, Warning::Kind::kZeroRowsMissing,
         "{} of {} rows of {} are zero and have no weight: {}", sample.rows() - kept, sample.rows(),
         side, advice);
}

void warn_of_size(Regression& result, const WeightedRows& rows) {
  const Index needed = rows.cols() + (rows.has_constant() ? 1 : 0);
  if (rows.size() < needed)
    warn(result, Warning::Kind::kUnderdetermined,
         "{} rows for {} coefficients: infinitely many fit exactly (sketch more rows, or choose "
         "columns)",
         rows.size(), needed);
  else if (rows.size() < kEnoughRows * rows.cols())
    warn(result, Warning::Kind::kFewRows,
         "{} rows for {} columns, expected {} a column: coefficients are uncertain (sketch more "
         "rows)",
         rows.size(), rows.cols(), kEnoughRows);
}

void warn_of_rank(Regression& result, const WeightedRows& rows, Index rank) {
  result.rank = rank;
  const Index most = std::min(rows.cols(), rows.size() - (rows.has_constant() ? 1 : 0));
  if (rank < most)
    warn(result, Warning::Kind::kRankDeficient,
         "the {} columns have rank {}: some are constant or depend on others, and their "
         "coefficients are not unique",
         rows.cols(), rank);
}

void warn_of_missing_keys(Regression& result) {
  warn(result, Warning::Kind::kMissingAsZero,
       "a key that one side lacks counts there as a row of zeros (estimator joint of samples "
       "leaves such keys out)");
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

// Names for the solution; the column that the constant stands for is not among them.
void put_solution(Regression& result, const Solution& solution, const Schema& schema,
                  const WeightedRows& rows) {
  for (Index column = 0, j = 0; column < cols_of(rows.values); ++column) {
    if (column == rows.skipped) continue;
    const auto at = static_cast<std::size_t>(j++);
    result.coefficients.push_back(
        {column_name(schema, column), solution.coefficients[at], solution.standard_errors[at]});
  }
  if (rows.has_constant())
    result.intercept = {"intercept", solution.constant, solution.constant_error};
  result.ridge = solution.ridge;
  result.scaled_ridge = solution.scaled_ridge;
}

// Nothing was matched.
void put_nothing(Regression& result, const Schema& schema, const WeightedRows& rows,
                 bool intercept) {
  Solution nothing;
  nothing.coefficients.assign(static_cast<std::size_t>(rows.cols()), 0);
  nothing.standard_errors.assign(static_cast<std::size_t>(rows.cols()), kUnknown);
  put_solution(result, nothing, schema, rows);
  if (intercept) result.intercept = {"intercept", 0, kUnknown};
  result.r_squared_low = 0;
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

void fit_rows(Regression& result, const WeightedRows& rows, const Schema& schema,
              const RegressionOptions& options, const Context& context) {
  warn_of_size(result, rows);
  const LeastSquares fitted = least_squares(rows, options.ridge, context);
  put_solution(result, fitted.solution, schema, rows);
  warn_of_rank(result, rows, fitted.solution.rank);
  put_score(result, score_of(fitted.fit, fitted.solution.rank, options.confidence));
}

// Whether a column is 1 in all rows, so that it is the constant.
bool is_one(const WeightedRows& rows, Index column) {
  return std::ranges::all_of(column_at(rows.values, rows.positions, column),
                             [](double x) { return x == 1; });
}

void fit_joint(Regression& result, const RowSample& a, const RowSample& b, Index target,
               const RegressionOptions& options, const Context& context) {
  WeightedRows rows = matched_rows(a, b, target);
  put_weights(result, rows);
  warn_of_zero_rows(result, a, "A");
  warn_of_zero_rows(result, b, "B");
  if (options.intercept) {
    const auto present = present_column(a.schema());
    if (present && is_one(rows, *present)) rows.skipped = present;
    rows.constant.assign(rows.positions.size(), 1);
  }
  if (rows.size() == 0) return put_nothing(result, a.schema(), rows, options.intercept);
  fit_rows(result, rows, a.schema(), options, context);
}

// S A and S b instead of A and b: each sketch row is a row like any other.
void fit_sketch(Regression& result, const LinearSketch& a, const LinearSketch& b, Index target,
                const RegressionOptions& options, const Context& context) {
  WeightedRows rows{.values = a.values(), .positions = {}, .weights = {}, .target = {}};
  for (Index i = 0; i < a.size(); ++i) rows.positions.push_back(i);
  rows.weights.assign(rows.positions.size(), 1);
  rows.target = column_at(b.values(), rows.positions, target);
  put_weights(result, rows);
  result.join_rows = kUnknown;
  if (const auto present = present_column(a.schema()); options.intercept && present) {
    rows.skipped = present;
    rows.constant = column_at(rows.values, rows.positions, *present);
  }
  if (!a.schema().key.empty()) warn_of_missing_keys(result);
  fit_rows(result, rows, a.schema(), options, context);
}

void check_sketches(const linear::LinearSpec& a, const linear::LinearSpec& b) {
  check_seeds("regress", a.seed, b.seed);
  if (a.op != b.op || a.size != b.size || a.nonzeros != b.nonzeros || a.length != b.length)
    fail(ErrorCode::kIncompatible,
         "regress: sketches must be of one method and size, got sizes {} and {} (make both with "
         "one --method)",
         a.size, b.size);
}

Estimator choose_estimator(const digest::Digest& a, const digest::Digest& b, Estimator wanted) {
  if (a.index() != b.index())
    fail(ErrorCode::kIncompatible,
         "regress: expected two samples or two linear sketches, got one of each (make both with "
         "one --method)");
  const bool sketches = std::holds_alternative<LinearSketch>(a);
  if (wanted == Estimator::kAuto) return sketches ? Estimator::kSketch : Estimator::kJoint;
  if (sketches != (wanted == Estimator::kSketch))
    fail(ErrorCode::kIncompatible, "regress: the estimator {} needs {}, got {}", name_of(wanted),
         sketches ? "samples" : "linear sketches",
         sketches ? "linear sketches (use sketch, or make samples)"
                  : "samples (use joint, single or gram)");
  return wanted;
}

}  // namespace

Regression regress(const digest::Digest& a, const digest::Digest& b,
                   const RegressionOptions& options, const Context& context) {
  check_options(options);
  Regression result;
  result.estimator = choose_estimator(a, b, options.estimator);
  const auto schema_of = [](const auto& digest) -> const Schema& { return digest.schema(); };
  const Schema& schema = std::visit(schema_of, b);
  check_keys_meet("regress", std::visit(schema_of, a), schema);
  const Index target = target_column(
      schema, std::visit([](const auto& digest) { return digest.cols(); }, b), options.target);
  result.target = column_name(schema, target);
  Context quiet = context;
  quiet.progress = nullptr;
  if (result.estimator == Estimator::kSketch) {
    const auto &left = std::get<LinearSketch>(a), &right = std::get<LinearSketch>(b);
    check_sketches(left.spec(), right.spec());
    fit_sketch(result, left, right, target, options, quiet);
    return result;
  }
  const auto &left = std::get<RowSample>(a), &right = std::get<RowSample>(b);
  check_seeds("regress", left.spec().seed, right.spec().seed);
  if (result.estimator != Estimator::kJoint)
    fail(ErrorCode::kUnsupported, "regress: the estimator {} is not there yet (use joint)",
         name_of(result.estimator));
  fit_joint(result, left, right, target, options, quiet);
  return result;
}

}  // namespace prodigest::regression
