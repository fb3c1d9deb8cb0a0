#pragma once
// What the pilot sums of tables of kernel values.

#include "prodigest/base/types.hpp"

namespace prodigest::kernel {

/// Of each lane, to which values are added one after the other.
struct ValueSums {
  float* sums = nullptr;
  float* squares = nullptr;
  float* largest = nullptr;
  float* above = nullptr;  ///< squares of values above a bound
};

/// @shape values: count x lanes, bounds: [lanes]; lanes is a multiple of kLanes
void add_values(const float* values, Index count, Index lanes, const float* bounds,
                const ValueSums& to);

}  // namespace prodigest::kernel
