#pragma once
/// From a matrix, in a file or in memory, to its sample in one call; weights that need a pass of
/// their own get one.

#include <span>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/core/schema.hpp"
#include "prodigest/io/row_reader.hpp"
#include "prodigest/sampling/row_sample.hpp"

namespace prodigest::sampling {

/// Samples all rows that the reader has left. Leverage weights and a mixture without mean take a
/// first pass to find the Gram matrix or the mean; the mean is then part of the sample's spec.
/// @throws Error as RowSampler and the reader do; for weight=user (give weights to RowSampler)
RowSample sample_rows(io::RowReader& reader, const SampleSpec& spec, const Schema& schema = {},
                      const Context& context = {});

/// The same for a matrix in memory; rows are numbered 0, 1, 2... if row_ids is empty.
/// @shape a: n x d, row_ids: [n] or empty
RowSample sample_rows(const RowsView& a, const SampleSpec& spec, std::span<const RowId> row_ids = {},
                      const Schema& schema = {}, const Context& context = {});

}  // namespace prodigest::sampling
