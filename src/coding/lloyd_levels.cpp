#include "coding/lloyd_levels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace prodigest::coding {
namespace {

// Lloyd's iteration on the positive levels; 6 bits take some 10 000 steps, milliseconds.
std::vector<float> converge(int bits) {
  const std::size_t half = std::size_t{1} << (bits - 1);
  std::vector<double> levels(half);
  for (std::size_t i = 0; i < half; ++i)
    levels[i] = 3 * (static_cast<double>(i) + 0.5) / static_cast<double>(half);
  for (double change = 1; change > 1e-13;) {
    change = 0;
    // Density and twice the upper tail at the lower edge of a cell.
    double density = std::numbers::inv_sqrtpi / std::numbers::sqrt2, tail = 1;
    for (std::size_t i = 0; i < half; ++i) {
      const double edge =
          i + 1 < half ? (levels[i] + levels[i + 1]) / 2 : std::numeric_limits<double>::infinity();
      const double next_density =
          std::exp(-edge * edge / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
      const double next_tail = std::erfc(edge / std::numbers::sqrt2);
      const double mean = 2 * (density - next_density) / (tail - next_tail);
      change = std::max(change, std::abs(mean - levels[i]));
      levels[i] = mean;
      density = next_density;
      tail = next_tail;
    }
  }
  std::vector<float> all;
  for (auto level = levels.rbegin(); level != levels.rend(); ++level)
    all.push_back(static_cast<float>(-*level));
  for (const double level : levels) all.push_back(static_cast<float>(level));
  return all;
}

}  // namespace

std::span<const float> lloyd_levels(int bits) {
  static const std::array<std::vector<float>, 5> kLevels = {converge(2), converge(3), converge(4),
                                                            converge(5), converge(6)};
  return kLevels[static_cast<std::size_t>(bits - 2)];
}

}  // namespace prodigest::coding
