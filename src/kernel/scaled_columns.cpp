#include "kernel/scaled_columns.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace prodigest::kernel {

void ScaledColumns::restore(MatrixView<const double> computed, std::span<const Index> order,
                            MatrixView<double> y) const {
  for (Index i = 0; i < computed.rows; ++i)
    for (Index c = 0; c < computed.cols; ++c)
      y(order[i], c) = computed(i, c) * norm * largest;
}

ScaledColumns scale_columns(MatrixView<const double> x, std::span<const Index> order) {
  ScaledColumns scaled{.values = Matrix<float>(x.rows, x.cols),
                       .weights = std::vector<float>(static_cast<std::size_t>(x.rows))};
  for (Index i = 0; i < x.rows; ++i)
    for (Index c = 0; c < x.cols; ++c)
      scaled.largest = std::max(scaled.largest, std::abs(x(i, c)));
  if (scaled.largest == 0) return scaled;
  double squares = 0;
  for (Index i = 0; i < x.rows; ++i)
    for (Index c = 0; c < x.cols; ++c) {
      const double share = x(i, c) / scaled.largest;
      squares += share * share;
    }
  scaled.norm = std::sqrt(squares);
  for (Index i = 0; i < x.rows; ++i) {
    double square = 0;
    for (Index c = 0; c < x.cols; ++c) {
      const double share = x(order[i], c) / scaled.largest / scaled.norm;
      scaled.values(i, c) = static_cast<float>(share);
      square += share * share;
    }
    scaled.weights[i] = static_cast<float>(std::sqrt(square));
  }
  return scaled;
}

Index WeightedKeys::first_of(Index cell, float least) const {
  const auto first = weights.begin() + starts[cell], end = weights.begin() + starts[cell + 1];
  return std::lower_bound(first, end, least) - weights.begin();
}

Matrix<double> sums_of_cells(const Cells& cells, const ScaledColumns& x) {
  Matrix<double> sums(cells.count(), x.values.cols);
  for (Index cell = 0; cell < cells.count(); ++cell)
    for (Index i = cells.starts[cell]; i < cells.starts[cell + 1]; ++i)
      for (Index c = 0; c < sums.cols; ++c) sums(cell, c) += double{x.values(i, c)};
  return sums;
}

WeightedKeys sort_by_weight(const Cells& cells, std::span<const float> weights) {
  WeightedKeys out{.starts = cells.starts,
                   .keys = std::vector<std::int32_t>(weights.size()),
                   .weights = std::vector<float>(weights.size()),
                   .sums = std::vector<float>(weights.size()),
                   .squares = std::vector<float>(weights.size())};
  std::iota(out.keys.begin(), out.keys.end(), 0);
  for (Index cell = 0; cell < cells.count(); ++cell) {
    const Index first = cells.starts[cell], end = cells.starts[cell + 1];
    std::stable_sort(
        out.keys.begin() + first, out.keys.begin() + end,
        [&](std::int32_t a, std::int32_t b) { return weights[a] < weights[b]; });
    double sum = 0, squares = 0;
    for (Index i = first; i < end; ++i) {
      const auto weight = double{weights[out.keys[i]]};
      out.weights[i] = weights[out.keys[i]];
      out.sums[i] = static_cast<float>(sum += weight);
      out.squares[i] = static_cast<float>(squares += weight * weight);
    }
  }
  return out;
}

}  // namespace prodigest::kernel
