#pragma once
// The entries of a row, dense or CSR alike.

#include "prodigest/base/matrix.hpp"

namespace prodigest {

template <class View>
constexpr bool is_csr = requires(View view) { view.columns; };

/// Calls visit(column, value) for the entries of row i in the order of columns; a dense row has all.
template <class View, class Visit>
void for_each_entry(const View& view, Index i, const Visit& visit) {
  if constexpr (is_csr<View>) {
    for (Index at = view.row_start[i]; at < view.row_start[i + 1]; ++at)
      visit(Index{view.columns[at]}, view.values[at]);
  } else {
    for (Index j = 0; j < view.cols; ++j) visit(j, view(i, j));
  }
}

/// How many entries a block holds: all of a dense one, the stored ones of CSR.
inline Index count_entries(const RowsView& block) {
  return std::visit(
      [](const auto& view) -> Index {
        if constexpr (is_csr<std::remove_cvref_t<decltype(view)>>)
          return view.rows == 0 ? 0 : view.row_start[view.rows] - view.row_start[0];
        else
          return view.rows * view.cols;
      },
      block);
}

}  // namespace prodigest
