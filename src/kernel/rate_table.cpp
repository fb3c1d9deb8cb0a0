#include "kernel/rate_table.hpp"

#include <algorithm>
#include <cmath>

namespace prodigest::kernel {
namespace {

constexpr std::size_t kFirstRange = 16;  // pairs
constexpr double kGrowth = 1.1;
constexpr std::size_t kSteps = 2048;
// Deviations below this share of the largest root mean square are raised to it: what was never seen
// may still be.
constexpr double kLeastShare = 1e-7, kLeastDeviation = 1e-30;
constexpr double kLeastOfSquare = 0.01;  // the share of a mean square that its mean may not explain

struct Range {
  double sum = 0, square = 0, keys = 0;
  float end = 0;  // largest distance

  void add(double more_sum, double more_square, double more_keys) {
    sum += more_sum;
    square += more_square;
    keys += more_keys;
  }
  double mean_square() const { return square / keys; }
};

// Neighbours that would rise are put together: the falling function nearest to the squares.
std::vector<Range> falling_ranges(std::span<const CellPair> pairs) {
  std::vector<Range> ranges;
  for (std::size_t first = 0, size = kFirstRange; first < pairs.size();) {
    Range range;
    for (const CellPair& pair : pairs.subspan(first, std::min(size, pairs.size() - first))) {
      range.add(double{pair.sum}, double{pair.square}, double{pair.keys});
      range.end = pair.distance;
    }
    for (; !ranges.empty() && ranges.back().mean_square() <= range.mean_square();
         ranges.pop_back())
      range.add(ranges.back().sum, ranges.back().square, ranges.back().keys);
    ranges.push_back(range);
    first += size;
    size = static_cast<std::size_t>(static_cast<double>(size) * kGrowth) + 1;
  }
  return ranges;
}

Rate rate_of(const Range& range, bool centred, double least) {
  const double square = range.mean_square(), mean = centred ? range.sum / range.keys : 0;
  const double rest = std::max(square - mean * mean, kLeastOfSquare * square);
  return {static_cast<float>(std::max(least, std::sqrt(rest))), static_cast<float>(mean)};
}

}  // namespace

RateTable::RateTable(std::span<const CellPair> pairs, bool centred) : RateTable() {
  if (pairs.empty()) return;
  const std::vector<Range> ranges = falling_ranges(pairs);
  const double least =
      std::max(kLeastDeviation, kLeastShare * std::sqrt(ranges.front().mean_square()));
  first_ = pairs.front().distance;
  const float span = pairs.back().distance - first_;
  scale_ = span > 0 ? static_cast<float>(kSteps - 1) / span : 0;
  steps_.resize(span > 0 ? kSteps : 1);
  for (std::size_t i = 0, range = 0; i < steps_.size(); ++i) {
    while (range + 1 < ranges.size() && first_ + static_cast<float>(i) / scale_ > ranges[range].end)
      ++range;
    steps_[i] = rate_of(ranges[range], centred, least);
  }
}

}  // namespace prodigest::kernel
