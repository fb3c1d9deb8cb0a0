#pragma once
// The bands of rows into which a sparse embedding divides its sketch: every row of the matrix goes
// to one row of each.

#include "prodigest/linear/linear_spec.hpp"

namespace prodigest::linear {

/// First sketch row of band j; that of band `nonzeros` is size. Sizes differ by one at most.
inline Index band_begin(const LinearSpec& spec, Index j) { return j * spec.size / spec.nonzeros; }

}  // namespace prodigest::linear
