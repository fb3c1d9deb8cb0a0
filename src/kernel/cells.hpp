#pragma once
// Points in small groups of near ones, by k-means.

#include <vector>

#include "kernel/points.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::kernel {

struct Cells {
  std::vector<Index> members{};       ///< [n], points cell after cell
  std::vector<Index> starts{};        ///< [cells + 1] into members; no cell is empty
  AlignedMatrix<float> centres{};     ///< cells x d, means
  std::vector<float> square_radii{};  ///< [cells], mean squared distance to the centre
  Index count() const { return starts.empty() ? 0 : static_cast<Index>(starts.size()) - 1; }
};

/// @param size points of a cell, about; never more than `most`
/// @complexity O(n d sqrt(n / size)) or so; the same cells for any number of threads
Cells find_cells(MatrixView<const float> points, Index size, Index most, Seed seed,
                 const Context& context);
/// The same of points that are near each other already where their numbers are.
Cells find_cells_in_order(MatrixView<const float> points, Index size, Index most,
                          const Context& context);

}  // namespace prodigest::kernel
