#include "regression/moments.hpp"

#include <numeric>

namespace prodigest::regression {
namespace {

// Deviations of less than this part of the mean are rounding: the column is a constant.
constexpr double kRounding = 1e-14;

double without_rounding(double variance, double mean, double constant_square) {
  return variance > kRounding * mean * (kRounding * mean) * constant_square ? variance : 0;
}

// Per column: sum of share * constant * a, and of share * a².
std::vector<double> column_sums(const WeightedRows& rows, const Moments& moments,
                                const Context& context) {
  const auto d = static_cast<std::size_t>(rows.cols());
  const Centring centring{moments.means, std::vector<double>(d, 1)};
  return sum_over_panels(
      rows.size(), 2 * rows.cols(), context, [&](Index first, Index count, std::span<double> sums) {
        const Matrix<double> block = panel(rows, centring, first, count);
        for (Index i = 0; i < count; ++i) {
          const double share = moments.shares[static_cast<std::size_t>(first + i)];
          const double constant = share * rows.constant_at(first + i);
          const std::span<const double> a = block.view().row(i);
          for (std::size_t j = 0; j < d; ++j) {
            sums[j] += constant * a[j];
            sums[d + j] += share * a[j] * a[j];
          }
        }
      });
}

}  // namespace

Moments moments_of(const WeightedRows& rows, const Context& context) {
  Moments moments;
  const auto d = static_cast<std::size_t>(rows.cols());
  moments.total_weight = std::accumulate(rows.weights.begin(), rows.weights.end(), 0.0);
  for (const double weight : rows.weights) moments.shares.push_back(weight / moments.total_weight);
  double target_sum = 0;
  for (std::size_t t = 0; t < rows.target.size(); ++t) {
    const double c = rows.constant_at(static_cast<Index>(t));
    moments.constant_square += moments.shares[t] * c * c;
    target_sum += moments.shares[t] * c * rows.target[t];
  }
  const double square = moments.constant_square;
  moments.target = rows.target;
  if (square > 0) {
    moments.target_mean = target_sum / square;
    for (std::size_t t = 0; t < moments.target.size(); ++t)
      moments.target[t] -= rows.constant_at(static_cast<Index>(t)) * moments.target_mean;
    double variance = 0;
    for (std::size_t t = 0; t < moments.target.size(); ++t)
      variance += moments.shares[t] * moments.target[t] * moments.target[t];
    if (without_rounding(variance, moments.target_mean, square) == 0)
      std::ranges::fill(moments.target, 0.0);
  }

  moments.means.assign(d, 0);
  if (square > 0) {
    const std::vector<double> sums = column_sums(rows, moments, context);
    for (std::size_t j = 0; j < d; ++j) moments.means[j] = sums[j] / square;
  }
  // Deviations from a rounded mean have a small mean of their own.
  const std::vector<double> sums = column_sums(rows, moments, context);
  for (std::size_t j = 0; j < d; ++j) {
    double variance = sums[d + j];
    if (square > 0) {
      moments.means[j] += sums[j] / square;
      variance -= sums[j] * sums[j] / square;
    }
    moments.variances.push_back(without_rounding(variance, moments.means[j], square));
  }
  return moments;
}

}  // namespace prodigest::regression
