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

}  // namespace

template <Real T>
StoredRow<T> stored_row(MatrixView<const T> block, Index i) {
  StoredRow<T> row;
  const std::span<const T> values = block.row(i);
  const std::size_t size = count_nonzeros(values);
  if (2 * size > values.size()) {
    row.values.assign(values.begin(), values.end());
    return row;
  }
  row.columns.reserve(size);
  row.values.reserve(size);
  for (std::size_t j = 0; j < values.size(); ++j) {
    if (values[j] == 0) continue;
    row.columns.push_back(static_cast<std::int32_t>(j));
    row.values.push_back(values[j]);
  }
  return row;
}

template <Real T>
StoredRow<T> stored_row(CsrView<T> block, Index i) {
  StoredRow<T> row;
  const auto columns = block.row_columns(i);
  const auto values = block.row_values(i);
  row.columns.reserve(columns.size());
  row.values.reserve(columns.size());
  for (std::size_t at = 0; at < columns.size(); ++at) {
    if (values[at] == 0) continue;
    row.columns.push_back(columns[at]);
    row.values.push_back(values[at]);
  }
  return row;
}

template <Real T>
SampledRows gather_rows(std::span<const StoredRow<T>* const> rows, Index cols) {
  std::size_t entries = 0;
  for (const auto* row : rows) entries += count_nonzeros<T>(row->values);
  const std::size_t csr_bytes = entries * (sizeof(T) + column_bytes(cols)) + rows.size() * 4;
  const std::size_t dense_bytes = rows.size() * static_cast<std::size_t>(cols) * sizeof(T);
  const auto for_each_entry = [](const StoredRow<T>& row, const auto& visit) {
    for (std::size_t at = 0; at < row.values.size(); ++at)
      if (row.values[at] != 0)
        visit(row.columns.empty() ? static_cast<std::int32_t>(at) : row.columns[at], row.values[at]);
  };
  if (csr_bytes < dense_bytes) {
    CsrMatrix<T> csr;
    csr.cols = cols;
    csr.columns.reserve(entries);
    csr.values.reserve(entries);
    for (const auto* row : rows) {
      for_each_entry(*row, [&](std::int32_t column, T value) {
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
    if (rows[i]->columns.empty())
      std::ranges::transform(rows[i]->values, to, [](T x) { return x + T{0}; });  // -0.0 becomes 0.0
    else
      for_each_entry(*rows[i], [&](std::int32_t column, T value) { to[column] = value; });
  }
  return dense;
}

template <Real T>
SampleParts SampleDraft::assemble(std::span<const StoredRow<T>> store) && {
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
  std::vector<const StoredRow<T>*> rows;
  for (const Candidate& candidate : kept) {
    parts.row_ids.push_back(candidate.row);
    parts.weights.push_back(candidate.weight);
    rows.push_back(&store[candidate.place]);
  }
  parts.rows = gather_rows<T>(rows, cols);
  parts.tau = cutoff.tau;
  parts.tau_row = cutoff.row;
  parts.totals = std::move(totals);
  return parts;
}

template StoredRow<float> stored_row(MatrixView<const float>, Index);
template StoredRow<double> stored_row(MatrixView<const double>, Index);
template StoredRow<float> stored_row(CsrView<float>, Index);
template StoredRow<double> stored_row(CsrView<double>, Index);
template SampledRows gather_rows(std::span<const StoredRow<float>* const>, Index);
template SampledRows gather_rows(std::span<const StoredRow<double>* const>, Index);
template SampleParts SampleDraft::assemble(std::span<const StoredRow<float>>) &&;
template SampleParts SampleDraft::assemble(std::span<const StoredRow<double>>) &&;

}  // namespace prodigest::sampling
