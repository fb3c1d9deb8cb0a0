#pragma once
// Order statistics.

#include <algorithm>
#include <cmath>
#include <vector>

namespace prodigest::compare {

/// Between order statistics by interpolation.  @pre values is not empty
inline double quantile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  const double at = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], at - static_cast<double>(below));
}

}  // namespace prodigest::compare
