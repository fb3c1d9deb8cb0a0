#include "kernel/cell_distances.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "core/gemm.hpp"
#include "core/parallel.hpp"

namespace prodigest::kernel {
namespace {

std::vector<float> mean_squares(const Cells& cells) {
  std::vector<float> out(cells.square_radii);
  for (Index i = 0; i < cells.count(); ++i) {
    double square = 0;
    for (const float x : cells.centres.view().row(i)) square += double{x} * x;
    out[i] += static_cast<float>(square);
  }
  return out;
}

// log2 of the sum of size 2^(-distance / 2).
float log2_of_sum(std::span<const float> distances, const Cells& keys) {
  const float least = std::ranges::min(distances);
  double sum = 0;
  for (std::size_t b = 0; b < distances.size(); ++b)
    sum += static_cast<double>(keys.starts[b + 1] - keys.starts[b]) *
           std::exp2(double{least - distances[b]} / 2);
  return static_cast<float>(std::log2(sum)) - least / 2;
}

}  // namespace

CellDistances::CellDistances(const Cells& queries, const Cells& keys, bool relative,
                             const Context& context)
    : queries_(queries.centres),
      keys_(keys.centres),
      query_squares_(mean_squares(queries)),
      key_squares_(mean_squares(keys)),
      shifts_(query_squares_.size()) {
  for (float& x : queries_.all()) x *= -2;
  if (!relative) return;
  std::vector<float> sums(shifts_);
  parallel_blocks(context, queries.count(), 1, [&](Index group, Index) {
    AlignedMatrix<float> distances(1, keys.count());
    find({&group, 1}, distances.view());
    sums[group] = log2_of_sum(distances.view().row(0), keys);
  });
  shifts_ = std::move(sums);
}

void CellDistances::find(std::span<const Index> groups, MatrixView<float> out) const {
  AlignedMatrix<float> centres(out.rows, keys_.view().cols);
  for (Index i = 0; i < out.rows; ++i) {
    const Index group = groups[i];
    std::ranges::copy(queries_.view().row(group), centres.view().row_data(i));
    const float shifted = query_squares_[group] + 2 * shifts_[group];
    for (Index b = 0; b < out.cols; ++b) out(i, b) = shifted + key_squares_[b];
  }
  add_product_by_transposed(centres.view(), keys_.view(), out, {.threads = 1});
}

}  // namespace prodigest::kernel
