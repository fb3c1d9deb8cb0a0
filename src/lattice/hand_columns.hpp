#pragma once
// The columns of a matrix at hand, made ready to be multiplied with codes.

#include <vector>

#include "prodigest/core/context.hpp"
#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

/// How what is at hand is rounded before it meets codes of this spec: to int8, in the same
/// rotation.
LatticeSpec spec_at_hand(LatticeSpec spec);

/// B as codes of format I8 that can be multiplied with A: rows in the order of A's.
/// @throws Error{kInvalidArgument} as LatticeEncoder::append
LatticeCodes codes_at_hand(const LatticeCodes& a, const RowsView& b, const Context& context);

/// B in double, its means taken out if A's were.
struct HandColumns {
  Matrix<double> values;             ///< n x m
  std::vector<double> squared_norm;  ///< [m], of the values
  std::vector<double> mean;          ///< [m] or empty
};
HandColumns columns_at_hand(const LatticeCodes& a, const RowsView& b);

}  // namespace prodigest::lattice
