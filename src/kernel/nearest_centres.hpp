#pragma once
// Which of many centres a point is nearest to, nearly always.

#include <cstdint>
#include <span>

#include "core/aligned_matrix.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::kernel {

/// nearest[i] is the centre nearest to point i. Of more than 1024 centres only those are tried that
/// lie in the four nearest groups of 32 neighbours by number, or in the group of nearest[i] as
/// given, so neighbours by number should be near.
/// @param nearest in: centres, or -1; out
void nearest_centres(MatrixView<const float> points, MatrixView<const float> centres,
                     std::span<std::int32_t> nearest, const Context& context);

}  // namespace prodigest::kernel
