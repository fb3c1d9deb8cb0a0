#pragma once
// Attention by its definition: every weight, in double, one query after the other. q and k come as
// kernels take them, normalized and scaled.

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "prodigest/base/matrix.hpp"

namespace prodigest::attention {

inline double dot(MatrixView<const double> a, Index i, MatrixView<const double> b, Index j) {
  double sum = 0;
  for (Index d = 0; d < a.cols; ++d) sum += a(i, d) * b(j, d);
  return sum;
}

struct NaiveAttention {
  /// Of a query and a key, by their rows; `softmax` takes the exponential of it.
  std::function<double(Index, Index)> weight;
  bool softmax = false, causal = true;
  Index first_query = 0;
  double epsilon = 0;

  bool sees(Index query, Index key) const { return !causal || key <= first_query + query; }
};

/// Weight of every key for every query over the sum of them, and that sum (softmax: its logarithm).
struct NaiveShares {
  Matrix<double> shares;  ///< queries x keys
  std::vector<double> denominators;
};

inline NaiveShares naive_shares(const NaiveAttention& how, Index queries, Index keys) {
  NaiveShares out{Matrix<double>(queries, keys), std::vector<double>(queries)};
  for (Index i = 0; i < queries; ++i) {
    const auto row = out.shares.view().row(i);
    double largest = -std::numeric_limits<double>::infinity(), total = how.epsilon;
    for (Index j = 0; j < keys; ++j)
      if (how.sees(i, j)) largest = std::max(largest, row[j] = how.weight(i, j));
    for (Index j = 0; j < keys; ++j) {
      if (!how.sees(i, j)) continue;
      if (how.softmax) row[j] = std::exp(row[j] - largest);
      total += row[j];
    }
    for (double& share : row) share = total == 0 ? 0 : share / total;
    out.denominators[i] = how.softmax ? largest + std::log(total) : total;
  }
  return out;
}

/// @shape a: n x m, b: m x d
inline Matrix<double> naive_product(MatrixView<const double> a, MatrixView<const double> b) {
  Matrix<double> out(a.rows, b.cols);
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < b.rows; ++j)
      for (Index d = 0; d < b.cols; ++d) out(i, d) += a(i, j) * b(j, d);
  return out;
}

}  // namespace prodigest::attention
