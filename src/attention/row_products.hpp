#pragma once
// Products of rows with a few others: where multiply_block would leave most of a vector empty.

#include "prodigest/base/matrix.hpp"

namespace prodigest::attention {

/// out = a bᵀ.  @shape a: n x d, b: m x d, of aligned matrices with zeros beyond column d; out: n x
/// m
void multiply_rows(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> out);
void multiply_rows(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> out);

}  // namespace prodigest::attention
