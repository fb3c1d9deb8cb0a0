#include "linear/sparse_accumulator.hpp"

#include <algorithm>
#include <cmath>

#include "core/entries.hpp"
#include "core/parallel.hpp"
#include "linear/sketch_values.hpp"

namespace prodigest::linear {
namespace {

constexpr Index kRunGrain = 1024;   // placements that one task takes, up to whole sketch rows
constexpr Index kStripRows = 2048;  // with kStripCols: what stays in the cache from band to band
constexpr Index kStripCols = 32;

// The placements of sketch rows that begin in [first, first + count).
std::span<const Placement> whole_runs(std::span<const Placement> all, Index first, Index count) {
  const auto end_of_run = [&](Index at) {
    at = std::min(at, std::ssize(all));
    while (at > 0 && at < std::ssize(all) &&
           all[static_cast<std::size_t>(at)].sketch_row ==
               all[static_cast<std::size_t>(at) - 1].sketch_row)
      ++at;
    return at;
  };
  const Index begin = end_of_run(first), end = end_of_run(first + count);
  return all.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

template <class Visit>
void for_each_run(std::span<const Placement> placements, const Visit& visit) {
  while (!placements.empty()) {
    const std::uint32_t sketch_row = placements[0].sketch_row;
    std::size_t size = 1;
    while (size < placements.size() && placements[size].sketch_row == sketch_row) ++size;
    visit(sketch_row, placements.first(size));
    placements = placements.subspan(size);
  }
}

template <Real T>
void add_strip(MatrixView<const T> rows, std::span<const Placement> placements, Index first_col,
               Index cols, MatrixView<double> sums) {
  const MatrixView<const T> strip(rows.data + first_col, rows.rows, cols, rows.row_stride);
  for_each_run(placements, [&](std::uint32_t sketch_row, std::span<const Placement> run) {
    add_rows(strip, run, sums.row_data(sketch_row) + first_col);
  });
}

template <Real T>
void add_sparse(CsrView<T> rows, std::span<const Placement> placements, MatrixView<double> sums) {
  for (const Placement& placement : placements) {
    double* const to = sums.row_data(placement.sketch_row);
    for_each_entry(rows, placement.row, [&](Index column, T value) {
      to[column] += placement.factor * static_cast<double>(value);
    });
  }
}

}  // namespace

SparseAccumulator::SparseAccumulator(const LinearSpec& spec, Index cols)
    : Accumulator(zero_values(spec, cols)), nonzeros_(spec.nonzeros), placements_(spec) {}

void SparseAccumulator::add(const RowsView& rows, std::span<const RowId> row_ids,
                            const Context& context) {
  const Index step = nonzeros_ == 1 ? std::max<Index>(rows_of(rows), 1) : kStripRows;
  for (Index first = 0; first < rows_of(rows); first += step) {
    const Index count = std::min(step, rows_of(rows) - first);
    const auto placements = placements_.find(
        row_ids.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)));
    const Index ranges = (std::ssize(placements) + kRunGrain - 1) / kRunGrain;
    std::visit(
        [&](const auto& view) {
          const Index strip = is_csr<std::remove_cvref_t<decltype(view)>> || nonzeros_ == 1
                                  ? view.cols
                                  : kStripCols;
          const Index strips = (view.cols + strip - 1) / strip;
          // Strip by strip; tasks write to entries of their own.
          parallel_blocks(context, strips * ranges, 1, [&](Index task, Index) {
            const Index first_col = task / ranges * strip;
            const auto mine = whole_runs(placements, task % ranges * kRunGrain, kRunGrain);
            if constexpr (is_csr<std::remove_cvref_t<decltype(view)>>)
              add_sparse(view.slice(first, count), mine, sums.view());
            else
              add_strip(view.slice(first, count), mine, first_col,
                        std::min(strip, view.cols - first_col), sums.view());
          });
        },
        rows);
  }
}

Matrix<double> SparseAccumulator::values() && {
  const double scale = std::sqrt(static_cast<double>(nonzeros_));
  for (double& sum : sums.storage) sum /= scale;
  return std::move(sums);
}

}  // namespace prodigest::linear
