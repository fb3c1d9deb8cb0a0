#pragma once
// How a head of polysketch attention is worked through.

#include "attention/head_problem.hpp"
#include "attention/power_weights.hpp"

namespace prodigest::attention {

inline constexpr Index kTile = 64;  // tokens that the kernels take at a time

struct Plan {
  Index head_dim = 0, size = 0, value_dim = 0;
  /// Keys are weighed one by one within so many tokens: local_block, or a tile, or all there are
  /// where that is less work than sums are.
  Index block = 0;
  /// Coordinates of a key that are kept while its block is open: head_dim if local weights are of
  /// keys and not of their sketches.
  Index kept = 0;
  int local_power = 2;
  bool local_gain = false;  ///< the gain is of local weights too

  PowerWeights local_weights(double gain, Index visible) const {
    return {local_power, local_gain ? gain : 1.0, visible};
  }
};

Plan plan_of(const AttentionSpec& spec, Index head_dim, Index sketch_size, Index value_dim);

/// With a block for what this problem asks.
template <Real T>
Plan plan_of(const AttentionSpec& spec, Index sketch_size, const HeadProblem<T>& problem);

}  // namespace prodigest::attention
