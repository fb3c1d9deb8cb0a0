#include "linear/dense_accumulator.hpp"

#include <algorithm>
#include <cmath>

#include "core/draws.hpp"
#include "core/entries.hpp"
#include "core/gemm.hpp"
#include "core/parallel.hpp"
#include "linear/sketch_values.hpp"

namespace prodigest::linear {
namespace {

constexpr Index kPanelEntries = Index{1} << 20;  // about as many, so that they stay in the cache
constexpr Index kDrawGrain = Index{1} << 16;     // entries that one task draws
constexpr Index kStrip = 512;                    // sketch rows that one task adds to, for CSR

Matrix<double> transposed_zeros(const LinearSpec& spec, Index cols) {
  Matrix<double> zeros = zero_values(spec, cols);
  std::swap(zeros.rows, zeros.cols);
  return zeros;
}

Index panel_rows(Index size) { return std::clamp<Index>(kPanelEntries / size, 64, 1024); }

}  // namespace

DenseAccumulator::DenseAccumulator(const LinearSpec& spec, Index cols)
    : Accumulator(transposed_zeros(spec, cols)),
      spec_(spec),
      panel_(panel_rows(spec.size), spec.size) {}

void DenseAccumulator::draw(std::span<const RowId> row_ids, const Context& context) {
  const Index grain = std::max<Index>(kDrawGrain / spec_.size, 1);
  parallel_blocks(context, std::ssize(row_ids), grain, [&](Index first, Index count) {
    for (Index i = first; i < first + count; ++i) {
      const auto out = panel_.view().row(i);
      const RowId row = row_ids[static_cast<std::size_t>(i)];
      if (spec_.op == Operator::kSign)
        random_signs(spec_.seed, row, out);
      else
        random_normals(spec_.seed, row, out);
    }
  });
}

void DenseAccumulator::add(const RowsView& rows, std::span<const RowId> row_ids,
                           const Context& context) {
  for (Index first = 0; first < rows_of(rows); first += panel_.rows) {
    const Index count = std::min(panel_.rows, rows_of(rows) - first);
    draw(row_ids.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)),
         context);
    std::visit([&](const auto& view) { add_panel(view, context); }, slice(rows, first, count));
  }
}

void DenseAccumulator::add_panel(MatrixView<const double> rows, const Context& context) {
  add_transposed_product(rows, panel_.view().slice(0, rows.rows), sums.view(), context);
}

void DenseAccumulator::add_panel(MatrixView<const float> rows, const Context& context) {
  Matrix<double> copy(rows.rows, rows.cols);
  for (Index i = 0; i < rows.rows; ++i) std::ranges::copy(rows.row(i), copy.view().row(i).begin());
  add_panel(copy.view(), context);
}

template <Real T>
void DenseAccumulator::add_panel(CsrView<T> rows, const Context& context) {
  parallel_blocks(context, spec_.size, kStrip, [&](Index first, Index count) {
    for (Index i = 0; i < rows.rows; ++i) {
      const double* const draws = panel_.view().row_data(i) + first;
      for_each_entry(rows, i, [&](Index column, T value) {
        double* const to = sums.view().row_data(column) + first;
        const auto x = static_cast<double>(value);
        for (Index r = 0; r < count; ++r) to[r] += x * draws[r];
      });
    }
  });
}

Matrix<double> DenseAccumulator::values() && {
  const double scale = std::sqrt(static_cast<double>(spec_.size));
  Matrix<double> values(sums.cols, sums.rows);
  for (Index r = 0; r < values.rows; ++r)
    for (Index j = 0; j < values.cols; ++j) values(r, j) = sums(j, r) / scale;
  return values;
}

}  // namespace prodigest::linear
