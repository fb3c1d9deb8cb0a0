#include "core/compact_rows.hpp"

namespace prodigest {
template <Real T>
AnyMatrix compact_rows(std::span<const RowRef<T>> rows, Index cols) {
  std::size_t entries = 0;
  for (const RowRef<T>& row : rows) entries += count_nonzeros(row.values);
  const std::size_t csr_bytes =
      entries * (sizeof(T) + static_cast<std::size_t>(column_bytes(cols))) + rows.size() * 4;
  const std::size_t dense_bytes = rows.size() * static_cast<std::size_t>(cols) * sizeof(T);
  if (csr_bytes < dense_bytes) {
    CsrMatrix<T> csr;
    csr.cols = cols;
    csr.columns.reserve(entries);
    csr.values.reserve(entries);
    for (const RowRef<T>& row : rows) {
      for_each_nonzero(row, [&](std::int32_t column, T value) {
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
      for_each_nonzero(rows[i], [to](std::int32_t column, T value) { to[column] = value; });
  }
  return dense;
}

template AnyMatrix compact_rows(std::span<const RowRef<float>>, Index);
template AnyMatrix compact_rows(std::span<const RowRef<double>>, Index);

}  // namespace prodigest
