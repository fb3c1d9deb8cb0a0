#pragma once
/// AᵀB from two linear sketches.

#include "prodigest/core/context.hpp"
#include "prodigest/core/estimate.hpp"
#include "prodigest/linear/linear_sketch.hpp"

namespace prodigest::linear {

/// Unbiased estimate (S A)ᵀ (S B) of AᵀB.
///
/// Its mean squared error is c (||A||²||B||² + ||AᵀB||² - 2 D), where D = sum of ||A_i||²||B_i||²
/// over the rows (0 in place of 2 D for kGaussian) and c = 1/k, for kHadamard (N - k) / (k (N -
/// 1)). `estimated` is an unbiased estimate of it: from the spread of the sketch rows (of the bands
/// of OSNAP) about their mean, for CountSketch from moments. `bound` is by Chebyshev from
/// ||A||²||B||² and the estimate of ||AᵀB||², D taken as 0; `apriori` takes ||AᵀB|| as ||A|| ||B||.
/// With rows=parts the norms are estimated from the sketches, and both are statements on average
/// only.
///
/// @shape a: of n x d, b: of n x m -> d x m
/// @complexity O(size d m), by GEMM
/// @guarantee E||W - AᵀB||² <= 2 / size ||A||² ||B||²
/// @throws Error{kIncompatible} on different operators, sizes or seeds, or keys that cannot meet
ProductEstimate estimate_product(const LinearSketch& a, const LinearSketch& b,
                                 const ProductOptions& options = {}, const Context& context = {});

}  // namespace prodigest::linear
