#include "kernel/error_bound.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace prodigest::kernel {
namespace {

// z with P(normal > z) = tail, by halving.
double normal_deviate(double tail) {
  double low = -40, high = 40;
  while (high - low > 1e-10) {
    const double middle = (low + high) / 2;
    (std::erfc(middle / std::sqrt(2.0)) / 2 > tail ? low : high) = middle;
  }
  return low;
}

// The mean of a Poisson count for which `seen` or fewer have probability `tail`, less `seen`: a
// gamma quantile by Wilson and Hilferty.
double poisson_reach(double seen, double tail) {
  const double shape = seen + 1;
  return shape * std::pow(1 - 1 / (9 * shape) + normal_deviate(tail) / (3 * std::sqrt(shape)), 3) -
         seen;
}

constexpr double kMostEvents = 1e8;  // then the count is as good as normal

}  // namespace

ErrorEstimate estimate_error(std::span<const double> squares, double rows, double failure) {
  const auto count = static_cast<double>(squares.size());
  const double mean = std::accumulate(squares.begin(), squares.end(), 0.0) / count;
  double variance = 0, third = 0;
  for (const double square : squares) {
    const double apart = square - mean;
    variance += apart * apart / count;
    third += apart * apart * apart / count;
  }
  double reach = 0;
  if (variance > 0) {
    const double size =
        std::max(third / variance, std::sqrt(count * variance / kMostEvents));
    reach = size / count * poisson_reach(count * variance / (size * size), failure);
  }
  return {std::sqrt(rows * mean), std::sqrt(rows * (mean + std::max(0.0, reach)))};
}

}  // namespace prodigest::kernel
