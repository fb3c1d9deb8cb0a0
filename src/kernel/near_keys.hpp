#pragma once
// The keys whose kernel is largest, for each query, nearly all of them.

#include <cstdint>
#include <span>
#include <vector>

#include "kernel/partition.hpp"
#include "kernel/points.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::kernel {

struct NearOptions {
  Index near = 64;       ///< at most so many for a query
  Index trees = 8;       ///< random partitions whose leaves are evaluated pair by pair
  float least = 1e-12F;  ///< smaller kernel values are not kept,
  float share = 1e-4F;   ///< nor less than this share of the largest that the query has
  Seed seed{};
};

struct NearKeys {
  Index near = 0;                      ///< room for each query
  std::vector<std::int32_t> counts{};  ///< [n_q]
  std::vector<std::int32_t> keys{};    ///< [n_q x near], ascending within a query
  std::vector<float> values{};         ///< [n_q x near], their kernel values
};

/// Random partitions of the points, each leaf evaluated pair by pair; then the keys nearest to
/// those that are nearest to a query. Quicker by a third where points next to each other are near.
/// @param more partitions beside the random ones
/// @complexity O(trees n (leaf d + d log n)); memory O(n (near + d))
/// @guarantee none: what is missed is sampled as if it were far
NearKeys find_near_keys(const CentredPair& points, const NearOptions& options,
                        std::span<const Partition> more, const Context& context);

}  // namespace prodigest::kernel
