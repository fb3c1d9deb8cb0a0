#include "linear/sparse_accumulator.hpp"

#include <algorithm>
#include <cmath>

#include "core/entries.hpp"
#include "core/parallel.hpp"
#include "core/squared_norms.hpp"
#include "linear/add_row.hpp"
#include "linear/sketch_values.hpp"

namespace prodigest::linear {
namespace {

constexpr Index kRanges = 16;        // tasks, each with sketch rows of its own
constexpr int kReadInOrder = 2;    // threads that are no faster than one which reads in order
constexpr std::size_t kAhead = 2;    // placements between fetching a sketch row and adding to it
constexpr Index kMostFetched = 512;  // entries; the processor notices longer runs by itself
constexpr Index kEntriesInLine = 8;

// Asks for what add() will change.
template <Real T>
void fetch(MatrixView<const T> rows, const Placement&, const double* to) {
  for (Index j = 0; j < std::min(rows.cols, kMostFetched); j += kEntriesInLine)
    __builtin_prefetch(to + j, 1);
}
template <Real T>
void fetch(CsrView<T> rows, const Placement& placement, const double* to) {
  for (const std::int32_t column : rows.row_columns(placement.row))
    __builtin_prefetch(to + column, 1);
}

template <Real T>
void add(MatrixView<const T> rows, const Placement& placement, double* to) {
  add_row(rows.row_data(placement.row), rows.cols, placement.sign, to);
}
template <Real T>
void add(CsrView<T> rows, const Placement& placement, double* to) {
  for_each_entry(rows, placement.row, [&](Index column, T value) {
    to[column] += placement.sign * static_cast<double>(value);
  });
}

// Adds rows to the sketch rows of one range. Calls before(row) once for each row that is added.
template <class View, class Before>
void add_all(const View& rows, std::span<const Placement> placements, MatrixView<double> sums,
             const Before& before) {
  for (std::size_t i = 0; i < placements.size(); ++i) {
    if (i + kAhead < placements.size()) {
      const Placement& next = placements[i + kAhead];
      fetch(rows, next, sums.row_data(next.sketch_row));
    }
    if (i == 0 || placements[i].row != placements[i - 1].row) before(placements[i].row);
    add(rows, placements[i], sums.row_data(placements[i].sketch_row));
  }
}

}  // namespace

SparseAccumulator::SparseAccumulator(const LinearSpec& spec, Index cols)
    : Accumulator(zero_values(spec, cols)), spec_(spec), placements_(spec) {}

void SparseAccumulator::add(const RowsView& rows, std::span<const RowId> row_ids,
                            const Context& context) {
  const Index ranges = context.threads == 1 ? 1 : kRanges;
  placements_.find(row_ids, ranges);
  parallel_blocks(context, ranges, 1, [&](Index range, Index) {
    std::visit(
        [&](const auto& view) {
          add_all(view, placements_.of_range(range), sums.view(), [](std::uint32_t) {});
        },
        rows);
  });
}

void SparseAccumulator::add_and_measure(const RowsView& rows, std::span<const RowId> row_ids,
                                        std::span<double> norms, const Context& context) {
  const auto add_dense = [&](const auto& view) {
    placements_.find(row_ids, 1);
    add_all(view, placements_.of_range(0), sums.view(),
            [&](std::uint32_t row) { squared_norms(view.slice(row, 1), norms.subspan(row, 1)); });
  };
  // One thread reads dense rows in their order, once, about as fast as the memory gives them.
  // Between the entries of CSR rows, which are added all over the place, the memory would not be
  // read ahead.
  const auto* const doubles = std::get_if<MatrixView<const double>>(&rows);
  const auto* const floats = std::get_if<MatrixView<const float>>(&rows);
  const bool in_order = wanted_threads(context) <= kReadInOrder;
  if (in_order && doubles != nullptr)
    add_dense(*doubles);
  else if (in_order && floats != nullptr)
    add_dense(*floats);
  else
    Accumulator::add_and_measure(rows, row_ids, norms, context);
}

Matrix<double> SparseAccumulator::values() && {
  const double scale = std::sqrt(static_cast<double>(spec_.nonzeros));
  if (scale > 1)
    for (double& sum : sums.storage) sum /= scale;
  return std::move(sums);
}

}  // namespace prodigest::linear
