#pragma once
// Squared norms of rows with the same bits for dense and CSR input, every instruction set and the
// numpy reference.
//
// The order of the sum is fixed: the row's non-zero entries in column order, squared in double, are
// dealt to eight lanes like cards; each lane adds in order; the lanes are added as
// ((l0+l4)+(l2+l6)) + ((l1+l5)+(l3+l7)). No multiply-add is fused.

#include <span>

#include "prodigest/base/matrix.hpp"

namespace prodigest {

/// @shape out: [block.rows]  @complexity one read of the values; column numbers are not read
void squared_norms(const RowsView& block, std::span<double> out);

}  // namespace prodigest
