#pragma once
// The exact product of points that are centred already.

#include "kernel/points.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::kernel {

/// y = K x, every pair evaluated, as exact_product() has it.
/// @shape x: n x m, finite, y: n_q x m, overwritten
/// @throws Error{kCancelled}
void multiply_exactly(const CentredPair& points, MatrixView<const double> x, MatrixView<double> y,
                      const Context& context);
/// The same of points that were centred together.
void multiply_exactly(const CentredPoints& queries, const CentredPoints& keys,
                      MatrixView<const double> x, MatrixView<double> y, const Context& context);

}  // namespace prodigest::kernel
