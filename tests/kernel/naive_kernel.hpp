#pragma once
// The Gaussian kernel by its definition, in double, and points to try it on.

#include <cmath>
#include <vector>

#include "core/draws.hpp"
#include "prodigest/base/matrix.hpp"

namespace prodigest::kernel {

inline double naive_kernel(MatrixView<const float> queries, Index i, MatrixView<const float> keys,
                           Index j, double bandwidth) {
  double squares = 0;
  for (Index c = 0; c < keys.cols; ++c) {
    const double apart = (double{queries(i, c)} - double{keys(j, c)}) / bandwidth;
    squares += apart * apart;
  }
  return std::exp(-squares / 2);
}

/// products: K x; sums: K |x|, what rounding errors are relative to.
struct NaiveProduct {
  Matrix<double> products, sums;
};
inline NaiveProduct naive_product(MatrixView<const float> queries, MatrixView<const float> keys,
                                  double bandwidth, MatrixView<const double> x) {
  NaiveProduct out{{queries.rows, x.cols}, {queries.rows, x.cols}};
  for (Index i = 0; i < queries.rows; ++i)
    for (Index j = 0; j < keys.rows; ++j) {
      const double value = naive_kernel(queries, i, keys, j, bandwidth);
      for (Index c = 0; c < x.cols; ++c) {
        out.products(i, c) += value * x(j, c);
        out.sums(i, c) += value * std::abs(x(j, c));
      }
    }
  return out;
}

inline Matrix<double> normal_matrix(Index rows, Index cols, std::uint64_t seed) {
  Matrix<double> out(rows, cols);
  random_normals(Seed{seed}, 0, out.storage);
  return out;
}

/// Normal points whose differences have norm sqrt(2) or so.
inline Matrix<float> normal_points(Index rows, Index dim, std::uint64_t seed) {
  Matrix<float> out(rows, dim);
  const Matrix<double> numbers = normal_matrix(rows, dim, seed);
  for (std::size_t i = 0; i < out.storage.size(); ++i)
    out.storage[i] = static_cast<float>(numbers.storage[i] / std::sqrt(static_cast<double>(dim)));
  return out;
}

/// The same in clusters, `apart` or so from each other in each coordinate.
inline Matrix<float> clustered_points(Index rows, Index dim, double apart, std::uint64_t seed) {
  Matrix<float> out = normal_points(rows, dim, seed);
  const Matrix<double> centres = normal_matrix(7, dim, 99);
  for (Index i = 0; i < rows; ++i)
    for (Index c = 0; c < dim; ++c)
      out(i, c) = static_cast<float>(double{out(i, c)} + apart * centres(i % 7, c));
  return out;
}

}  // namespace prodigest::kernel
