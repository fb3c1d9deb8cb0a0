#pragma once
/// From a matrix, in a file or in memory, to its linear sketch in one call.

#include <span>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/core/schema.hpp"
#include "prodigest/io/row_reader.hpp"
#include "prodigest/linear/linear_sketch.hpp"

namespace prodigest::linear {

/// Sketches all rows that the reader has left. srht without length takes a first pass that finds
/// the largest row id; the length is then part of the sketch's spec, and the size must not exceed it.
/// @throws Error as LinearSketcher and the reader do
LinearSketch sketch_rows(io::RowReader& reader, const LinearSpec& spec, const Schema& schema = {},
                         const Context& context = {});

/// The same for a matrix in memory; rows are numbered 0, 1, 2... if row_ids is empty.
/// @shape a: n x d, row_ids: [n] or empty
LinearSketch sketch_rows(const RowsView& a, const LinearSpec& spec,
                         std::span<const RowId> row_ids = {}, const Schema& schema = {},
                         const Context& context = {});

}  // namespace prodigest::linear
