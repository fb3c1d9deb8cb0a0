#pragma once
// The product itself, for comparison: reads both matrices whole.

#include "input.hpp"
#include "prodigest/base/matrix.hpp"
#include "prodigest/sampling/row_sample.hpp"
#include "session.hpp"

namespace prodigest::cli {

struct ExactProduct {
  Matrix<double> value;
  double norm_a, norm_b;
};

/// A matrix file in memory: the sample that keeps every row, zero rows too, and meets samples of
/// this seed.
sampling::RowSample whole_matrix(Input input, const Session& session, Seed seed = {});

/// AᵀB of two whole matrices: the estimate from samples that keep every row is the product.
ExactProduct exact_product(const sampling::RowSample& a, const sampling::RowSample& b, const Session& session);

/// AᵀB of two matrix files, rows met by id.  Memory: both matrices
ExactProduct exact_product(Input a, Input b, const Session& session);

/// ||a - b||_F
double frobenius_distance(const Matrix<double>& a, const Matrix<double>& b);

}  // namespace prodigest::cli
