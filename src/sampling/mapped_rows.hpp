#pragma once
// Rows with other numbers in the same places.

#include <type_traits>
#include <variant>

#include "core/entries.hpp"
#include "prodigest/base/matrix.hpp"

namespace prodigest::sampling {

/// Entry x of row i becomes of_row(i)(x).
template <class OfRow>
AnyMatrix mapped_rows(const RowsView& rows, const OfRow& of_row) {
  return std::visit(
      [&](const auto& view) -> AnyMatrix {
        const auto fill = [&](auto& to) {
          auto next = to.begin();
          for (Index i = 0; i < view.rows; ++i) {
            const auto f = of_row(i);
            for_each_entry(view, i, [&](Index, double x) { *next++ = f(x); });
          }
        };
        if constexpr (is_csr<std::remove_cvref_t<decltype(view)>>) {
          CsrMatrix<double> mapped;
          mapped.cols = view.cols;
          mapped.row_start.assign(view.row_start, view.row_start + view.rows + 1);
          mapped.columns.assign(view.columns, view.columns + view.row_start[view.rows]);
          mapped.values.resize(mapped.columns.size());
          fill(mapped.values);
          return mapped;
        } else {
          Matrix<double> mapped(view.rows, view.cols);
          fill(mapped.storage);
          return mapped;
        }
      },
      rows);
}

}  // namespace prodigest::sampling
