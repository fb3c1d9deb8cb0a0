#pragma once
// Walsh-Hadamard transforms in Sylvester order, not normalised: x <- H x with
// H(i, j) = (-1)^popcount(i & j).
//
// The order of additions is fixed: rows 1 apart are added and subtracted first, then rows 2 apart,
// 4 apart and so on. However many of these steps are taken in one pass, every sum is rounded as if
// they were taken one by one, so the bits are the same for every instruction set and thread count.

#include <span>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest {

/// @throws Error{kInvalidArgument} unless x.size() is a power of two
/// @complexity n log2 n additions, in place
void hadamard(std::span<float> x);
void hadamard(std::span<double> x);

/// Transforms every column of a panel; a column has the bits that hadamard() would give it. Only
/// context.threads and context.cancel are used. After a throw the panel is half transformed.
/// @shape panel: [2^p, d]
/// @throws Error{kInvalidArgument} unless panel.rows is a power of two; Error{kCancelled}
/// @complexity d 2^p p additions; memory is read and written once for p <= 9, else twice
void hadamard_columns(MatrixView<float> panel, const Context& context);
void hadamard_columns(MatrixView<double> panel, const Context& context);

}  // namespace prodigest
