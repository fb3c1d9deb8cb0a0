#pragma once
// A plane between two groups of points.

#include <cstdint>
#include <span>
#include <vector>

#include "kernel/points.hpp"

namespace prodigest::kernel {

/// Points with <point, direction> > threshold are on the far side.
struct Plane {
  std::vector<float> direction{};  ///< [rows.row_stride], zeros at the end
  float threshold = 0;
};

/// The plane of a few steps of 2-means on the points of `sample`, begun with the first of it and the
/// one farthest from that. What becomes of it if all points are equal: direction 0.
/// @param query_scale of the pair that the points are from
void find_plane(const CentredPoints& points, float query_scale,
                std::span<const std::int32_t> sample, Plane& plane);

}  // namespace prodigest::kernel
