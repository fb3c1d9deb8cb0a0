#pragma once
// Points in small parts of near ones, by a random tree of planes.

#include <cstdint>
#include <vector>

#include "kernel/points.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::kernel {

inline constexpr Index kLeafKeys = 128;  // of a leaf, at most

struct Leaf {
  Index first_key = 0, keys = 0;  // keys >= 1
  Index first_query = 0, queries = 0;
};

struct Partition {
  std::vector<std::int32_t> keys{};     ///< [n], leaf after leaf
  std::vector<std::int32_t> queries{};  ///< [n_q]; empty if queries are keys, then read `keys`
  std::vector<Leaf> leaves{};

  const std::vector<std::int32_t>& of_queries() const { return queries.empty() ? keys : queries; }
};

/// Independent partitions. Planes are made for the keys; queries, which may lie elsewhere
/// altogether, are cut at the same quantile of their products with the direction of a plane.
/// @complexity O(trees (n + n_q) d log n); the same for any number of threads
std::vector<Partition> find_partitions(const CentredPair& points, Index trees, Seed seed,
                                       const Context& context);

}  // namespace prodigest::kernel
