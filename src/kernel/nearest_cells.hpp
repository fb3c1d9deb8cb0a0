#pragma once
// Each query together with the cells of keys nearest to it: what planes that are made for keys alone
// often fail to find where queries lie elsewhere.

#include <vector>

#include "kernel/cell_distances.hpp"
#include "kernel/partition.hpp"

namespace prodigest::kernel {

/// Partitions in which a query is with the keys of its nearest cell, of its second nearest and so
/// on, as far as cells have at most kLeafKeys keys; larger ones take several.
/// @complexity O(n_q d) and a product of the centres of cells
std::vector<Partition> partitions_by_cells(const CentredPair& points, const Cells& queries,
                                           const Cells& keys, const CellDistances& distances,
                                           int ranks, const Context& context);

}  // namespace prodigest::kernel
