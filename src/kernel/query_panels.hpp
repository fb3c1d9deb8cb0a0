#pragma once
// Queries packed for the tile, group after group.

#include <tbb/cache_aligned_allocator.h>

#include <algorithm>
#include <span>
#include <vector>

#include "kernel/kernel_tile.hpp"
#include "kernel/points.hpp"

namespace prodigest::kernel {

class QueryPanels {
 public:
  QueryPanels() = default;
  /// @param members rows of `points`, group after group
  /// @param starts [groups + 1] into members
  QueryPanels(const CentredPoints& points, std::span<const Index> members,
              std::span<const Index> starts);

  Index groups() const { return static_cast<Index>(first_vectors_.size()) - 1; }
  /// The members of a group and up to 15 more.
  Index lanes(Index group) const {
    return kLanes * (first_vectors_[group + 1] - first_vectors_[group]);
  }
  /// body(panel, its first lane in the group).
  template <class Body>
  void for_panels(Index group, const Body& body) const {
    const Index first = first_vectors_[group], end = first_vectors_[group + 1];
    for (Index v = first; v < end; v += kMostVectors)
      body(panel(v, std::min<Index>(kMostVectors, end - v)), kLanes * (v - first));
  }

 private:
  QueryPanel panel(Index vector, Index vectors) const {
    return {points_.data() + vector * kLanes * dim_, offsets_.data() + vector * kLanes,
            static_cast<int>(vectors)};
  }

  using Aligned = std::vector<float, tbb::cache_aligned_allocator<float>>;
  Aligned points_{}, offsets_{};
  std::vector<Index> first_vectors_{0};  // of groups
  Index dim_ = 0;
};

}  // namespace prodigest::kernel
