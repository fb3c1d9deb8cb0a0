#pragma once
// Matrices as Eigen sees them.

#include <Eigen/Core>

#include "prodigest/base/matrix.hpp"

namespace prodigest::kernel {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline MatrixView<double> view_of(RowMajor& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}
inline MatrixView<const double> view_of(const RowMajor& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}

/// An orthonormal basis that spans the columns, of as many.
RowMajor orthonormal_basis(const RowMajor& columns);

}  // namespace prodigest::kernel
