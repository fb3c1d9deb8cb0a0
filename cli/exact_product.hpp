#pragma once
// The product itself, for comparison: reads both matrices whole.

#include "input.hpp"
#include "prodigest/base/matrix.hpp"
#include "session.hpp"

namespace prodigest::cli {

struct ExactProduct {
  Matrix<double> value;
  double norm_a, norm_b;
};

/// AᵀB of two matrix files, rows met by id.  Memory: both matrices
ExactProduct exact_product(Input a, Input b, const Session& session);

/// ||a - b||_F
double frobenius_distance(const Matrix<double>& a, const Matrix<double>& b);

}  // namespace prodigest::cli
