#pragma once
// Products of decoded columns, in rotated coordinates, scales and gains as they are stored.

#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

/// <x̂_i, ŷ_j> of all pairs of columns: in int8 arithmetic if both decode to int8, else in double.
/// @shape -> d x m
Matrix<double> decoded_product(const LatticeCodes& a, const LatticeCodes& b,
                               const Context& context);

/// <x̂_i, y_j> with the y_j at hand.  @shape b: size x m -> d x m
Matrix<double> decoded_product(const LatticeCodes& a, MatrixView<const double> b,
                               const Context& context);

/// <x̂_i, coordinates of a column of ones>.  @shape -> [d]
std::vector<double> decoded_sums(const LatticeCodes& a, const Context& context);

}  // namespace prodigest::lattice
