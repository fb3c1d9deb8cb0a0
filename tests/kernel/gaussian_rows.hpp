#pragma once
// Random points and kernel matrices in double, the plain way.

#include <cmath>
#include <cstdint>
#include <span>

#include "core/draws.hpp"
#include "prodigest/base/matrix.hpp"

namespace prodigest::kernel {

template <Real T>
Matrix<T> normal_points(std::uint64_t seed, Index rows, Index cols, double scale = 1) {
  Matrix<T> points(rows, cols);
  std::vector<double> row(cols);
  for (Index i = 0; i < rows; ++i) {
    random_normals(Seed{seed}, static_cast<RowId>(i), row);
    for (Index c = 0; c < cols; ++c) points(i, c) = static_cast<T>(scale * row[c]);
  }
  return points;
}

/// Clusters of `size` points each, far from one another; within one kernels of bandwidth 1 are
/// about 0.15.
inline Matrix<float> clustered_points(std::uint64_t seed, Index rows, Index cols, Index size) {
  const Matrix<double> centres = normal_points<double>(seed + 1000, rows / size + 1, cols, 2);
  Matrix<float> points = normal_points<float>(
      seed, rows, cols, std::sqrt(-std::log(0.15) / static_cast<double>(cols)));
  for (Index i = 0; i < rows; ++i)
    for (Index c = 0; c < cols; ++c) points(i, c) += static_cast<float>(centres(i / size, c));
  return points;
}

template <Real T>
Matrix<double> gaussian_matrix(const Matrix<T>& queries, const Matrix<T>& keys, double bandwidth) {
  Matrix<double> made(queries.rows, keys.rows);
  for (Index i = 0; i < queries.rows; ++i)
    for (Index j = 0; j < keys.rows; ++j) {
      double squares = 0;
      for (Index c = 0; c < keys.cols; ++c) {
        const double by = static_cast<double>(queries(i, c)) - static_cast<double>(keys(j, c));
        squares += by * by;
      }
      made(i, j) = std::exp(-squares / (2 * bandwidth * bandwidth));
    }
  return made;
}

}  // namespace prodigest::kernel
