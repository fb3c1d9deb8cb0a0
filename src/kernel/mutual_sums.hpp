#pragma once
// The exact product where queries are keys and x is one column: each pair is evaluated once.

#include "kernel/points.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::kernel {

/// sums = K weights.
/// @param weights [n], and zeros up to a multiple of kLanes
/// @guarantee the same bits for any number of threads  @throws Error{kCancelled}
std::vector<double> mutual_sums(const CentredPoints& points, const float* weights,
                                const Context& context);

}  // namespace prodigest::kernel
