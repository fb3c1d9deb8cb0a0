#include "kernel/largest_entries.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

namespace prodigest::kernel {

void LargestEntries::add(std::span<const double> numbers) {
  for (const double x : numbers) {
    sum_ += x;
    if (x <= least_) continue;
    kept_.push_back(x);
    if (kept_.size() > 2 * room_) drop_smallest();
  }
}

void LargestEntries::drop_smallest() {
  if (kept_.size() <= room_) return;
  const auto end = kept_.begin() + static_cast<std::ptrdiff_t>(room_);
  std::nth_element(kept_.begin(), end - 1, kept_.end(), std::greater<>());
  kept_.erase(end, kept_.end());
  least_ = kept_.back();
}

const std::vector<double>& LargestEntries::sorted() {
  drop_smallest();
  std::ranges::sort(kept_, std::greater<>());
  return kept_;
}

double tail_over_head(LargestEntries& entries, Index head) {
  const std::vector<double>& sorted = entries.sorted();
  const auto end = sorted.begin() + std::min(head, static_cast<Index>(sorted.size()));
  const double most = std::accumulate(sorted.begin(), end, 0.0);
  if (most == 0) return 0;
  return std::max(0.0, entries.sum() - most) / most;
}

}  // namespace prodigest::kernel
