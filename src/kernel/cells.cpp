#include "kernel/cells.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <ranges>
#include <span>

#include "base/fail.hpp"
#include "core/parallel.hpp"
#include "kernel/bisection.hpp"
#include "kernel/nearest_centres.hpp"

namespace prodigest::kernel {
namespace {

constexpr int kIterations = 3;
constexpr Index kLeaf = 32;  // the order of points nearer than that does not matter

// [groups + 1] where each group begins.
std::vector<Index> even_starts(Index size, Index groups) {
  std::vector<Index> starts(static_cast<std::size_t>(groups + 1));
  for (Index g = 0; g <= groups; ++g) starts[g] = size * g / groups;
  return starts;
}

// Points by their cell, in order within one; some cells may be empty.
void group_points(std::span<const std::int32_t> cell_of, Cells& cells) {
  std::ranges::fill(cells.starts, 0);
  for (const std::int32_t cell : cell_of) ++cells.starts[cell + 1];
  for (std::size_t c = 1; c < cells.starts.size(); ++c) cells.starts[c] += cells.starts[c - 1];
  std::vector<Index> next(cells.starts.begin(), cells.starts.end() - 1);
  for (std::size_t i = 0; i < cell_of.size(); ++i)
    cells.members[next[cell_of[i]]++] = static_cast<Index>(i);
}

// Means of the cells; an empty one stays where it is.
void find_centres(MatrixView<const float> points, Cells& cells, const Context& context) {
  const auto centres = cells.centres.view();
  parallel_blocks(context, cells.count(), 16, [&](Index first, Index count) {
    std::vector<double> sums(static_cast<std::size_t>(points.cols));
    for (Index cell = first; cell < first + count; ++cell) {
      const Index begin = cells.starts[cell], end = cells.starts[cell + 1];
      if (begin == end) continue;
      std::ranges::fill(sums, 0);
      for (Index i = begin; i < end; ++i) {
        const float* const point = points.row_data(cells.members[i]);
        for (Index c = 0; c < points.cols; ++c) sums[c] += double{point[c]};
      }
      for (Index c = 0; c < points.cols; ++c)
        centres(cell, c) = static_cast<float>(sums[c] / static_cast<double>(end - begin));
    }
  });
}

void find_radii(MatrixView<const float> points, Cells& cells, const Context& context) {
  cells.square_radii.resize(static_cast<std::size_t>(cells.count()));
  const auto centres = cells.centres.view();
  parallel_blocks(context, cells.count(), 16, [&](Index first, Index count) {
    for (Index cell = first; cell < first + count; ++cell) {
      const float* const centre = centres.row_data(cell);
      double squares = 0;
      for (Index i = cells.starts[cell]; i < cells.starts[cell + 1]; ++i) {
        const float* const point = points.row_data(cells.members[i]);
        float square = 0;
        for (Index c = 0; c < points.cols; ++c)
          square += (point[c] - centre[c]) * (point[c] - centre[c]);
        squares += double{square};
      }
      cells.square_radii[cell] = static_cast<float>(
          squares / static_cast<double>(cells.starts[cell + 1] - cells.starts[cell]));
    }
  });
}

// Cuts cells of more than `most` points into even parts, leaves out empty ones.
std::vector<Index> capped_starts(const std::vector<Index>& starts, Index most) {
  std::vector<Index> capped;
  for (std::size_t c = 0; c + 1 < starts.size(); ++c) {
    const Index size = starts[c + 1] - starts[c], parts = (size + most - 1) / most;
    for (Index p = 0; p < parts; ++p) capped.push_back(starts[c] + size * p / parts);
  }
  capped.push_back(starts.back());
  return capped;
}

template <class Order>
AlignedMatrix<float> rows_in_order(MatrixView<const float> points, const Order& order,
                                   const Context& context) {
  AlignedMatrix<float> rows(points.rows, points.cols);
  parallel_blocks(context, points.rows, 4096, [&](Index first, Index count) {
    for (Index i = first; i < first + count; ++i)
      std::ranges::copy(points.row(order[i]), rows.view().row_data(i));
  });
  return rows;
}

}  // namespace

Cells find_cells_in_order(MatrixView<const float> points, Index size, Index most,
                          const Context& context) {
  const Index n = points.rows, count = std::max<Index>(1, n / size);
  const Context quiet{.threads = context.threads, .cancel = context.cancel};
  Cells cells;
  cells.starts = even_starts(n, count);
  cells.members.resize(static_cast<std::size_t>(n));
  std::iota(cells.members.begin(), cells.members.end(), Index{0});
  cells.centres = AlignedMatrix<float>(count, points.cols);
  find_centres(points, cells, quiet);
  std::vector<std::int32_t> cell_of(static_cast<std::size_t>(n), -1);
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    nearest_centres(points, cells.centres.view(), cell_of, quiet);
    group_points(cell_of, cells);
    if (iteration + 1 < kIterations) find_centres(points, cells, quiet);
  }
  cells.starts = capped_starts(cells.starts, most);
  cells.centres = AlignedMatrix<float>(cells.count(), points.cols);
  find_centres(points, cells, quiet);
  find_radii(points, cells, quiet);
  return cells;
}

Cells find_cells(MatrixView<const float> points, Index size, Index most, Seed seed,
                 const Context& context) {
  if (points.rows > std::numeric_limits<std::int32_t>::max())
    fail(ErrorCode::kInvalidArgument, "cells: points must be fewer than 2^31, got {}", points.rows);
  const Context quiet{.threads = context.threads, .cancel = context.cancel};
  const auto as_given = std::views::iota(Index{0}, points.rows);
  const AlignedMatrix<float> aligned = rows_in_order(points, as_given, quiet);
  const std::vector<std::int32_t> order = bisection_order(aligned.view(), kLeaf, seed, quiet);
  const AlignedMatrix<float> ordered = rows_in_order(points, order, quiet);
  Cells cells = find_cells_in_order(ordered.view(), size, most, quiet);
  for (Index& member : cells.members) member = order[member];
  return cells;
}

}  // namespace prodigest::kernel
