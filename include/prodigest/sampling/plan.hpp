#pragma once
/// How large samples must be.

#include "prodigest/base/types.hpp"

namespace prodigest::sampling {

/// The least size k of priority samples with P(||W - AᵀB||_F > epsilon ||A||_F ||B||_F) <= delta
/// whatever A and B are: 1 + ceil(sides / (delta epsilon²)), Theorem 2. Threshold samples need one
/// row less. The typical error is smaller: plan for it with expected_size.
/// @param sides 2 if both matrices are sampled, 1 if one is at hand in full
/// @throws Error{kInvalidArgument} unless epsilon > 0 and 0 < delta < 1 and sides is 1 or 2
Index plan(double epsilon, double delta, int sides = 2);

/// The least size with E||W - AᵀB||²_F <= epsilon² ||A||² ||B||²: 1 + ceil(sides / epsilon²).
Index expected_size(double epsilon, int sides = 2);

}  // namespace prodigest::sampling
