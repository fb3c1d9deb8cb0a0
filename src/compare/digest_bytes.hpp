#pragma once
// Bytes of digest files that are not made.

#include "prodigest/compare/statistics.hpp"
#include "prodigest/linear/linear_sketch.hpp"

namespace prodigest::compare {

/// Of the file of a sample that holds no row: header, names, padding.
double sample_header_bytes(const Schema& schema, Index cols);
/// Of the file of a linear sketch but for its entries.
double sketch_header_bytes(const Schema& schema, Index cols);
/// Bytes that an entry of this sketch takes in its file.
double sketch_entry_bytes(const linear::LinearSketch& sketch, double header);

/// Of a sample of so many rows with so many entries that are not zero; see docs/format.md.
double sample_bytes(const SideStatistics& side, double rows, double entries);
double sketch_bytes(const SideStatistics& side, const linear::LinearSpec& spec);

}  // namespace prodigest::compare
