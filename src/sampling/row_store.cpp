#include "sampling/row_store.hpp"

#include <algorithm>

#include "base/fail.hpp"

namespace prodigest::sampling {
template <Real T>
template <Real From>
StoredRow<T>::StoredRow(RowRef<From> row) {
  const std::size_t size = count_nonzeros(row.values);
  if (row.columns.empty() && 2 * size > row.values.size()) {
    values.assign(row.values.begin(), row.values.end());
    return;
  }
  columns.reserve(size);
  values.reserve(size);
  for_each_nonzero(row, [this](std::int32_t column, From value) {
    columns.push_back(column);
    values.push_back(value);
  });
}

template <Real T>
SampleParts SampleDraft::assemble(const std::function<RowRef<T>(std::uint64_t place)>& row_at) && {
  std::ranges::sort(kept, {}, &Candidate::row);
  const auto twin = std::ranges::adjacent_find(kept, {}, &Candidate::row);
  if (twin != kept.end())
    fail(ErrorCode::kInvalidArgument,
         "sampler: row ids must be unique, got two rows with id {} (one key names one row: combine "
         "the rows of a key first)",
         twin->row);
  SampleParts parts;
  parts.spec = spec;
  parts.schema = std::move(schema);
  parts.cols = cols;
  std::vector<RowRef<T>> rows;
  for (const Candidate& candidate : kept) {
    parts.row_ids.push_back(candidate.row);
    parts.weights.push_back(candidate.weight);
    rows.push_back(row_at(candidate.place));
  }
  parts.rows = compact_rows<T>(rows, cols);
  parts.tau = cutoff.tau;
  parts.tau_row = cutoff.row;
  parts.totals = std::move(totals);
  return parts;
}

template StoredRow<float>::StoredRow(RowRef<float>);
template StoredRow<double>::StoredRow(RowRef<double>);
template StoredRow<double>::StoredRow(RowRef<float>);
template SampleParts SampleDraft::assemble(const std::function<RowRef<float>(std::uint64_t)>&) &&;
template SampleParts SampleDraft::assemble(const std::function<RowRef<double>(std::uint64_t)>&) &&;

}  // namespace prodigest::sampling
