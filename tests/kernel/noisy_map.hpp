#pragma once
// Maps of a matrix in memory: exact ones, and ones that err by what they say.

#include <cmath>
#include <memory>

#include "kernel/gaussian_rows.hpp"
#include "kernel/row_major.hpp"
#include "prodigest/kernel/linear_map.hpp"

namespace prodigest::kernel {

inline RowMajor eigen_of(MatrixView<const double> x) {
  RowMajor made(x.rows, x.cols);
  for (Index i = 0; i < x.rows; ++i)
    for (Index j = 0; j < x.cols; ++j) made(i, j) = x(i, j);
  return made;
}

/// y = K x + e, ||e|| = epsilon ||x|| about, other errors for every call.
inline LinearMap noisy_map(const Matrix<double>& kernel, double epsilon, Index* columns = nullptr) {
  const auto held = std::make_shared<const RowMajor>(eigen_of(kernel));
  return {kernel.rows, [=](MatrixView<const double> x, MatrixView<double> y, std::uint64_t call) {
            const RowMajor in = eigen_of(x);
            RowMajor out = *held * in;
            const auto n = static_cast<double>(in.rows());
            if (epsilon > 0) {
              const Matrix<double> errors = normal_points<double>(7000 + call, x.rows, x.cols);
              for (Index c = 0; c < x.cols; ++c)
                out.col(c) += epsilon * in.col(c).norm() / std::sqrt(n) * eigen_of(errors).col(c);
            }
            for (Index i = 0; i < y.rows; ++i)
              for (Index c = 0; c < y.cols; ++c) y(i, c) = out(i, c);
            if (columns != nullptr) *columns += x.cols;
          }};
}

}  // namespace prodigest::kernel
