#pragma once
/// Sums and differences of sketches.

#include <span>

#include "prodigest/linear/linear_sketch.hpp"

namespace prodigest::linear {

/// The sketch of all rows of the parts, up to rounding that of one pass. With rows=whole the parts
/// must have no row in common (nobody can check that; ||A||_F would be wrong); with rows=parts they
/// may.
/// @throws Error{kInvalidArgument} if there is no part, Error{kIncompatible} if specs, columns or
/// schemas differ
LinearSketch merge(std::span<const LinearSketch> parts);
LinearSketch merge(const LinearSketch& a, const LinearSketch& b);

/// Sketches of A + B and A - B, where rows of one id are added; the result has rows=parts.
/// @throws Error{kIncompatible} as merge, but for rows= which may differ
LinearSketch add(const LinearSketch& a, const LinearSketch& b);
LinearSketch subtract(const LinearSketch& a, const LinearSketch& b);

}  // namespace prodigest::linear
