#pragma once
// One key head as the kernels of every kind take it, for tests: rows neither normalized nor scaled.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "attention/head_problem.hpp"
#include "core/draws.hpp"
#include "core/matrix_layouts.hpp"

namespace prodigest::attention {

inline Matrix<double> normals(Index rows, Index cols, std::uint64_t seed, double scale = 1) {
  Matrix<double> x(rows, cols);
  random_normals(Seed{seed}, 0, x.storage);
  for (double& v : x.storage) v *= scale;
  return x;
}

template <Real T>
struct Inputs {
  Matrix<T> q, k, v;
};

/// Scores have the size of 1.
template <Real T = double>
Inputs<T> random_inputs(Index queries, Index keys, Index width, Index value_dim,
                        std::uint64_t seed = 1) {
  const double scale = std::pow(static_cast<double>(width), -0.25);
  return {rounded_to<T>(normals(queries, width, 10 * seed, scale)),
          rounded_to<T>(normals(keys, width, 10 * seed + 1, scale)),
          rounded_to<T>(normals(keys, value_dim, 10 * seed + 2))};
}

struct Setting {
  bool causal = true;
  Index first_query = 0;
};

template <Real T>
HeadRows<T> rows_of(MatrixView<const T> x, const char* name) {
  return {x, {Normalization::kNone, 1}, HeadName{.tensor = name}};
}

template <Real T>
HeadProblem<T> problem_of(const Matrix<T>& k, const Matrix<T>& v, Setting setting = {}) {
  HeadProblem<T> problem;
  problem.k = rows_of<T>(k, "k");
  problem.v = rows_of<T>(v, "v");
  problem.causal = setting.causal;
  problem.first_query = setting.first_query;
  return problem;
}

template <Real T>
struct Result {
  Matrix<T> out;
  std::vector<T> denominators;
  bool operator==(const Result&) const = default;
};

/// Query heads that share keys; `solve` is the forward pass of a kind.
template <Real T, class Solve>
std::vector<Result<T>> solved(const Solve& solve, HeadProblem<T> problem,
                              const std::vector<Matrix<T>>& q) {
  std::vector<Result<T>> results;
  for (const Matrix<T>& head : q)
    results.push_back({Matrix<T>(head.rows, problem.v.width()), std::vector<T>(head.rows)});
  for (std::size_t a = 0; a < q.size(); ++a)
    problem.queries.push_back({.q = rows_of<T>(q[a], "q"),
                               .out = HeadOut<T>(results[a].out.view()),
                               .denominators = results[a].denominators});
  solve(problem);
  return results;
}

template <Real T>
Matrix<double> widened(const Matrix<T>& from) {
  Matrix<double> to(from.rows, from.cols);
  std::ranges::copy(from.storage, to.storage.begin());
  return to;
}

template <Real T>
Inputs<double> widened(const Inputs<T>& x) {
  return {widened(x.q), widened(x.k), widened(x.v)};
}

/// The largest difference over the largest number.
template <Real T>
double largest_error(const std::vector<T>& got, const std::vector<double>& expected) {
  double difference = 0, largest = 1e-300;
  for (std::size_t i = 0; i < got.size(); ++i) {
    difference = std::max(difference, std::abs(static_cast<double>(got[i]) - expected[i]));
    largest = std::max(largest, std::abs(expected[i]));
    if (std::isnan(got[i])) return std::numeric_limits<double>::infinity();
  }
  return difference / largest;
}

}  // namespace prodigest::attention
