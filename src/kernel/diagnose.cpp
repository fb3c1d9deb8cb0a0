#include "prodigest/kernel/diagnose.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

#include "base/fail.hpp"
#include "core/parallel.hpp"
#include "kernel/diagnosis_words.hpp"
#include "kernel/kernel_logs.hpp"
#include "kernel/largest_entries.hpp"
#include "kernel/point_checks.hpp"
#include "kernel/row_major.hpp"

namespace prodigest::kernel {
namespace {

constexpr char kWhere[] = "diagnose";
constexpr Index kMostPoints = 8192;
constexpr Index kUsualPrefixes = 50;
constexpr double kSmallestFloatLog2 = -126;
constexpr int kMostPowers = 200;
constexpr double kNormTolerance = 1e-6;

void check(MatrixView<const float> queries, MatrixView<const float> keys,
           const DiagnoseOptions& options) {
  check_points(kWhere, queries, keys);
  const auto refuse = [](const char* name, const char* allowed, auto got) {
    fail(ErrorCode::kInvalidArgument, "{}: {} must be {}, got {}", kWhere, name, allowed, got);
  };
  if (queries.rows != keys.rows)
    fail(ErrorCode::kInvalidArgument, "{}: there must be as many queries as keys, {}, got {}",
         kWhere, keys.rows, queries.rows);
  if (keys.rows > kMostPoints)
    fail(ErrorCode::kInvalidArgument,
         "{}: at most {} points, got {} (give a random part of them: c does not grow where the "
         "assumption holds)",
         kWhere, kMostPoints, keys.rows);
  if (!options.attention && (!(options.bandwidth > 0) || !std::isfinite(options.bandwidth)))
    refuse("bandwidth", "positive and finite", options.bandwidth);
  if (!(options.scale >= 0) || !std::isfinite(options.scale))
    refuse("scale", "positive and finite, or 0", options.scale);
  if (options.first < 1) refuse("first", "at least 1", options.first);
  if (options.step < 0) refuse("step", "at least 0", options.step);
}

// Of the rows, each by its own largest; the logarithms stay as they are.
void diagnose_rows(const Matrix<double>& logs, Diagnosis& made) {
  const Index n = logs.rows;
  LargestEntries entries(n);
  std::vector<double> shares(static_cast<std::size_t>(n));
  made.least_largest_log2 = std::numeric_limits<double>::infinity();
  for (Index i = 0; i < n; ++i) {
    const auto row = logs.view().row(i);
    const double most = *std::ranges::max_element(row);
    std::ranges::transform(row, shares.begin(), [=](double x) { return std::exp(x - most); });
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    double squares = 0;
    for (double& p : shares) {
      p /= sum;
      squares += p * p;
    }
    entries.add(shares);
    made.effective_keys += 1 / squares / static_cast<double>(n);
    const double largest = most * std::numbers::log2e;
    made.least_largest_log2 = std::min(made.least_largest_log2, largest);
    if (largest < kSmallestFloatLog2) made.underflow += 1 / static_cast<double>(n);
  }
  made.normalized_tail_over_head = tail_over_head(entries, n);
}

double ratio(const std::vector<double>& sorted, Index of, Index to) {
  const auto at = [&](Index i) {
    return i <= static_cast<Index>(sorted.size()) ? sorted[static_cast<std::size_t>(i - 1)] : 0;
  };
  return at(to) > 0 ? at(of) / at(to) : std::numeric_limits<double>::infinity();
}

// Of exp(shift) K.
std::vector<PrefixDiagnosis> diagnose_prefixes(const Matrix<double>& kernel, double shift,
                                               const DiagnoseOptions& options,
                                               const Context& context) {
  const Index n = kernel.rows, first = std::min(n, options.first);
  const Index step =
      options.step > 0 ? options.step : std::max<Index>(1, (n - first) / kUsualPrefixes);
  LargestEntries entries(2 * n);
  std::vector<PrefixDiagnosis> made;
  for (Index done = 0, size = first; done < n; done = size, size = std::min(n, size + step)) {
    throw_if_cancelled(context);
    for (Index i = 0; i < size; ++i) {
      const auto row = kernel.view().row(i).first(static_cast<std::size_t>(size));
      entries.add(i < done ? row.subspan(static_cast<std::size_t>(done)) : row);
    }
    const std::vector<double>& sorted = entries.sorted();
    const double mean = entries.sum() / static_cast<double>(size);
    made.push_back({.size = size,
                    .tail_over_head = tail_over_head(entries, size),
                    .nth_over_2nth = ratio(sorted, size, 2 * size),
                    .nth_over_next = ratio(sorted, size, size + 1),
                    .mean_row_sum = std::exp(shift) * mean,
                    .log10_mean_row_sum = shift * std::numbers::log10e + std::log10(mean)});
  }
  return made;
}

// The largest singular value.
double norm_of(const Matrix<double>& kernel, const Context& context) {
  const Eigen::Map<const RowMajor> k(kernel.storage.data(), kernel.rows, kernel.cols);
  Eigen::VectorXd v = Eigen::VectorXd::Ones(k.cols()).normalized();  // K has no negative entries
  double norm = 0;
  for (int power = 0; power < kMostPowers; ++power) {
    throw_if_cancelled(context);
    const Eigen::VectorXd image = k * v;
    const double before = std::exchange(norm, image.norm());
    if (norm == 0 || std::abs(norm - before) <= kNormTolerance * norm) break;
    v = (k.transpose() * image).normalized();
  }
  return norm;
}

double median(std::vector<double> numbers) {
  std::ranges::sort(numbers);
  return numbers[numbers.size() / 2];
}

}  // namespace

Diagnosis diagnose(MatrixView<const float> queries, MatrixView<const float> keys,
                   const DiagnoseOptions& options, const Context& context) {
  check(queries, keys, options);
  Matrix<double> kernel = kernel_logs(queries, keys, options, context);
  Diagnosis made;
  diagnose_rows(kernel, made);
  // The reduction may leave no entry that a double holds; but for a factor all are as good.
  const double shift = *std::ranges::max_element(kernel.storage);
  for (double& x : kernel.storage) x = std::exp(x - shift);

  made.prefixes = diagnose_prefixes(kernel, shift, options, context);
  std::vector<double> to_2nth, to_next;
  for (const PrefixDiagnosis& prefix : made.prefixes) {
    made.largest_tail_over_head = std::max(made.largest_tail_over_head, prefix.tail_over_head);
    to_2nth.push_back(prefix.nth_over_2nth);
    to_next.push_back(prefix.nth_over_next);
  }
  made.median_nth_over_2nth = median(to_2nth);
  made.median_nth_over_next = median(to_next);
  made.norm = std::exp(shift) * norm_of(kernel, context);
  made.verdict = verdict_on(made);
  return made;
}

}  // namespace prodigest::kernel
