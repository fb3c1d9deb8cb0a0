#include "kernel/near_keys.hpp"

#include <algorithm>
#include <limits>

#include "base/fail.hpp"
#include "kernel/leaf_pairs.hpp"
#include "kernel/neighbour_pass.hpp"
#include "kernel/partition.hpp"

namespace prodigest::kernel {
namespace {

NearKeys empty_lists(Index queries, Index near) {
  const auto size = static_cast<std::size_t>(queries * near);
  return {near, std::vector<std::int32_t>(static_cast<std::size_t>(queries)),
          std::vector<std::int32_t>(size), std::vector<float>(size)};
}

// The leaves with their keys for queries.
std::vector<Leaf> among_keys(std::vector<Leaf> leaves) {
  for (Leaf& leaf : leaves) {
    leaf.first_query = leaf.first_key;
    leaf.queries = leaf.keys;
  }
  return leaves;
}

}  // namespace

NearKeys find_near_keys(const CentredPair& points, const NearOptions& options,
                        std::span<const Partition> more, const Context& context) {
  const Index n = points.keys.rows.view().rows;
  const Index n_q = points.of_queries().rows.view().rows;
  constexpr Index kMost = std::numeric_limits<std::int32_t>::max();
  if (n > kMost || n_q > kMost)
    fail(ErrorCode::kInvalidArgument,
         "near keys: at most {} points can be numbered, got {} queries and {} keys", kMost, n_q, n);
  NearKeys found = empty_lists(n_q, std::min(options.near, n));
  if (found.near == 0 || options.trees == 0 || n_q == 0) return found;
  const Context quiet{.threads = context.threads, .cancel = context.cancel};
  constexpr float kAny = std::numeric_limits<float>::min();  // the tile makes smaller ones 0
  const NearLimits limits{std::max(options.least, kAny), options.share};
  const auto partitions = find_partitions(points, options.trees, options.seed, quiet);
  NearKeys of_keys;  // as queries
  if (!points.same) of_keys = empty_lists(n, found.near);
  const auto add = [&](const Partition& partition) {
    add_leaf_pairs({points.of_queries(), points.keys, partition.of_queries(), partition.keys,
                    partition.leaves, points.dim},
                   limits, found, quiet);
  };
  for (const Partition& partition : partitions) {
    if (!points.same)
      add_leaf_pairs({points.keys, points.keys, partition.keys, partition.keys,
                      among_keys(partition.leaves), points.dim},
                     {.least = kAny}, of_keys, quiet);
    add(partition);
  }
  for (const Partition& partition : more) add(partition);
  const KeyGraph graph = find_key_graph(points.same ? found : of_keys, quiet);
  expand_lists(points, graph, partitions[0].of_queries(), limits, found, quiet);
  return found;
}

}  // namespace prodigest::kernel
