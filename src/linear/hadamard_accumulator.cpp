#include "linear/hadamard_accumulator.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/draws.hpp"
#include "core/hadamard.hpp"
#include "core/parallel.hpp"
#include "linear/add_row.hpp"
#include "linear/hadamard_rows.hpp"
#include "linear/sketch_values.hpp"

namespace prodigest::linear {
namespace {

constexpr Index kLeastPanel = 1024;
constexpr Index kStripEntries = Index{1} << 15;  // of a panel, so that it stays in the cache

double parity_sign(RowId bits) { return std::popcount(bits) % 2 ? -1.0 : 1.0; }

// to[j] += sign * entry (i, first_col + j) for j in [0, cols)
template <Real T>
void add_strip(MatrixView<const T> rows, Index i, Index first_col, Index cols, double sign,
               double* to) {
  add_row(rows.row_data(i) + first_col, cols, sign, to);
}
template <Real T>
void add_strip(CsrView<T> rows, Index i, Index first_col, Index cols, double sign, double* to) {
  const auto columns = rows.row_columns(i);
  const auto values = rows.row_values(i);
  auto at =
      static_cast<std::size_t>(std::ranges::lower_bound(columns, first_col) - columns.begin());
  for (; at < columns.size() && columns[at] < first_col + cols; ++at)
    to[columns[at] - first_col] += sign * static_cast<double>(values[at]);
}

}  // namespace

HadamardAccumulator::HadamardAccumulator(const LinearSpec& spec, Index cols)
    : Accumulator(zero_values(spec, cols)), spec_(spec), selected_(hadamard_rows(spec)) {}

std::vector<HadamardAccumulator::PanelRow> HadamardAccumulator::by_panel(
    std::span<const RowId> row_ids, int log_panel) const {
  std::vector<std::uint64_t> words(row_ids.size());
  random_words(spec_.seed, Domain::kRotationSign, row_ids, 0, words, {});
  const RowId mask = (RowId{1} << log_panel) - 1;
  std::vector<PanelRow> rows;
  for (std::size_t i = 0; i < row_ids.size(); ++i)
    rows.push_back({row_ids[i] >> log_panel, static_cast<Index>(row_ids[i] & mask),
                    static_cast<Index>(i), words[i] >> 63 ? -1.0 : 1.0});
  if (!std::ranges::is_sorted(rows, {}, &PanelRow::panel))
    std::ranges::stable_sort(rows, {}, &PanelRow::panel);
  return rows;
}

template <class View>
void HadamardAccumulator::add_panel(const View& rows, std::span<const PanelRow> panel,
                                    int log_panel, Index first_col,
                                    MatrixView<double> transformed) {
  for (Index i = 0; i < transformed.rows; ++i) std::ranges::fill(transformed.row(i), 0.0);
  for (const PanelRow& row : panel)
    add_strip(rows, row.row, first_col, transformed.cols, row.sign,
              transformed.row_data(row.offset));
  hadamard_columns(transformed, {.threads = 1});
  const RowId mask = static_cast<RowId>(transformed.rows) - 1;
  for (Index r = 0; r < spec_.size; ++r) {
    const RowId selected = selected_[static_cast<std::size_t>(r)];
    const double sign = parity_sign((selected >> log_panel) & panel[0].panel);
    add_row(transformed.row_data(static_cast<Index>(selected & mask)), transformed.cols, sign,
            sums.view().row_data(r) + first_col);
  }
}

template <class View>
void HadamardAccumulator::add_directly(const View& rows, std::span<const PanelRow> panel,
                                       int log_panel, Index first_col, Index cols) {
  for (const PanelRow& row : panel) {
    const RowId id = row.panel << log_panel | static_cast<RowId>(row.offset);
    for (Index r = 0; r < spec_.size; ++r) {
      const double sign = row.sign * parity_sign(selected_[static_cast<std::size_t>(r)] & id);
      add_strip(rows, row.row, first_col, cols, sign, sums.view().row_data(r) + first_col);
    }
  }
}

void HadamardAccumulator::add(const RowsView& rows, std::span<const RowId> row_ids,
                              const Context& context) {
  if (row_ids.empty()) return;
  const auto most =
      static_cast<std::uint64_t>(std::min(rows_of(rows), std::max(spec_.size, kLeastPanel)));
  const Index panel_rows = std::min(static_cast<Index>(std::bit_ceil(most)), spec_.length);
  const int log_panel = std::countr_zero(static_cast<std::uint64_t>(panel_rows));
  const std::vector<PanelRow> all = by_panel(row_ids, log_panel);
  const Index strip = std::clamp<Index>(kStripEntries / panel_rows, 8, 64);
  parallel_blocks(context, cols_of(rows), strip, [&](Index first_col, Index cols) {
    Matrix<double> transformed(panel_rows, cols);
    std::visit(
        [&](const auto& view) {
          for (auto at = all.begin(); at != all.end();) {
            const auto end = std::ranges::find_if(
                at, all.end(), [&](const PanelRow& row) { return row.panel != at->panel; });
            const std::span panel(at, end);
            // Rows one by one: size each. The panel: log_panel a row of it, and size.
            const Index by_transform = panel_rows * log_panel + spec_.size;
            if (std::ssize(panel) * spec_.size < by_transform)
              add_directly(view, panel, log_panel, first_col, cols);
            else
              add_panel(view, panel, log_panel, first_col, transformed.view());
            at = end;
          }
        },
        rows);
  });
}

Matrix<double> HadamardAccumulator::values() && {
  const double scale = std::sqrt(static_cast<double>(spec_.size));
  for (double& sum : sums.storage) sum /= scale;
  return std::move(sums);
}

}  // namespace prodigest::linear
