#include "linear/sparse_accumulator.hpp"

#include <algorithm>
#include <cmath>

#include "core/entries.hpp"
#include "core/parallel.hpp"
#include "core/squared_norms.hpp"
#include "linear/sketch_values.hpp"

namespace prodigest::linear {
namespace {

constexpr Index kGrain = 1024;        // placements that one task takes, up to whole sketch rows
constexpr Index kLeastStrip = 64;     // columns that are worth a thread
constexpr std::size_t kPrefetch = 4;  // rows ahead
constexpr Index kStripCols = 32;
// Rows that, with kStripCols, stay in the cache from band to band. In a larger sketch more of them
// are needed, or few would meet in one of its rows.
constexpr Index kRunRows = 3, kLeastStripRows = 1024, kMostStripRows = 4096;

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

// Rows in their order, each read once: its squared norm is found where there is room for it, and it
// is added while it is in the nearest cache. The sketch row it goes to is asked for early.
template <Real T>
void add_each(MatrixView<const T> rows, std::span<const Placement> placements,
              std::span<double> norms, MatrixView<double> sums) {
  for (std::size_t p = 0; p < placements.size(); ++p) {
    const Placement& placement = placements[p];
    if (p + kPrefetch < placements.size()) {
      const auto* const next =
          reinterpret_cast<const char*>(sums.row_data(placements[p + kPrefetch].sketch_row));
      for (std::size_t at = 0; at < static_cast<std::size_t>(rows.cols) * sizeof(double); at += 64)
        __builtin_prefetch(next + at, 1);
    }
    if (!norms.empty())
      squared_norms(rows.slice(placement.row, 1), norms.subspan(placement.row, 1));
    add_rows(rows, {&placement, 1}, sums.row_data(placement.sketch_row));
  }
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
                            std::span<double> norms, const Context& context) {
  const bool sparse = rows.index() >= 2;
  if (!sparse && nonzeros_ == 1) return add_in_order(rows, row_ids, norms, context);
  const Index step =
      sparse ? std::max<Index>(rows_of(rows), 1)
             : std::clamp(kRunRows * sums.rows / nonzeros_, kLeastStripRows, kMostStripRows);
  for (Index first = 0; first < rows_of(rows); first += step) {
    const Index count = std::min(step, rows_of(rows) - first);
    if (!norms.empty())
      find_norms(slice(rows, first, count),
                 norms.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)),
                 context);
    const auto placements = placements_.find(
        row_ids.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)), 1);
    const Index ranges = (std::ssize(placements) + kGrain - 1) / kGrain;
    std::visit(
        [&](const auto& view) {
          const Index strip = sparse ? view.cols : kStripCols;
          const Index strips = (view.cols + strip - 1) / strip;
          // Strip by strip; tasks write to entries of their own.
          parallel_blocks(context, strips * ranges, 1, [&](Index task, Index) {
            const Index first_col = task / ranges * strip;
            const auto mine = whole_runs(placements, task % ranges * kGrain, kGrain);
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

void SparseAccumulator::add_in_order(const RowsView& rows, std::span<const RowId> row_ids,
                                     std::span<double> norms, const Context& context) {
  const auto placements = placements_.find(row_ids, sums.rows);
  const Index cols = cols_of(rows), threads = thread_count(context);
  const Index strip = std::max((cols + threads - 1) / threads, kLeastStrip);
  if (strip < cols) find_norms(rows, norms, context);  // a norm takes a whole row
  std::visit(
      [&](const auto& view) {
        if constexpr (!is_csr<std::remove_cvref_t<decltype(view)>>)
          parallel_blocks(context, cols, strip, [&](Index first, Index count) {
            auto part = view;
            part.data += first;
            part.cols = count;
            add_each(part, placements, strip < cols ? std::span<double>() : norms,
                     MatrixView<double>(sums.view().data + first, sums.rows, count, sums.cols));
          });
      },
      rows);
}

Matrix<double> SparseAccumulator::values() && {
  const double scale = std::sqrt(static_cast<double>(nonzeros_));
  for (double& sum : sums.storage) sum /= scale;
  return std::move(sums);
}

}  // namespace prodigest::linear
