#include "kernel/kernel_logs.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/gemm.hpp"
#include "core/parallel.hpp"
#include "core/squared_norms.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kBlock = 256;  // queries at a time

std::vector<double> mean_of(MatrixView<const float> points) {
  std::vector<double> mean(static_cast<std::size_t>(points.cols));
  for (Index i = 0; i < points.rows; ++i)
    for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += double{points.row(i)[c]};
  for (double& m : mean) m /= static_cast<double>(points.rows);
  return mean;
}

Matrix<double> moved(MatrixView<const float> points, const std::vector<double>& by) {
  Matrix<double> made(points.rows, points.cols);
  for (Index i = 0; i < points.rows; ++i)
    for (std::size_t c = 0; c < by.size(); ++c)
      made.view().row(i)[c] = double{points.row(i)[c]} - by[c];
  return made;
}

std::vector<double> norms_of(const Matrix<double>& points) {
  std::vector<double> norms(static_cast<std::size_t>(points.rows));
  squared_norms(points.view(), norms);
  return norms;
}

}  // namespace

Matrix<double> kernel_logs(MatrixView<const float> queries, MatrixView<const float> keys,
                           const DiagnoseOptions& options, const Context& context) {
  const bool attention = options.attention;
  const auto width = static_cast<double>(keys.cols);
  const double scale = !attention          ? 1 / (options.bandwidth * options.bandwidth)
                       : options.scale > 0 ? options.scale
                                           : 1 / std::sqrt(width);
  // Distances do not change with the origin, and lose the least near the keys.
  const std::vector<double> origin =
      attention ? std::vector<double>(static_cast<std::size_t>(keys.cols)) : mean_of(keys);
  const Matrix<double> q = moved(queries, origin), k = moved(keys, origin);
  const std::vector<double> of_queries = norms_of(q);
  std::vector<double> of_keys = norms_of(k);
  if (attention) std::ranges::fill(of_keys, *std::ranges::max_element(of_keys));

  Matrix<double> logs(q.rows, k.rows);
  parallel_blocks(context, q.rows, kBlock, [&](Index first, Index count) {
    const MatrixView<double> block = logs.view().slice(first, count);
    add_product_by_transposed(q.view().slice(first, count), k.view(), block, {.threads = 1});
    for (Index i = 0; i < count; ++i) {
      const double norm = of_queries[static_cast<std::size_t>(first + i)];
      for (std::size_t j = 0; j < of_keys.size(); ++j) {
        double& x = block.row(i)[j];
        x = std::min(0.0, scale * (x - (norm + of_keys[j]) / 2));
      }
    }
  });
  return logs;
}

}  // namespace prodigest::kernel
