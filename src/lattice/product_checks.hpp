#pragma once
// What two sets of codes must have in common before they are multiplied.

#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

/// @throws Error{kIncompatible} on different seeds, rotations, sizes, numbers of rows or row sets
void check_multipliable(const LatticeCodes& a, const LatticeCodes& b);

/// @throws Error{kInvalidArgument} unless B has as many rows as A, CSR columns that ascend
void check_rows_at_hand(const LatticeCodes& a, const RowsView& b);

}  // namespace prodigest::lattice
