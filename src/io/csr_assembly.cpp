#include "io/csr_assembly.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace prodigest::io {

namespace {

std::size_t place(Index i) { return static_cast<std::size_t>(i); }

template <Real T>
bool is_in_order(std::span<const std::int32_t> columns, std::span<const T> values) {
  return std::adjacent_find(columns.begin(), columns.end(), std::greater_equal<>()) ==
             columns.end() &&
         std::find(values.begin(), values.end(), T{0}) == values.end();
}

// Rewrites each row by what rewrite(columns, values, out) makes of it, in place; it returns the
// number of entries put at the front of `out`, no more than there were.
template <Real T, class Rewrite>
void rewrite_rows(CsrMatrix<T>& matrix, const Rewrite& rewrite) {
  Index begin = matrix.row_start[0];
  Index written = begin;
  for (Index i = 0; i < matrix.rows(); ++i) {
    const Index end = matrix.row_start[place(i) + 1];
    written += rewrite(begin, end, written);
    matrix.row_start[place(i) + 1] = written;
    begin = end;
  }
  matrix.columns.resize(place(written));
  matrix.values.resize(place(written));
}

}  // namespace

template <Real T>
void sort_rows(CsrMatrix<T>& matrix) {
  std::vector<std::pair<std::int32_t, T>> row;
  rewrite_rows(matrix, [&](Index begin, Index end, Index to) {
    const CsrView<T> view = matrix.view();
    const auto size = place(end - begin);
    if (is_in_order<T>({view.columns + begin, size}, {view.values + begin, size})) {
      if (to != begin) {
        std::copy_n(view.columns + begin, size, matrix.columns.begin() + to);
        std::copy_n(view.values + begin, size, matrix.values.begin() + to);
      }
      return end - begin;
    }
    row.clear();
    for (Index e = begin; e < end; ++e) row.emplace_back(view.columns[e], view.values[e]);
    std::stable_sort(row.begin(), row.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    Index count = 0;
    for (auto entry = row.begin(); entry != row.end();) {
      const std::int32_t column = entry->first;
      T sum = 0;
      for (; entry != row.end() && entry->first == column; ++entry) sum += entry->second;
      if (sum == 0) continue;
      matrix.columns[place(to + count)] = column;
      matrix.values[place(to + count)] = sum;
      ++count;
    }
    return count;
  });
}

template <Real T>
void choose_columns(CsrMatrix<T>& matrix, std::span<const Index> chosen) {
  std::vector<std::pair<std::int32_t, std::int32_t>> new_column;  // of an old one, ascending
  for (const Index column : chosen) {
    new_column.emplace_back(static_cast<std::int32_t>(column),
                            static_cast<std::int32_t>(new_column.size()));
  }
  std::sort(new_column.begin(), new_column.end());
  rewrite_rows(matrix, [&](Index begin, Index end, Index to) {
    Index count = 0;
    for (Index e = begin; e < end; ++e) {
      const std::int32_t column = matrix.columns[place(e)];
      const auto found = std::lower_bound(new_column.begin(), new_column.end(),
                                          std::pair(column, std::int32_t{0}));
      if (found == new_column.end() || found->first != column) continue;
      matrix.columns[place(to + count)] = found->second;
      matrix.values[place(to + count)] = matrix.values[place(e)];
      ++count;
    }
    return count;
  });
  matrix.cols = static_cast<Index>(chosen.size());
}

template void sort_rows(CsrMatrix<float>&);
template void sort_rows(CsrMatrix<double>&);
template void choose_columns(CsrMatrix<float>&, std::span<const Index>);
template void choose_columns(CsrMatrix<double>&, std::span<const Index>);

}  // namespace prodigest::io
