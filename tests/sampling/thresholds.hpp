#pragma once
// Thresholds and the error of threshold sampling by their definitions, as tests need them.

#include <algorithm>
#include <span>

#include "prodigest/sampling/sample_spec.hpp"

namespace prodigest::sampling {

/// The tau with sum of min(1, tau w) = size, by bisection.
inline double adaptive_tau(std::span<const double> weights, double size) {
  double low = 0, high = 1;
  const auto kept = [&](double tau) {
    double sum = 0;
    for (const double w : weights) sum += std::min(1.0, tau * w);
    return sum;
  };
  while (kept(high) < size) high *= 2;
  for (int step = 0; step < 200; ++step) {
    const double middle = (low + high) / 2;
    (kept(middle) < size ? low : high) = middle;
  }
  return high;
}

inline double threshold_tau(Method method, std::span<const double> weights, Index size) {
  double total = 0;
  for (const double w : weights) total += w;
  if (method == Method::kPlainThreshold) return static_cast<double>(size) / total;
  return adaptive_tau(weights, static_cast<double>(size));
}

/// E||W - AᵀB||² where all rows are kept independently: sum of |A_i|² |B_i|² (1/p_i - 1).
/// @param a, b squared row norms, which are also the weights
inline double threshold_error(Method method, std::span<const double> a, std::span<const double> b,
                              Index size) {
  const double tau_a = threshold_tau(method, a, size), tau_b = threshold_tau(method, b, size);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double p = std::min({1.0, a[i] * tau_a, b[i] * tau_b});
    if (p > 0) sum += a[i] * b[i] * (1 / p - 1);
  }
  return sum;
}

}  // namespace prodigest::sampling
