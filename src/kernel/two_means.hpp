#pragma once
// A plane between two groups of points.

#include <vector>

#include "kernel/listed_rows.hpp"

namespace prodigest::kernel {

/// Points with <point, direction> > threshold are on the far side.
struct Plane {
  std::vector<float> direction{};  ///< [rows.row_stride], zeros at the end
  float threshold = 0;
};

/// The plane of a few steps of 2-means on the points of `sample`, begun with the first of it and
/// the one farthest from that. What becomes of it if all points are equal: direction 0.
void find_plane(MatrixView<const float> rows, RowList sample, Plane& plane);

}  // namespace prodigest::kernel
