#pragma once
// Rows gathered from here and there into whichever of dense and CSR takes fewer bytes, so that equal
// rows are stored alike whatever form they came in.

#include <algorithm>
#include <cstdint>
#include <span>

#include "prodigest/base/matrix.hpp"

namespace prodigest {

/// A borrowed row: entries with their columns, ascending; or, if there are no columns, all entries
/// from the first on.
template <Real T>
struct RowRef {
  std::span<const std::int32_t> columns;
  std::span<const T> values;
};

/// Row i of a block.
template <Real T>
RowRef<T> row_ref(MatrixView<const T> block, Index i) {
  return {{}, block.row(i)};
}
template <Real T>
RowRef<T> row_ref(CsrView<T> block, Index i) {
  return {block.row_columns(i), block.row_values(i)};
}

/// Calls visit(column, value) for each entry that is not zero.
template <class T, class Visit>
void for_each_nonzero(const RowRef<T>& row, const Visit& visit) {
  for (std::size_t at = 0; at < row.values.size(); ++at)
    if (row.values[at] != 0)
      visit(row.columns.empty() ? static_cast<std::int32_t>(at) : row.columns[at], row.values[at]);
}

template <class T>
std::size_t count_nonzeros(std::span<const T> values) {
  return values.size() - static_cast<std::size_t>(std::ranges::count(values, T{0}));
}

/// Bytes of a column number in a file, for a matrix of so many columns.
inline Index column_bytes(Index cols) { return cols <= 256 ? 1 : cols <= 65536 ? 2 : 4; }

/// Zeros are not stored in CSR, and -0.0 becomes 0.0.  @complexity O(entries)
template <Real T>
AnyMatrix compact_rows(std::span<const RowRef<T>> rows, Index cols);

}  // namespace prodigest
