#pragma once
/// Which rows to keep, from their weights alone: for rows that are dear to read, such as those of a
/// database that knows their norms.

#include <span>
#include <vector>

#include "prodigest/core/context.hpp"
#include "prodigest/sampling/sample_spec.hpp"

namespace prodigest::sampling {

struct Selection {
  std::vector<Index> positions;  ///< of the kept rows, ascending
  double tau;                    ///< row i is kept with probability min(1, weights[i] * tau)
};

/// The rows that a RowSampler with these weights would keep. Of the spec, method, size and seed count.
/// Rows are first_row, first_row + 1, ...  @shape weights: [n], finite, >= 0; 0 is never kept
/// @complexity O(n), a few nanoseconds a row
Selection select_rows(const SampleSpec& spec, std::span<const double> weights, RowId first_row = 0,
                      const Context& context = {});

}  // namespace prodigest::sampling
