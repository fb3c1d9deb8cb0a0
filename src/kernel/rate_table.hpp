#pragma once
// The kernel between two cells that are so far apart, as a few exact rows tell.

#include <span>
#include <vector>

#include "prodigest/base/types.hpp"

namespace prodigest::kernel {

/// Kernel values between one cell of queries and one of keys, the mean over queries.
struct CellPair {
  float distance = 0;  ///< D² of CellDistances
  float sum = 0, square = 0;  ///< of all values, and of all squared
  float keys = 0;      ///< how many
};

struct Rate {
  float deviation = 0;  ///< root mean square deviation from the mean, positive
  float mean = 0;
};

/// Mean and deviation of kernel values as functions of D², constant over ranges of about as many
/// pairs as 1/10 of those nearer; mean squares fall.
class RateTable {
 public:
  RateTable() : steps_{{1, 0}} {}
  /// @param pairs ascending by distance
  /// @param centred whether the mean is to be told apart; else it counts as 0
  RateTable(std::span<const CellPair> pairs, bool centred);
  /// From what the members below say.
  RateTable(float first, float scale, std::span<const Rate> steps)
      : first_(first), scale_(scale), steps_(steps.begin(), steps.end()) {}

  Rate operator()(float distance) const {
    const float place = (distance - first_) * scale_;
    if (!(place > 0)) return steps_.front();
    const auto last = static_cast<float>(steps_.size() - 1);
    return steps_[static_cast<std::size_t>(place < last ? place : last)];
  }

  float first() const { return first_; }
  float scale() const { return scale_; }
  std::span<const Rate> steps() const { return steps_; }

 private:
  float first_ = 0, scale_ = 0;
  std::vector<Rate> steps_;  // at equal distances
};

}  // namespace prodigest::kernel
