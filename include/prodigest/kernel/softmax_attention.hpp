#pragma once
/// Softmax attention as a Gaussian kernel product.

#include <vector>

#include "prodigest/kernel/gaussian_operator.hpp"

namespace prodigest::kernel {

/// exp(<q, k> scale) = exp(row_logs[q]) K(q', k') for points of one coordinate more: k' = (k -
/// mean, sqrt(M - ||k - mean||²)), q' = (q, 0), M the largest squared norm; bandwidth = scale^-1/2.
/// @source Lemma 4.1 of the paper, corrected: the augmentation of inner products to distances
struct SoftmaxReduction {
  Matrix<float> queries, keys;   ///< n x (d + 1)
  std::vector<double> row_logs;  ///< [n_q]; their exponentials may overflow: subtract, do not form
  double bandwidth = 1;
};
/// @param scale 0: d^-1/2
/// @throws Error{kInvalidArgument}
SoftmaxReduction reduce_softmax(MatrixView<const float> queries, MatrixView<const float> keys,
                                double scale = 0);

struct SoftmaxReport {
  ProductReport product;  ///< with target row_relative: errors are of D⁻¹ K
  double largest_kernel_log2 =
      0;  ///< log2 of the largest row sum: below about -126 floats hold none
};
/// out ≈ softmax(Q Kᵀ scale) V, not causal: values and row sums from one product.
/// @shape queries: n_q x d, keys: n x d, values: n x d_v, out: n_q x d_v
/// @param spec epsilon, failure and what an operator is made of; bandwidth and target are set here
/// @throws Error{kInvalidArgument}; Error{kUnsupported} where row sums are too small for float even
/// after the reduction, naming the remedy
SoftmaxReport softmax_attention(MatrixView<const float> queries, MatrixView<const float> keys,
                                MatrixView<const float> values, GaussianSpec spec,
                                MatrixView<float> out, double scale = 0,
                                const Context& context = {});

}  // namespace prodigest::kernel
