#pragma once
// Points as kernel_tile.hpp wants them.

#include <vector>

#include "core/aligned_matrix.hpp"

namespace prodigest::kernel {

/// Minus the mean of the keys, which changes no kernel value and keeps floats exact.
struct CentredPoints {
  AlignedMatrix<float> rows{};   ///< n x d
  std::vector<float> offsets{};  ///< [n], -log2(e) ||row||² / (2 bandwidth²)
};

struct CentredPair {
  CentredPoints queries{}, keys{};  ///< queries is empty if queries are keys
  bool same = false;
  Index dim = 0;
  float query_scale = 0;  ///< log2(e) / bandwidth²: what a tile's queries are multiplied by

  const CentredPoints& of_queries() const { return same ? keys : queries; }
};

/// @throws Error{kInvalidArgument} on widths that differ, no keys, a bandwidth that is not positive
/// and finite, NaN or infinity (named by row and column)
CentredPair centre_points(MatrixView<const float> queries, MatrixView<const float> keys,
                          double bandwidth);

}  // namespace prodigest::kernel
