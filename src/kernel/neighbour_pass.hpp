#pragma once
// Neighbours of neighbours, which repair what all partitions cut apart.

#include "kernel/listed_rows.hpp"
#include "kernel/near_keys.hpp"
#include "kernel/near_list.hpp"

namespace prodigest::kernel {

/// For each key some of those nearest to it.
struct KeyGraph {
  Index most = 0;                       ///< room for each key
  std::vector<std::int32_t> counts{};   ///< [n]
  std::vector<std::int32_t> targets{};  ///< [n x most]
};

/// @param lists of the keys as queries
KeyGraph find_key_graph(const NearKeys& lists, const Context& context);

/// Adds to the list of each query the targets of its best keys, keeps the lists.near with the
/// largest values, and puts each list in the order of its keys.
/// @param order of the queries: those next to each other should be near
void expand_lists(const CentredPair& points, const KeyGraph& graph, RowList order,
                  NearLimits limits, NearKeys& lists, const Context& context);

}  // namespace prodigest::kernel
