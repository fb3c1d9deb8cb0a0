#pragma once
// Points that Gaussian kernels are tried on, the same on every machine. Rows come in a random
// order.

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/draws.hpp"
#include "prodigest/base/matrix.hpp"

namespace prodigest::kernel {

struct KernelData {
  Matrix<float> keys{};
  Matrix<float> queries{};  // empty: queries are keys
  double bandwidth = 1;

  MatrixView<const float> of_queries() const {
    return queries.rows == 0 ? keys.view() : queries.view();
  }
};

/// Standard normal numbers, others for each row.
inline std::vector<double> normal_row(Seed seed, Index row, Index count) {
  std::vector<double> out(static_cast<std::size_t>(count));
  random_normals(seed, static_cast<RowId>(row), out);
  return out;
}

inline std::vector<Index> random_order(Seed seed, Index n) {
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  std::mt19937_64 random(seed.value);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  return order;
}

/// Clusters of 32 with kernel values of about 0.15 within one and 1e-7 elsewhere; centres have no
/// structure. Row sums are near 5.6.
inline KernelData cluster_points(Index n, Index dim = 64, Seed seed = {1}) {
  KernelData data{.keys = Matrix<float>(n, dim)};
  const auto order = random_order(seed, n);
  const double within = std::sqrt(-std::log(0.15) / static_cast<double>(dim));
  const double apart = std::sqrt(16 / static_cast<double>(dim));
  std::vector<double> centre;
  for (Index i = 0; i < n; ++i) {
    if (i % 32 == 0) centre = normal_row(seed, n + i / 32, dim);
    const auto noise = normal_row(seed, i, dim);
    for (Index c = 0; c < dim; ++c)
      data.keys(order[i], c) = static_cast<float>(apart * centre[c] + within * noise[c]);
  }
  return data;
}

/// Leaves of a binary tree, a normal step for each edge, so that the kernel is about 2^(-1.25 h) of
/// two points whose first common ancestor is h up: each size of kernel value carries as much of the
/// sum. Row sums are 5 to 6.
inline KernelData tree_points(Index n, Index dim = 64, Seed seed = {1}) {
  KernelData data{.keys = Matrix<float>(n, dim)};
  const auto order = random_order(seed, n);
  const double step = std::sqrt(1.25 * std::log(2.0) / static_cast<double>(dim));
  const auto levels = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(n - 1)));
  std::vector<std::vector<double>> path(static_cast<std::size_t>(levels + 1),
                                        std::vector<double>(static_cast<std::size_t>(dim)));
  for (Index i = 0; i < n; ++i) {
    // Of the nodes above leaf i, those below the lowest one shared with leaf i - 1 are new.
    const int first = i == 0 ? 1 : levels - std::countr_zero(static_cast<std::uint64_t>(i));
    for (int level = first; level <= levels; ++level) {
      const auto noise = normal_row(seed, (Index{1} << level) + (i >> (levels - level)), dim);
      for (Index c = 0; c < dim; ++c) path[level][c] = path[level - 1][c] + step * noise[c];
    }
    for (Index c = 0; c < dim; ++c) data.keys(order[i], c) = static_cast<float>(path[levels][c]);
  }
  return data;
}

/// The cube: every kernel value is about 0.26, nothing is sparse.
inline KernelData uniform_points(Index n, Index dim = 64, Seed seed = {1}) {
  KernelData data{.keys = Matrix<float>(n, dim), .bandwidth = 2};
  std::vector<RowId> rows(data.keys.storage.size());
  std::iota(rows.begin(), rows.end(), RowId{0});
  std::vector<double> values(rows.size());
  uniforms(seed, Domain::kProbe, rows, values);
  for (std::size_t i = 0; i < rows.size(); ++i)
    data.keys.storage[i] = static_cast<float>(values[i]);
  return data;
}

/// Attention of n_q queries over n keys of dim - 1 columns, brought to points: the last column of
/// keys makes all norms equal, that of queries is 0. 64 keys share a topic, which adds 10 to their
/// logit with a query of that topic.
inline KernelData attention_points(Index n_q, Index n, Index dim = 64, Seed seed = {1}) {
  const Index width = dim - 1;
  const double root = std::pow(static_cast<double>(width), 0.25);  // the bandwidth
  KernelData data{
      .keys = Matrix<float>(n, dim), .queries = Matrix<float>(n_q, dim), .bandwidth = root};
  const auto order = random_order(seed, n);
  const Index topics = std::max<Index>(1, n / 64);
  std::mt19937_64 random(seed.value + 1);
  const double loud = std::sqrt(10.0) * root;  // a topic; noise has size 1 in a coordinate
  const auto topic = [&](Index t) {
    auto v = normal_row(seed, t, width);
    const double norm = std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
    for (double& x : v) x *= loud / norm;
    return v;
  };
  std::vector<double> squares(static_cast<std::size_t>(n));
  std::vector<double> of_keys;
  double most = 0;
  for (Index i = 0; i < n; ++i) {
    if (i % 64 == 0) of_keys = topic(i / 64 % topics);
    const auto noise = normal_row(seed, topics + i, dim);
    const double louder = std::exp(0.1 * noise[width]);
    for (Index c = 0; c < width; ++c) {
      const auto x = static_cast<float>(louder * of_keys[c] + noise[c]);
      data.keys(order[i], c) = x;
      squares[order[i]] += double{x} * x;
    }
    most = std::max(most, squares[order[i]]);
  }
  for (Index j = 0; j < n; ++j)
    data.keys(j, width) = static_cast<float>(std::sqrt(most - squares[j]));
  for (Index i = 0; i < n_q; ++i) {
    const auto of_query = topic(static_cast<Index>(random() % static_cast<std::uint64_t>(topics)));
    const auto noise = normal_row(seed, topics + n + i, width);
    for (Index c = 0; c < width; ++c)
      data.queries(i, c) = static_cast<float>(of_query[c] + noise[c]);
  }
  return data;
}

/// "tree", "cluster", "uniform" or "attn"; as many queries as keys.
inline KernelData kernel_data(std::string_view kind, Index n, Index dim = 64, Seed seed = {1}) {
  if (kind == "tree") return tree_points(n, dim, seed);
  if (kind == "cluster") return cluster_points(n, dim, seed);
  if (kind == "uniform") return uniform_points(n, dim, seed);
  return attention_points(n, n, dim, seed);
}

}  // namespace prodigest::kernel
