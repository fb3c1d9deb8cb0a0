#pragma once
// The matrix that a kernel is multiplied by, made ready.

#include <span>
#include <vector>

#include "kernel/cells.hpp"
#include "prodigest/base/matrix.hpp"

namespace prodigest::kernel {

/// x / ||x||_F by place.
struct ScaledColumns {
  Matrix<float> values{};        ///< n x m
  std::vector<float> weights{};  ///< [n], norms of rows
  double largest = 0, norm = 0;  ///< of x: largest entry, and ||x||_F / largest; the product of
                                 ///< both may not fit a double

  /// y = what was computed for values, by place, times the norm, by the caller's row.
  void restore(MatrixView<const double> computed, std::span<const Index> order,
               MatrixView<double> y) const;
};
/// @param order the caller's row of each place
ScaledColumns scale_columns(MatrixView<const double> x, std::span<const Index> order);

/// Keys of each cell, ascending by weight.
struct WeightedKeys {
  std::vector<Index> starts{};          ///< [cells + 1]
  std::vector<std::int32_t> keys{};     ///< [n]
  std::vector<float> weights{};         ///< [n] of keys[i]
  std::vector<float> sums{};            ///< [n] of weights from the start of the cell up to i
  std::vector<float> squares{};         ///< [n] of squared weights likewise

  /// The first place in a cell whose weight is at least `least`, or its end.
  Index first_of(Index cell, float least) const;
};
/// The sum of the rows of x of each cell.  @shape cells x m
Matrix<double> sums_of_cells(const Cells& cells, const ScaledColumns& x);

WeightedKeys sort_by_weight(const Cells& cells, std::span<const float> weights);

}  // namespace prodigest::kernel
