#pragma once
// Copies of candidate rows, and the sample they become.

#include <cstdint>
#include <span>
#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/sampling/row_sample.hpp"
#include "sampling/candidates.hpp"

namespace prodigest::sampling {

/// One row: its non-zero entries with their columns, ascending; or, if there are no columns, all
/// entries from the first on.
template <Real T>
struct StoredRow {
  std::vector<std::int32_t> columns;
  std::vector<T> values;
};

/// Row i of a block.
template <Real T>
StoredRow<T> stored_row(MatrixView<const T> block, Index i);
template <Real T>
StoredRow<T> stored_row(CsrView<T> block, Index i);

/// The rows in whichever form takes fewer bytes.
template <Real T>
SampledRows gather_rows(std::span<const StoredRow<T>* const> rows, Index cols);

/// A sample but for its rows, which lie in a store under Candidate::place.
struct SampleDraft {
  SampleSpec spec;
  Schema schema;
  Index cols;
  SampleTotals totals;
  std::vector<Candidate> kept;
  Cutoff cutoff;

  /// @throws Error{kInvalidArgument} if a row id occurs twice
  template <Real T>
  SampleParts assemble(std::span<const StoredRow<T>> store) &&;
};

}  // namespace prodigest::sampling
