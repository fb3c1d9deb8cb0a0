// The exact product with a Gaussian kernel matrix against its multiply-adds in registers, against
// products by BLAS whose exponentials are taken afterwards, and against the formula as one would
// write it with arrays. An item is a pair. Usage: bench_exact_kernel [--quick] [--json FILE]

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "core/aligned_matrix.hpp"
#include "core/draws.hpp"
#include "core/gemm.hpp"
#include "core/parallel.hpp"
#include "harness.hpp"
#include "kernel/points.hpp"
#include "kernel/vector_loops.hpp"
#include "prodigest/kernel/exact_product.hpp"

namespace {

using namespace prodigest;
using bench::Case;

std::vector<double> normals(Index count, std::uint64_t seed) {
  std::vector<double> numbers(static_cast<std::size_t>(count));
  random_normals(Seed{seed}, 0, numbers);
  return numbers;
}

// n points of normal numbers, a bandwidth of about their distance, and m columns.
class Problem {
 public:
  Problem(Index n, Index dim, Index cols)
      : bandwidth_(std::sqrt(static_cast<double>(dim))),
        keys_(n, dim),
        x_(n, cols),
        y_(n, cols),
        x_float_(n, cols) {
    const std::vector<double> numbers = normals(n * dim, 1);
    std::ranges::transform(numbers, keys_.storage.begin(), [](double v) { return float(v); });
    queries_ = keys_;
    x_.storage = normals(n * cols, 2);
    std::ranges::transform(x_.storage, x_float_.storage.begin(), [](double v) { return float(v); });
  }

  double pairs() const { return static_cast<double>(keys_.rows * keys_.rows); }
  void multiply_adds() {
    bench::keep(bench::multiply_adds(keys_.rows * keys_.rows * (keys_.cols + x_.cols)));
  }
  void exact(bool same, int threads) {
    kernel::exact_product(same ? keys_ : queries_, keys_, bandwidth_, x_, y_.view(),
                          {.threads = threads});
    bench::keep(y_.storage.back());
  }
  // Blocks of logarithms by BLAS, their exponentials, and products of these by BLAS.
  void by_blocks(int threads) {
    const kernel::CentredPair points = kernel::centre_points(queries_, keys_, bandwidth_);
    const auto rows = points.keys.rows.view();
    const auto& offsets = points.keys.offsets;
    constexpr Index kQueries = 256, kKeys = 512;
    parallel_blocks({.threads = threads}, rows.rows, kQueries, [&](Index first, Index count) {
      Matrix<float> values(count, kKeys), sums(count, x_.cols);
      for (Index j = 0; j < rows.rows; j += kKeys) {
        const MatrixView<float> block(values.storage.data(), count, std::min(kKeys, rows.rows - j));
        for (Index i = 0; i < count; ++i)
          for (Index l = 0; l < block.cols; ++l)
            block(i, l) = points.of_queries().offsets[static_cast<std::size_t>(first + i)] +
                          offsets[static_cast<std::size_t>(j + l)];
        add_product_by_transposed(points.of_queries().rows.view().slice(first, count),
                                  rows.slice(j, block.cols), block, {.threads = 1});
        bench::exponentials2(block.data, count * block.cols);
        multiply(MatrixView<const float>(block), x_float_.view().slice(j, block.cols), sums.view(),
                 {.threads = 1});
        for (Index i = 0; i < count; ++i)
          for (Index c = 0; c < x_.cols; ++c)
            y_(first + i, c) = (j == 0 ? 0 : y_(first + i, c)) + double{sums(i, c)};
      }
    });
    bench::keep(y_.storage.back());
  }
  // exp(-max(0, |q|² + |k|² - 2 <q, k>) / (2 bandwidth²)) x, some whole rows of K at a time.
  void by_formula() {
    constexpr Index kQueries = 512;
    const Index n = keys_.rows;
    const auto squares = [](MatrixView<const float> points) {
      std::vector<float> out;
      for (Index i = 0; i < points.rows; ++i) {
        float sum = 0;
        for (const float v : points.row(i)) sum += v * v;
        out.push_back(sum);
      }
      return out;
    };
    const std::vector<float> query_squares = squares(queries_), key_squares = squares(keys_);
    const auto half = static_cast<float>(-0.5 / (bandwidth_ * bandwidth_));
    Matrix<float> values(kQueries, n), sums(kQueries, x_.cols);
    for (Index first = 0; first < n; first += kQueries) {
      std::ranges::fill(values.storage, 0.0F);
      add_product_by_transposed(queries_.view().slice(first, kQueries), keys_, values.view(),
                                {.threads = 1});
      for (Index i = 0; i < kQueries; ++i)
        for (Index j = 0; j < n; ++j)
          values(i, j) =
              std::exp(half * std::max(0.0F, query_squares[static_cast<std::size_t>(first + i)] +
                                                 key_squares[static_cast<std::size_t>(j)] -
                                                 2 * values(i, j)));
      multiply(values.view(), x_float_, sums.view(), {.threads = 1});
      for (Index i = 0; i < kQueries; ++i)
        for (Index c = 0; c < x_.cols; ++c) y_(first + i, c) = double{sums(i, c)};
    }
    bench::keep(y_.storage.back());
  }

 private:
  double bandwidth_;
  Matrix<float> keys_, queries_;
  Matrix<double> x_, y_;
  Matrix<float> x_float_;
};

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv);
  bench::Report report("exact Gaussian kernel products");
  const Index n = arguments.quick ? 4096 : 16384;
  for (const Index dim : {16, 64, 128})
    for (const Index cols : {1, 8, 64}) {
      Problem problem(n, dim, cols);
      std::vector<Case> cases = {
          {"multiply-adds in registers", [&] { problem.multiply_adds(); }},
          {"exact_product", [&] { problem.exact(false, 1); }},
          {"exact_product, queries are keys", [&] { problem.exact(true, 1); }},
          {"exact_product, 2 threads", [&] { problem.exact(false, 2); }},
          {"exact_product, queries are keys, 2 threads", [&] { problem.exact(true, 2); }},
          {"BLAS, then exponentials", [&] { problem.by_blocks(1); }},
          {"BLAS, then exponentials, 2 threads", [&] { problem.by_blocks(2); }},
          {"BLAS of whole rows, std::exp", [&] { problem.by_formula(); }}};
      for (Case& timed : cases) timed.items = problem.pairs();
      report.group(fmt::format("{} points of {}, {} columns", n, dim, cols), cases,
                   arguments.quick ? 7 : 5);
    }
  report.write_json(arguments.json);
}
