#include "lattice/columns_of_rows.hpp"

#include <algorithm>
#include <numeric>

#include "core/entries.hpp"
#include "core/row_checks.hpp"
#include "io/memory_rows.hpp"

namespace prodigest::lattice {
namespace {

template <Real T>
CsrMatrix<T> transposed(CsrView<T> view) {
  const auto size = static_cast<std::size_t>(count_entries(view));
  CsrMatrix<T> out;
  out.cols = view.rows;
  out.columns.resize(size);
  out.values.resize(size);
  out.row_start.assign(static_cast<std::size_t>(view.cols) + 1, 0);
  const auto for_each = [&](const auto& visit) {
    for (Index i = 0; i < view.rows; ++i)
      for_each_entry(view, i, [&](Index column, T value) {
        visit(i, static_cast<std::size_t>(column), value);
      });
  };
  for_each([&](Index, std::size_t column, T) { ++out.row_start[column + 1]; });
  std::partial_sum(out.row_start.begin(), out.row_start.end(), out.row_start.begin());
  std::vector<Index> end = out.row_start;  // of the entries of each column so far
  for_each([&](Index row, std::size_t column, T value) {
    const auto at = static_cast<std::size_t>(end[column]++);
    out.columns[at] = static_cast<std::int32_t>(row);
    out.values[at] = value;
  });
  return out;
}

template <Real T>
Matrix<T> copy_of(MatrixView<const T> view) {
  Matrix<T> copy(view.rows, view.cols);
  for (Index i = 0; i < view.rows; ++i) std::ranges::copy(view.row(i), copy.view().row(i).begin());
  return copy;
}

// Columns of a dense block, by tiles that are read and written in whole cache lines.
template <Real T>
void copy_tiles(MatrixView<const T> view, Index first, MatrixView<double> panel, Index first_row) {
  constexpr Index kTileRows = 8, kTileCols = 32;
  constexpr Index kAhead = 32;  // rows are far apart, which no processor foresees
  T tile[kTileRows][kTileCols];
  for (Index i = 0; i < view.rows; i += kTileRows) {
    const Index rows = std::min(kTileRows, view.rows - i);
    for (Index j = 0; j < panel.rows; j += kTileCols) {
      const Index cols = std::min(kTileCols, panel.rows - j);
      for (Index r = 0; r < rows; ++r) {
        if (i + r + kAhead < view.rows)
          __builtin_prefetch(view.row_data(i + r + kAhead) + first + j);
        std::copy_n(view.row_data(i + r) + first + j, cols, tile[r]);
      }
      for (Index c = 0; c < cols; ++c) {
        double* const out = panel.row_data(j + c) + first_row + i;
        for (Index r = 0; r < rows; ++r) out[r] = static_cast<double>(tile[r][c]);
      }
    }
  }
}

// Calls visit(row, column - first, value) for what the block has in the columns.
template <Real T, class Visit>
void for_each_in(MatrixView<const T> view, Index first, Index count, const Visit& visit) {
  for (Index i = 0; i < view.rows; ++i)
    for (Index j = 0; j < count; ++j) visit(i, j, view(i, first + j));
}
template <Real T, class Visit>
void for_each_in(const CsrMatrix<T>& columns, Index first, Index count, const Visit& visit) {
  for (Index j = 0; j < count; ++j)
    for_each_entry(columns.view(), first + j, [&](Index i, T value) { visit(i, j, value); });
}

}  // namespace

void check_numbered_columns(const char* where, const RowsView& block) {
  std::vector<RowId> numbers;
  check_columns(where, block, io::row_ids_of({block, 0, {}}, numbers));
}

template <class View>
void ColumnsOfRows::add_block(const View& view, bool copied) {
  Placed placed{rows_, {}};
  if constexpr (is_csr<View>) {
    placed.block = transposed(view);
    sparse_ = true;
  } else if (copied) {
    copies_.push_back(copy_of(view));
    placed.block = std::get<Matrix<typename View::Value>>(copies_.back()).view();
  } else {
    placed.block = view;
  }
  blocks_.push_back(std::move(placed));
  rows_ += view.rows;
}

void ColumnsOfRows::add(const RowsView& block) {
  std::visit([&](const auto& view) { add_block(view, false); }, block);
}

void ColumnsOfRows::add_copy(const RowsView& block) {
  std::visit([&](const auto& view) { add_block(view, true); }, block);
}

void ColumnsOfRows::copy(Index first, MatrixView<double> panel) const {
  if (sparse_)
    for (Index j = 0; j < panel.rows; ++j) std::ranges::fill(panel.row(j), 0.0);
  const auto copy_block = [&](Index first_row, const auto& block) {
    if constexpr (requires { block.row_stride; })
      if (place_.empty()) return copy_tiles(block, first, panel, first_row);
    for_each_in(block, first, panel.rows, [&](Index i, Index j, auto value) {
      const Index row = first_row + i;
      panel(j, place_.empty() ? row : place_[static_cast<std::size_t>(row)]) =
          static_cast<double>(value);
    });
  };
  for (const Placed& placed : blocks_)
    std::visit([&](const auto& block) { copy_block(placed.first_row, block); }, placed.block);
}

}  // namespace prodigest::lattice
