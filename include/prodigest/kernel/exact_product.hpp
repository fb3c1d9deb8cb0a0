#pragma once
/// Products with the Gaussian kernel matrix, every pair evaluated.

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::kernel {

/// y = K x, K(i, j) = exp(-||q_i - k_j||² / (2 bandwidth²)), without holding K.
/// @shape queries: n_q x d, keys: n x d, x: n x m, y: n_q x m, overwritten; the same view twice
/// means that queries are keys
/// @param bandwidth in the unit of the points
/// @guarantee points are centred and their coordinates rounded to float once; of such points kernel
/// values have a relative error of about 1e-6 (1 - log2(K) / 10), also where they are many
/// bandwidths from their mean; below 2^-126 they are 0. Sums over blocks of keys are in double. The
/// same bits for any number of threads.
/// @complexity n_q n (d + m) multiply-adds, half of them where queries are keys and m = 1; memory
/// O((n_q + n) (d + m))
/// @throws Error{kInvalidArgument} on shapes that do not fit, a bandwidth that is not positive and
/// finite, NaN or infinity; Error{kCancelled}
void exact_product(MatrixView<const float> queries, MatrixView<const float> keys, double bandwidth,
                   MatrixView<const double> x, MatrixView<double> y, const Context& context = {});

}  // namespace prodigest::kernel
