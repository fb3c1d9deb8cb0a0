#pragma once
// What lattice codes err by.

#include "prodigest/compare/statistics.hpp"
#include "prodigest/lattice/lattice_spec.hpp"

namespace prodigest::compare {

/// sqrt(E||W - AᵀB||²) / (||A|| ||B||) of products of codes; NaN without a rotation, whose codes err
/// as their columns happen to be, and for gain=plain.
/// @pre pair.same_rows
double code_error(const PairStatistics& pair, const lattice::LatticeSpec& spec);

}  // namespace prodigest::compare
