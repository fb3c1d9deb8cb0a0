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
  for (Index j = 0; j < panel.rows; ++j) std::ranges::fill(panel.row(j), 0.0);
  const auto put_block = [&](const Placed& placed, const auto& place) {
    std::visit(
        [&](const auto& block) {
          for_each_in(block, first, panel.rows, [&](Index i, Index j, auto value) {
            panel(j, place(placed.first_row + i)) = static_cast<double>(value);
          });
        },
        placed.block);
  };
  for (const Placed& placed : blocks_) {
    if (place_.empty())
      put_block(placed, [](Index row) { return row; });
    else
      put_block(placed, [this](Index row) { return place_[static_cast<std::size_t>(row)]; });
  }
}

}  // namespace prodigest::lattice
