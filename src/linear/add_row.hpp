#pragma once
// The inner loop of sketches: a row of the sketch plus a multiple of a row of the matrix.

#include "prodigest/base/matrix.hpp"

namespace prodigest::linear {

/// to[j] += factor * row[j], in double, product and sum rounded one after the other, so that the
/// bits are the same for every instruction set.  @shape to, row: [size]
void add_row(const double* row, Index size, double factor, double* to);
void add_row(const float* row, Index size, double factor, double* to);

}  // namespace prodigest::linear
