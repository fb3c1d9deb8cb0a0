#include "kernel/rate_table.hpp"

#include <algorithm>
#include <cmath>

namespace prodigest::kernel {
namespace {

constexpr std::size_t kFirstRange = 16;  // pairs
constexpr double kGrowth = 1.1;
constexpr std::size_t kSteps = 4096;
// Rates below this share of the largest are raised to it: what was never seen may still be.
constexpr float kLeastShare = 1e-7F;
constexpr float kLeastRate = 1e-30F;

struct Range {
  double squares = 0, keys = 0;
  float end = 0;  // largest distance
  float rate() const { return static_cast<float>(std::sqrt(squares / keys)); }
};

// Neighbours that would rise are put together: the falling function nearest to the squares.
std::vector<Range> falling_ranges(std::span<const CellPair> pairs) {
  std::vector<Range> ranges;
  for (std::size_t first = 0, size = kFirstRange; first < pairs.size();) {
    Range range;
    for (const CellPair& pair : pairs.subspan(first, std::min(size, pairs.size() - first))) {
      range.squares += double{pair.square};
      range.keys += double{pair.keys};
      range.end = pair.distance;
    }
    for (; !ranges.empty() && ranges.back().rate() <= range.rate(); ranges.pop_back()) {
      range.squares += ranges.back().squares;
      range.keys += ranges.back().keys;
    }
    ranges.push_back(range);
    first += size;
    size = static_cast<std::size_t>(static_cast<double>(size) * kGrowth) + 1;
  }
  return ranges;
}

}  // namespace

RateTable::RateTable(std::span<const CellPair> pairs) {
  if (pairs.empty()) return;
  const std::vector<Range> ranges = falling_ranges(pairs);
  const float least = std::max(kLeastRate, kLeastShare * ranges.front().rate());
  first_ = pairs.front().distance;
  const float span = pairs.back().distance - first_;
  scale_ = span > 0 ? static_cast<float>(kSteps - 1) / span : 0;
  steps_.resize(span > 0 ? kSteps : 1);
  for (std::size_t i = 0, range = 0; i < steps_.size(); ++i) {
    while (range + 1 < ranges.size() && first_ + static_cast<float>(i) / scale_ > ranges[range].end)
      ++range;
    steps_[i] = std::max(least, ranges[range].rate());
  }
}

}  // namespace prodigest::kernel
