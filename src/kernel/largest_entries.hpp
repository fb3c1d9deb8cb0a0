#pragma once
// The largest of many numbers.

#include <span>
#include <vector>

#include "prodigest/base/types.hpp"

namespace prodigest::kernel {

/// Keeps the `room` largest non-negative numbers of all that were added, and the sum of all.
/// @complexity O(1) a number, on average
class LargestEntries {
 public:
  explicit LargestEntries(Index room) : room_(static_cast<std::size_t>(room)) {}

  void add(std::span<const double> numbers);
  double sum() const { return sum_; }
  /// What is kept, the largest first.
  const std::vector<double>& sorted();

 private:
  void drop_smallest();

  std::size_t room_;
  double sum_ = 0;
  double least_ = -1;  // smaller ones need not be kept
  std::vector<double> kept_;
};

/// The sum of the n - `head` smallest over that of the `head` largest; 0 / 0 is 0.
double tail_over_head(LargestEntries& entries, Index head);

}  // namespace prodigest::kernel
