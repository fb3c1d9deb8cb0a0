#include "prodigest/regression/regress.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/fail.hpp"
#include "core/digest_checks.hpp"
#include "linear/sketch_checks.hpp"
#include "regression/columns.hpp"
#include "regression/gram_estimator.hpp"
#include "regression/least_squares.hpp"
#include "regression/matched_rows.hpp"
#include "regression/r_squared.hpp"
#include "regression/report.hpp"

namespace prodigest::regression {
namespace {

using linear::LinearSketch;
using sampling::RowSample;

// What every estimator is told.
struct Question {
  Index target;
  const RegressionOptions& options;
  Context context;
};

void check_options(const RegressionOptions& options) {
  if (options.ridge && !(*options.ridge >= 0 && std::isfinite(*options.ridge)))
    fail(ErrorCode::kInvalidArgument, "regress: ridge must be a number from 0 on, got {}",
         *options.ridge);
  if (!(options.confidence > 0 && options.confidence < 1))
    fail(ErrorCode::kInvalidArgument, "regress: confidence must be in (0, 1), got {}",
         options.confidence);
}

Estimator choose_estimator(const digest::Digest& a, const digest::Digest& b, Estimator wanted) {
  if (a.index() != b.index() || std::holds_alternative<lattice::LatticeCodes>(a))
    fail(ErrorCode::kIncompatible,
         "regress: expected two samples or two linear sketches, got {} and {} (make both with one "
         "such method)",
         digest::to_text(digest::spec_of(a)), digest::to_text(digest::spec_of(b)));
  const bool sketches = std::holds_alternative<LinearSketch>(a);
  if (wanted == Estimator::kAuto) return sketches ? Estimator::kSketch : Estimator::kJoint;
  if (sketches != (wanted == Estimator::kSketch))
    fail(ErrorCode::kIncompatible, "regress: the estimator {} needs {}, got {}", name_of(wanted),
         sketches ? "samples" : "linear sketches",
         sketches ? "linear sketches (use sketch, or make samples)"
                  : "samples (use joint, single or gram)");
  return wanted;
}

std::vector<Index> all_of(Index count) {
  std::vector<Index> positions(static_cast<std::size_t>(count));
  std::iota(positions.begin(), positions.end(), Index{0});
  return positions;
}

// The column "present", if it is 1 in these rows. Where values are coded, a reader that added it
// knows.
std::optional<Index> column_of_ones(const RowSample& a, std::span<const Index> positions) {
  const auto present = present_column(a.schema());
  if (!present) return std::nullopt;
  if (a.spec().values) return a.schema().presence ? present : std::nullopt;
  const auto is_one = [](double x) { return x == 1; };
  return std::ranges::all_of(column_at(a.values(), positions, *present), is_one) ? present
                                                                                 : std::nullopt;
}

void fit_rows(Regression& result, const WeightedRows& rows, const Schema& schema,
              const Question& question) {
  const Index constant = rows.has_constant() ? 1 : 0;
  warn_of_size(result, rows.size(), rows.cols(), rows.cols() + constant);
  LeastSquares fitted = least_squares(rows, question.options.ridge, question.context);
  if (rows.size() - constant <= fitted.solution.rank) forget_errors(fitted.solution);
  put_solution(result, fitted.solution, schema, rows);
  put_rank(result, fitted.solution.rank, std::min(rows.cols(), rows.size() - constant),
           rows.cols());
  put_score(result, score_of(fitted.fit, fitted.solution.rank, question.options.confidence));
}

void fit_joint(Regression& result, const RowSample& a, const RowSample& b,
               const Question& question) {
  WeightedRows rows = matched_rows(a, b, question.target);
  put_weights(result, rows);
  warn_of_zero_rows(result, a, "A");
  warn_of_zero_rows(result, b, "B");
  if (question.options.intercept) {
    rows.skipped = column_of_ones(a, rows.positions);
    rows.constant = std::vector<double>(rows.positions.size(), 1);
  }
  if (rows.size() == 0) return put_nothing(result, a.schema(), rows);
  fit_rows(result, rows, a.schema(), question);
}

// S A and S b instead of A and b: each row of a sketch is a row like any other.
void fit_sketch(Regression& result, const LinearSketch& a, const LinearSketch& b,
                const Question& question) {
  linear::check_same_projection("regress", a, b);
  WeightedRows rows{
      .values = a.values(), .positions = all_of(a.size()), .weights = {}, .target = {}};
  rows.weights.assign(rows.positions.size(), 1);
  rows.target = column_at(b.values(), rows.positions, question.target);
  put_weights(result, rows);
  result.join_rows = std::numeric_limits<double>::quiet_NaN();
  warn_of_missing_keys(result, a.schema());
  if (question.options.intercept) rows.skipped = present_column(a.schema());
  if (rows.skipped) rows.constant = column_at(rows.values, rows.positions, *rows.skipped);
  fit_rows(result, rows, a.schema(), question);
}

// ||b||²: exactly, if B's totals have it, else from B's sample.
double target_square(const RowSample& b, Index target) {
  const sampling::SampleTotals& totals = b.totals();
  if (!totals.gram.empty())
    return totals.gram[static_cast<std::size_t>(target * b.cols() - target * (target - 1) / 2)];
  if (b.cols() == 1 && b.squared_norm()) return *b.squared_norm();
  const std::vector<double> column = column_at(b.values(), all_of(b.size()), target);
  double sum = 0;
  for (Index i = 0; i < b.size(); ++i) {
    const double x = column[static_cast<std::size_t>(i)];
    sum += x * x / b.inclusion(i);
  }
  return sum;
}

void fit_sums(Regression& result, const RowSample& a, const RowSample& b,
              const Question& question) {
  WeightedRows rows = matched_rows(a, b, question.target);
  put_weights(result, rows);
  warn_of_missing_keys(result, a.schema());
  if (question.options.intercept) rows.skipped = column_of_ones(a, all_of(a.size()));
  if (rows.skipped) rows.constant = std::vector<double>(rows.positions.size(), 1);
  const GramSums sums = result.estimator == Estimator::kGram
                            ? exact_sums(a, rows.skipped)
                            : sampled_sums(a, rows.skipped, question.context);
  if (rows.size() == 0) return put_nothing(result, a.schema(), rows);
  const Index constant = rows.has_constant() ? 1 : 0;
  warn_of_size(result, sums.rows, rows.cols(), rows.cols() + constant);
  const GramFit fitted =
      gram_estimate(rows, sums, target_square(b, question.target), question.options.ridge,
                    question.options.confidence, question.context);
  put_solution(result, fitted.solution, a.schema(), rows);
  put_rank(result, fitted.solution.rank, std::min(rows.cols(), sums.rows - constant), rows.cols());
  put_score(result, fitted.score);
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
  const Index cols = std::visit([](const auto& digest) { return digest.cols(); }, b);
  Question question{target_column(schema, cols, options.target), options, context};
  question.context.progress = nullptr;  // there is nothing to count that a user would know
  result.target = column_name(schema, question.target);
  if (result.estimator == Estimator::kSketch) {
    fit_sketch(result, std::get<LinearSketch>(a), std::get<LinearSketch>(b), question);
    return result;
  }
  const auto &left = std::get<RowSample>(a), &right = std::get<RowSample>(b);
  check_seeds("regress", left.spec().seed, right.spec().seed);
  warn_of_coded_values(result, left);
  result.estimator == Estimator::kJoint ? fit_joint(result, left, right, question)
                                        : fit_sums(result, left, right, question);
  return result;
}

}  // namespace prodigest::regression
