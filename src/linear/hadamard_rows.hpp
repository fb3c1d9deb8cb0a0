#pragma once
// Which rows of the Hadamard matrix a subsampled transform keeps.

#include <vector>

#include "prodigest/linear/linear_spec.hpp"

namespace prodigest::linear {

/// `size` distinct numbers below `length`, ascending; every set is equally likely. Floyd's
/// algorithm (Bentley, Floyd, "A sample of brilliance", CACM 1987): for t = length - size, ...,
/// length - 1 take bounded(w, t + 1), or t itself if that was taken before; w is the first word of
/// block 0 of row t of Domain::kHadamardRow.
std::vector<RowId> hadamard_rows(const LinearSpec& spec);

}  // namespace prodigest::linear
