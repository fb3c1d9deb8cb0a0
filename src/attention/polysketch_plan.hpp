#pragma once
// How a head of polysketch attention is worked through.

#include <algorithm>

#include "attention/head_problem.hpp"
#include "attention/power_weights.hpp"

namespace prodigest::attention {

inline constexpr Index kTile = 64;  // tokens that the kernels take at a time

struct Plan {
  Index head_dim = 0, size = 0, value_dim = 0;
  /// Keys are weighed one by one within so many tokens: local_block, or a tile, or all there are
  /// where that is less work than sums are.
  Index block = 0;
  Index local_block = 0;  ///< of the spec
  /// Coordinates of a key that are kept while its block is open: head_dim if local weights are of
  /// keys and not of their sketches.
  Index kept = 0;
  int local_power = 2;

  /// Most tokens of a tile that begins at token `at` of a block: none is in two local blocks.
  Index tile(Index at) const {
    const Index most = local_block > 0 ? local_block : block;
    return std::min(kTile, most - at % most);
  }
  /// body(key, count, local) for tiles of the first `seen` keys of a block; local: of the local
  /// block of query `at`, after which no key is seen.
  template <class Body>
  void for_tiles(Index at, Index seen, const Body& body) const {
    const Index begin = local_block > 0 ? at - at % local_block : seen;
    for (Index key = 0, count = 0; key < seen; key += count) {
      const bool local = key >= begin;
      count = std::min(kTile, (local ? seen : begin) - key);
      body(key, count, local);
    }
  }
  /// Whether weights are of keys and not of their sketches.
  bool is_exact(bool local) const { return local && kept > 0; }
  PowerWeights weights(bool local, double gain, Index visible) const {
    return {local ? local_power : 2, local ? 1.0 : gain, visible};
  }
};

Plan plan_of(const AttentionSpec& spec, Index head_dim, Index sketch_size, Index value_dim);

/// With a block for what this problem asks.
template <Real T>
Plan plan_of(const AttentionSpec& spec, Index sketch_size, const HeadProblem<T>& problem);

}  // namespace prodigest::attention
