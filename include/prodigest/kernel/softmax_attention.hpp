#pragma once
/// Softmax attention as a Gaussian kernel product.

#include <vector>

#include "prodigest/kernel/gaussian_operator.hpp"

namespace prodigest::kernel {

/// exp(<q, k> scale) = exp(row_logs[q]) K(q', k') for points of one coordinate more: k' = (k -
/// mean, sqrt(M - ||k - mean||²)) / s, q' = s (q, 0), M the largest squared norm of k - mean;
/// bandwidth = scale^-1/2. Any s > 0 does; this one makes the smallest row of K as large as it can
/// be.
/// @source Lemma 4.1 of the paper, corrected: the augmentation of inner products to distances
template <Real T>
struct SoftmaxReduction {
  Matrix<T> queries, keys;       ///< n x (d + 1)
  std::vector<double> row_logs;  ///< [n_q]; their exponentials may overflow: subtract, do not form
  double bandwidth = 1;
};
/// T is float or double.
/// @param scale 0: d^-1/2
/// @throws Error{kInvalidArgument} also where norms are so large that floats hold no weights
template <Real T>
SoftmaxReduction<T> reduce_softmax(MatrixView<const T> queries, MatrixView<const T> keys,
                                   double scale = 0);

struct SoftmaxReport {
  ProductReport product;                         ///< errors are of D⁻¹ K V, of ||V - mean||_F
  double least_row_log2 = 0, most_row_log2 = 0;  ///< log2 of row sums of K
};
/// out ≈ softmax(Q Kᵀ scale) V, not causal: values and row sums from one product.
/// @shape queries: n_q x d, keys: n x d, values: n x d_v, out: n_q x d_v
/// @param spec epsilon, failure and what an operator is made of; bandwidth and target are set here
/// @guarantee ||out - softmax(Q Kᵀ scale) V||_F is at most epsilon ||V - mean of V||_F, about,
/// since weights add up to 1; row sums err as much as values do
/// @throws Error{kInvalidArgument}; Error{kUnsupported} where row sums are too small for float even
/// after the reduction, naming the remedy
SoftmaxReport softmax_attention(MatrixView<const float> queries, MatrixView<const float> keys,
                                MatrixView<const float> values, GaussianSpec spec,
                                MatrixView<float> out, double scale = 0,
                                const Context& context = {});

}  // namespace prodigest::kernel
