#pragma once
// What two sketches must have in common. `where` begins the message.

#include "prodigest/linear/linear_sketch.hpp"

namespace prodigest::linear {

/// Refuses sketches that were not made with one random matrix S: their seeds and operators differ.
/// How rows came and whether values are floats is of no matter.
void check_same_projection(const char* where, const LinearSketch& a, const LinearSketch& b);

/// Refuses sketches whose columns are not those of one matrix.
void check_same_columns(const char* where, const LinearSketch& a, const LinearSketch& b);

}  // namespace prodigest::linear
