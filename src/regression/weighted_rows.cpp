#include "regression/weighted_rows.hpp"

#include "core/entries.hpp"

namespace prodigest::regression {

Matrix<double> panel(const WeightedRows& rows, const Centring& centring, Index first, Index count) {
  Matrix<double> dense(count, rows.cols());
  const Index skipped = rows.skipped.value_or(cols_of(rows.values));
  std::visit(
      [&](const auto& view) {
        for (Index i = 0; i < count; ++i) {
          double* const to = dense.view().row_data(i);
          for_each_entry(view, rows.positions[static_cast<std::size_t>(first + i)],
                         [&](Index j, double x) {
                           if (j != skipped) to[j - (j > skipped)] = x;
                         });
          const double constant = rows.constant_at(first + i);
          for (std::size_t j = 0; j < centring.means.size(); ++j)
            to[j] = (to[j] - constant * centring.means[j]) * centring.scales[j];
        }
      },
      rows.values);
  return dense;
}

std::vector<double> column_at(const RowsView& values, std::span<const Index> positions,
                              Index column) {
  std::vector<double> picked;
  picked.reserve(positions.size());
  std::visit(
      [&](const auto& view) {
        for (const Index i : positions) {
          if constexpr (is_csr<std::remove_cvref_t<decltype(view)>>) {
            const auto columns = view.row_columns(i);
            const auto at = std::ranges::lower_bound(columns, static_cast<std::int32_t>(column));
            const bool stored = at != columns.end() && *at == column;
            picked.push_back(
                stored ? view.row_values(i)[static_cast<std::size_t>(at - columns.begin())] : 0);
          } else {
            picked.push_back(view(i, column));
          }
        }
      },
      values);
  return picked;
}

}  // namespace prodigest::regression
