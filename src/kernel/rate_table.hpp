#pragma once
// The kernel between two cells that are so far apart, as a few exact rows tell.

#include <span>
#include <vector>

#include "prodigest/base/types.hpp"

namespace prodigest::kernel {

/// What was seen between one cell of queries and one of keys.
struct CellPair {
  float distance = 0;  ///< D² of CellDistances
  float square = 0;    ///< sum over the keys of K², the mean over queries
  float keys = 0;      ///< how many
};

/// Root mean square kernel value as a function of D²: falling, constant over ranges of about as
/// many pairs as 1/10 of those nearer. Positive everywhere.
class RateTable {
 public:
  RateTable() = default;
  /// @param pairs ascending by distance
  explicit RateTable(std::span<const CellPair> pairs);

  float operator()(float distance) const {
    const float place = (distance - first_) * scale_;
    if (!(place > 0)) return steps_.front();
    const auto last = static_cast<float>(steps_.size() - 1);
    return steps_[static_cast<std::size_t>(place < last ? place : last)];
  }

  float first() const { return first_; }
  float scale() const { return scale_; }
  std::span<const float> steps() const { return steps_; }
  RateTable(float first, float scale, std::span<const float> steps)
      : first_(first), scale_(scale), steps_(steps.begin(), steps.end()) {}

 private:
  float first_ = 0, scale_ = 0;
  std::vector<float> steps_{0};  // at equal distances
};

}  // namespace prodigest::kernel
