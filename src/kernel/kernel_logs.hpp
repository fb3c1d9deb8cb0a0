#pragma once
// Kernel matrices in double, by their logarithms.

#include "prodigest/kernel/diagnose.hpp"

namespace prodigest::kernel {

/// log K(i, j) = -||q_i - k_j||² / (2 bandwidth²), or of points that the paper's reduction makes of
/// queries and keys of attention, scale (<q_i, k_j> - (||q_i||² + max ||k||²) / 2).
/// @complexity O(n_q n d)
Matrix<double> kernel_logs(MatrixView<const float> queries, MatrixView<const float> keys,
                           const DiagnoseOptions& options, const Context& context);

}  // namespace prodigest::kernel
