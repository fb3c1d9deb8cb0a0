#include "sampling/row_store.hpp"

#include <algorithm>

#include "base/fail.hpp"

namespace prodigest::sampling {
namespace {

std::size_t column_bytes(Index cols) { return cols <= 256 ? 1 : cols <= 65536 ? 2 : 4; }

template <class T>
std::size_t count_nonzeros(std::span<const T> values) {
  return values.size() - static_cast<std::size_t>(std::ranges::count(values, T{0}));
}

// Calls visit(column, value) for each entry that is not zero.
template <class T, class Visit>
void for_each_entry(const RowRef<T>& row, const Visit& visit) {
  for (std::size_t at = 0; at < row.values.size(); ++at)
    if (row.values[at] != 0)
      visit(row.columns.empty() ? static_cast<std::int32_t>(at) : row.columns[at], row.values[at]);
}

}  // namespace

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
  for_each_entry(row, [this](std::int32_t column, From value) {
    columns.push_back(column);
    values.push_back(value);
  });
}

template <Real T>
SampledRows gather_rows(std::span<const RowRef<T>> rows, Index cols) {
  std::size_t entries = 0;
  for (const RowRef<T>& row : rows) entries += count_nonzeros(row.values);
  const std::size_t csr_bytes = entries * (sizeof(T) + column_bytes(cols)) + rows.size() * 4;
  const std::size_t dense_bytes = rows.size() * static_cast<std::size_t>(cols) * sizeof(T);
  if (csr_bytes < dense_bytes) {
    CsrMatrix<T> csr;
    csr.cols = cols;
    csr.columns.reserve(entries);
    csr.values.reserve(entries);
    for (const RowRef<T>& row : rows) {
      for_each_entry(row, [&](std::int32_t column, T value) {
        csr.columns.push_back(column);
        csr.values.push_back(value);
      });
      csr.row_start.push_back(std::ssize(csr.values));
    }
    return csr;
  }
  Matrix<T> dense(std::ssize(rows), cols);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    T* const to = dense.view().row_data(static_cast<Index>(i));
    if (rows[i].columns.empty())
      std::ranges::transform(rows[i].values, to, [](T x) { return x + T{0}; });  // -0.0 becomes 0.0
    else
      for_each_entry(rows[i], [to](std::int32_t column, T value) { to[column] = value; });
  }
  return dense;
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
  parts.rows = gather_rows<T>(rows, cols);
  parts.tau = cutoff.tau;
  parts.tau_row = cutoff.row;
  parts.totals = std::move(totals);
  return parts;
}

template StoredRow<float>::StoredRow(RowRef<float>);
template StoredRow<double>::StoredRow(RowRef<double>);
template StoredRow<double>::StoredRow(RowRef<float>);
template SampledRows gather_rows(std::span<const RowRef<float>>, Index);
template SampledRows gather_rows(std::span<const RowRef<double>>, Index);
template SampleParts SampleDraft::assemble(const std::function<RowRef<float>(std::uint64_t)>&) &&;
template SampleParts SampleDraft::assemble(const std::function<RowRef<double>(std::uint64_t)>&) &&;

}  // namespace prodigest::sampling
