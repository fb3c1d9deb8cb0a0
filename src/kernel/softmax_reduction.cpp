#include <algorithm>
#include <cmath>

#include "base/fail.hpp"
#include "core/squared_norms.hpp"
#include "kernel/point_checks.hpp"
#include "prodigest/kernel/softmax_attention.hpp"

namespace prodigest::kernel {
namespace {

// Products of two floats are rounded to 2^-24 of the norms: beyond, exponents are off by a tenth.
constexpr double kMostExponent = 0x1p20;

template <Real T>
std::vector<double> mean_row(MatrixView<const T> rows) {
  std::vector<double> mean(static_cast<std::size_t>(rows.cols));
  for (Index i = 0; i < rows.rows; ++i)
    for (Index c = 0; c < rows.cols; ++c) mean[static_cast<std::size_t>(c)] += rows(i, c);
  for (double& x : mean) x /= static_cast<double>(rows.rows);
  return mean;
}

// Without the last coordinate.
template <Real T>
Matrix<T> centred_points(MatrixView<const T> rows, const std::vector<double>& mean) {
  Matrix<T> points(rows.rows, rows.cols + 1);
  for (Index i = 0; i < rows.rows; ++i)
    for (Index c = 0; c < rows.cols; ++c)
      points(i, c) = static_cast<T>(rows(i, c) - mean[static_cast<std::size_t>(c)]);
  return points;
}

template <Real T>
std::vector<double> norms_of(MatrixView<const T> rows) {
  std::vector<double> norms(static_cast<std::size_t>(rows.rows));
  squared_norms(rows, norms);
  return norms;
}

double largest(const std::vector<double>& norms) {
  return norms.empty() ? 0 : *std::ranges::max_element(norms);
}

template <Real T>
void multiply_by(Matrix<T>& points, double factor) {
  for (T& x : points.storage) x = static_cast<T>(x * factor);
}

}  // namespace

template <Real T>
SoftmaxReduction<T> reduce_softmax(MatrixView<const T> queries, MatrixView<const T> keys,
                                   double scale) {
  constexpr char kWhere[] = "softmax_attention";
  check_points(kWhere, queries, keys);
  if (!(scale >= 0) || !std::isfinite(scale))
    fail(ErrorCode::kInvalidArgument, "{}: scale must be positive and finite, or 0, got {}", kWhere,
         scale);
  if (scale == 0) scale = 1 / std::sqrt(static_cast<double>(keys.cols));

  const std::vector<double> mean = mean_row(keys);
  SoftmaxReduction<T> made{
      centred_points(queries, std::vector<double>(mean.size())), centred_points(keys, mean), {}, 0};
  made.bandwidth = 1 / std::sqrt(scale);

  const std::vector<double> query_norms = norms_of(queries);
  const std::vector<double> key_norms = norms_of<T>(made.keys.view());
  const double most_query = largest(query_norms), most_key = largest(key_norms);
  if (const double exponent = std::sqrt(most_query) * std::sqrt(most_key) * scale;
      !(exponent <= kMostExponent))
    fail(ErrorCode::kInvalidArgument,
         "{}: the norms of a query and of a key minus the mean of keys, times scale, must be at "
         "most 2^20, got {:g} (give a smaller scale, or make queries and keys smaller)",
         kWhere, exponent);

  for (Index j = 0; j < keys.rows; ++j)
    made.keys(j, keys.cols) =
        static_cast<T>(std::sqrt(most_key - key_norms[static_cast<std::size_t>(j)]));
  // s² ||q||² + M / s² is least for the longest query.
  const bool any = most_query > 0 && most_key > 0;
  const double square = any ? std::sqrt(most_key / most_query) : 1;
  multiply_by(made.queries, std::sqrt(square));
  multiply_by(made.keys, 1 / std::sqrt(square));
  for (Index i = 0; i < queries.rows; ++i) {
    double by_mean = 0;
    for (Index c = 0; c < queries.cols; ++c)
      by_mean += queries(i, c) * mean[static_cast<std::size_t>(c)];
    const double norm = query_norms[static_cast<std::size_t>(i)];
    made.row_logs.push_back(scale * ((square * norm + most_key / square) / 2 + by_mean));
  }
  return made;
}

template SoftmaxReduction<float> reduce_softmax(MatrixView<const float>, MatrixView<const float>,
                                                double);
template SoftmaxReduction<double> reduce_softmax(MatrixView<const double>, MatrixView<const double>,
                                                 double);

}  // namespace prodigest::kernel
