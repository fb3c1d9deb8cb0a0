#pragma once
/// Products with the Gaussian kernel matrix, every pair evaluated.

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::kernel {

/// y = K x, K(i, j) = exp(-||q_i - k_j||² / (2 bandwidth²)), without holding K.
/// @shape queries: n_q x d, keys: n x d, x: n x m, y: n_q x m, overwritten; the same view twice
/// means that queries are keys
/// @param bandwidth in the unit of the points
/// @guarantee points are centred; kernel values have a relative error of about 1e-6 (float), also
/// where points are many bandwidths from their mean; sums over blocks of keys are in double
/// @complexity n_q n (d + m) multiply-adds; memory O((n_q + n) d)
/// @throws Error{kInvalidArgument} on shapes that do not fit, a bandwidth that is not positive and
/// finite, NaN or infinity; Error{kCancelled}
void exact_product(MatrixView<const float> queries, MatrixView<const float> keys, double bandwidth,
                   MatrixView<const double> x, MatrixView<double> y, const Context& context = {});

}  // namespace prodigest::kernel
