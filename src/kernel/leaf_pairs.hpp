#pragma once
// All pairs of the leaves of a partition.

#include "kernel/listed_rows.hpp"
#include "kernel/near_keys.hpp"
#include "kernel/near_list.hpp"
#include "kernel/partition.hpp"

namespace prodigest::kernel {

/// Queries and keys of the same scale, both permuted so that a leaf has a range of either.
struct LeafPairs {
  const CentredPoints& queries;
  const CentredPoints& keys;
  RowList query_list{}, key_list{};  ///< each query at most once, each key once
  std::vector<Leaf> leaves{};
  Index dim = 0;
};

/// Adds keys of its leaf to the list of each query, and keeps the lists.near with the largest
/// values. Lists are in no order.
/// @complexity O(pairs dim); the same for any number of threads where no two leaves share a query
void add_leaf_pairs(const LeafPairs& pairs, NearLimits limits, NearKeys& lists,
                    const Context& context);

}  // namespace prodigest::kernel
