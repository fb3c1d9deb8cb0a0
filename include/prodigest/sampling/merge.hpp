#pragma once
/// Samples of parts of a matrix into the sample of the whole; large samples into small ones.

#include <span>

#include "prodigest/sampling/row_sample.hpp"

namespace prodigest::sampling {

/// The sample of all rows of the parts: bit for bit the sample that one pass over all of them makes,
/// in any order and any grouping. Of different sizes the smallest is taken. No part: an error.
/// @complexity O(total kept entries + total kept rows * log)
/// @throws Error{kIncompatible} on different seeds, methods, weights, columns, value types or totals,
/// on leverage weights (they belong to the whole matrix), and if two parts share a row
RowSample merge(std::span<const RowSample> parts);
RowSample merge(const RowSample& a, const RowSample& b);

/// The sample of the same matrix with a smaller size, as if it had been made so.
/// @throws Error{kInvalidArgument} if size is larger than the sample's or too small for its method
RowSample truncate(const RowSample& sample, Index size);

}  // namespace prodigest::sampling
