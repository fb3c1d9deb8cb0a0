#pragma once
// Points as kernel_tile.hpp wants them.

#include <vector>

#include "core/aligned_matrix.hpp"

namespace prodigest::kernel {

/// Minus the mean of the keys, which changes no kernel value and keeps floats exact, times a scale
/// such that K(q, k) = 2^(-||q - k||² / 2).
struct CentredPoints {
  AlignedMatrix<float> rows{};   ///< n x d
  std::vector<float> offsets{};  ///< [n], -||row||² / 2
};

struct CentredPair {
  CentredPoints queries{}, keys{};  ///< queries is empty if queries are keys
  bool same = false;
  Index dim = 0;
  double scale = 0;  ///< sqrt(log2(e)) / bandwidth; less where that would be more than floats hold

  const CentredPoints& of_queries() const { return same ? keys : queries; }
};

/// @guarantee each coordinate is rounded to float once, relative to the mean
/// @throws Error{kInvalidArgument} on widths that differ or are 0, no keys, a bandwidth that is not
/// positive and finite, NaN or infinity (named by row and column)
CentredPair centre_points(MatrixView<const float> queries, MatrixView<const float> keys,
                          double bandwidth);

}  // namespace prodigest::kernel
