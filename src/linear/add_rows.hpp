#pragma once
// The inner loop of sketches: a row of the sketch plus or minus rows of the matrix.

#include <cstddef>
#include <cstdint>
#include <span>

#include "prodigest/base/matrix.hpp"

namespace prodigest::linear {

/// A row of the matrix on its way into a row of the sketch.
struct Placement {
  std::uint32_t sketch_row = 0;
  std::uint32_t row = 0;
  double factor = 1;
};

/// to[j] = (to[j] + factor_1 * row_1[j]) + factor_2 * row_2[j] + ..., in double and in the order of
/// the placements, with the same bits for every instruction set.
/// @shape to: [rows.cols]
void add_rows(MatrixView<const double> rows, std::span<const Placement> placements, double* to);
void add_rows(MatrixView<const float> rows, std::span<const Placement> placements, double* to);

}  // namespace prodigest::linear
