#pragma once
// Copies of candidate rows, and the sample they become.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/compact_rows.hpp"
#include "prodigest/sampling/row_sample.hpp"
#include "sampling/candidates.hpp"

namespace prodigest::sampling {

/// A copy of a row, without columns only if most entries are not zero.
template <Real T>
struct StoredRow {
  std::vector<std::int32_t> columns;
  std::vector<T> values;

  template <Real From>
  explicit StoredRow(RowRef<From> row);
  RowRef<T> ref() const { return {columns, values}; }
};

/// A sample but for its rows, which lie where Candidate::place says.
struct SampleDraft {
  SampleSpec spec;
  Schema schema;
  Index cols;
  SampleTotals totals;
  std::vector<Candidate> kept;
  Cutoff cutoff;

  /// @param row_at the row at a place
  /// @throws Error{kInvalidArgument} if a row id occurs twice
  template <Real T>
  SampleParts assemble(const std::function<RowRef<T>(std::uint64_t place)>& row_at) &&;
};

}  // namespace prodigest::sampling
