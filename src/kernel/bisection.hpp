#pragma once
// An order of points in which near ones are near: each half of it is halved again, by 2-means.

#include <cstdint>
#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::kernel {

/// The rows of `points`, ordered. Parts of at most `leaf` points are not divided.
/// @param points fewer than 2^31, as listed_rows.hpp wants them
/// @complexity O(n d log(n / leaf)); the same order for any number of threads
std::vector<std::int32_t> bisection_order(MatrixView<const float> points, Index leaf, Seed seed,
                                          const Context& context);

}  // namespace prodigest::kernel
