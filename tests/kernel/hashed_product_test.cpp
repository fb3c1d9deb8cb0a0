#include "prodigest/kernel/hashed_product.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "expect_error.hpp"
#include "kernel/gaussian_rows.hpp"
#include "kernel/hash_tables.hpp"

namespace prodigest::kernel {
namespace {

Matrix<double> product(const Matrix<double>& kernel, const Matrix<double>& x) {
  Matrix<double> y(kernel.rows, 1);
  for (Index i = 0; i < kernel.rows; ++i)
    for (Index j = 0; j < kernel.cols; ++j) y(i, 0) += kernel(i, j) * x(j, 0);
  return y;
}

double norm(const Matrix<double>& a) {
  double sum = 0;
  for (const double x : a.storage) sum += x * x;
  return std::sqrt(sum);
}

double distance(Matrix<double> a, const Matrix<double>& b) {
  for (std::size_t i = 0; i < a.storage.size(); ++i) a.storage[i] -= b.storage[i];
  return norm(a);
}

// Clusters that are not so far apart that light pairs could be left out.
Matrix<float> loose_clusters(Index n) {
  Matrix<float> points = clustered_points(1, n, 6, 16);
  for (float& x : points.storage) x *= 0.9F;
  return points;
}

// Few tables and samples, so that all steps have something to do.
HashedSpec small_spec() {
  return {.epsilon = 0.5, .tables = 20, .projections = 4, .width = 4, .samples = 0.02};
}

TEST(HashedProduct, keeps_to_epsilon_with_the_parameters_of_the_paper) {
  const Index n = 512;
  const Matrix<float> points = clustered_points(1, n, 16, 16);
  const Matrix<double> kernel = gaussian_matrix(points, points, 1.0);
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    const auto x = normal_points<double>(10 + seed, n, 1);
    Matrix<double> y(n, 1);
    const HashedReport report =
        hashed_product(points, points, {.epsilon = 0.1, .seed = {seed}}, x, y.view());
    EXPECT_LT(distance(y, product(kernel, x)), 0.1 * norm(x));
    EXPECT_EQ(report.repetitions, std::ceil(10 * std::log(n)));
    EXPECT_GT(report.density_structures, 50);
  }
}

// Few draws a row, yet the mean square error is what they are to lead to.
TEST(HashedProduct, keeps_to_epsilon_where_keys_are_sampled) {
  const Index n = 512;
  const Matrix<float> points = loose_clusters(n);
  const Matrix<double> kernel = gaussian_matrix(points, points, 1.0);
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const auto x = normal_points<double>(10 + seed, n, 1);
    Matrix<double> y(n, 1);
    HashedSpec spec = small_spec();
    spec.samples = 1, spec.repetitions = 1, spec.seed = {seed};
    const HashedReport report = hashed_product(points, points, spec, x, y.view());
    const double error = distance(y, product(kernel, x)) / norm(x);
    EXPECT_LT(error, 0.5) << seed;
    EXPECT_GT(error, 0.02) << seed;
    EXPECT_LT(report.exact_rows, 0.5);
    EXPECT_GT(report.samples, 10);
  }
}

TEST(HashedProduct, finds_the_heavy_pairs_and_sums_them_exactly) {
  const Index n = 256;
  const Matrix<float> points = clustered_points(1, n, 32, 16);
  const Matrix<double> kernel = gaussian_matrix(points, points, 1.0);
  const double least = std::pow(static_cast<double>(n), -1.0 / 3);
  double heavy = 0;
  Matrix<double> heavy_part = kernel;
  for (double& value : heavy_part.storage) {
    heavy += value >= least ? 1 : 0;
    if (value < least) value = 0;
  }
  auto x = normal_points<double>(10, n, 1);  // signs, so that no entry is large
  for (double& entry : x.storage) entry = entry > 0 ? 1 : -1;
  Matrix<double> y(n, 1);
  const HashedReport report =
      hashed_product(points, points, {.samples = 1e-9, .repetitions = 1}, x, y.view());
  EXPECT_EQ(report.heavy_keys, heavy / static_cast<double>(n));
  EXPECT_GE(report.candidates, report.heavy_keys);
  EXPECT_EQ(report.samples, 1);
  // One draw a row seldom meets a light key that counts; the other rows are the heavy part alone.
  const Matrix<double> expected = product(heavy_part, x);
  Index same = 0;
  for (Index i = 0; i < n; ++i) same += std::abs(y(i, 0) - expected(i, 0)) < 1e-5 ? 1 : 0;
  EXPECT_GT(same, n * 9 / 10);
}

TEST(HashedProduct, is_unbiased_whatever_the_tables_miss) {
  const Index n = 160;
  const Matrix<float> points = loose_clusters(n), queries = loose_clusters(n + 20);
  const Matrix<double> kernel = gaussian_matrix(queries, points, 1.0);
  const auto x = normal_points<double>(10, n, 1);
  const Matrix<double> expected = product(kernel, x);
  // Errors along some directions: those of single rows are rare and large.
  constexpr int kSeeds = 200, kDirections = 8;
  const auto directions = normal_points<double>(20, queries.rows, kDirections);
  double mean[kDirections] = {}, squares[kDirections] = {}, exact = 0;
  Matrix<double> y(queries.rows, 1);
  HashedSpec spec = small_spec();
  spec.tables = 1, spec.projections = 8, spec.repetitions = 1, spec.samples = 0.3;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    spec.seed = {seed};
    exact += hashed_product(queries, points, spec, x, y.view()).exact_rows / kSeeds;
    for (Index u = 0; u < kDirections; ++u) {
      double error = 0;
      for (Index i = 0; i < y.rows; ++i) error += directions(i, u) * (y(i, 0) - expected(i, 0));
      mean[u] += error / kSeeds;
      squares[u] += error * error / kSeeds;
    }
  }
  EXPECT_LT(exact, 0.7);
  for (Index u = 0; u < kDirections; ++u)
    EXPECT_LT(std::abs(mean[u]), 4 * std::sqrt(squares[u] / kSeeds)) << u;
}

TEST(HashedProduct, of_rows_that_would_draw_more_than_all_keys_is_exact) {
  const Matrix<float> points = loose_clusters(300);
  const auto x = normal_points<double>(10, 300, 1);
  Matrix<double> y(300, 1);
  HashedSpec spec = small_spec();
  spec.samples = 1e9;
  EXPECT_EQ(hashed_product(points, points, spec, x, y.view()).exact_rows, 1);
  EXPECT_LT(distance(y, product(gaussian_matrix(points, points, 1.0), x)), 1e-5 * norm(x));
}

TEST(HashedProduct, sums_large_entries_exactly_and_once) {
  const Matrix<float> points = loose_clusters(300);
  Matrix<double> x(300, 1), y(300, 1);
  x(7, 0) = -3, x(8, 0) = 2;  // near one another: heavy too
  const HashedReport report = hashed_product(points, points, small_spec(), x, y.view());
  EXPECT_EQ(report.large_keys, 2);
  EXPECT_EQ(report.density_structures, 0);
  EXPECT_LT(distance(y, product(gaussian_matrix(points, points, 1.0), x)), 1e-5);
}

TEST(HashedProduct, scales_with_x) {
  const Matrix<float> points = loose_clusters(200);
  auto x = normal_points<double>(10, 200, 1);
  Matrix<double> y(200, 1), scaled(200, 1);
  hashed_product(points, points, small_spec(), x, y.view());
  for (double& entry : x.storage) entry *= 0x1p300;
  hashed_product(points, points, small_spec(), x, scaled.view());
  for (Index i = 0; i < 200; ++i) EXPECT_EQ(scaled(i, 0), y(i, 0) * 0x1p300);
}

TEST(HashedProduct, has_the_same_bits_for_any_number_of_threads_and_others_for_another_seed) {
  const Matrix<float> points = loose_clusters(500);
  const auto x = normal_points<double>(10, 500, 1);
  const auto made = [&](std::uint64_t seed, int threads) {
    Matrix<double> y(500, 1);
    HashedSpec spec = small_spec();
    spec.seed = {seed}, spec.repetitions = 1;
    hashed_product(points, points, spec, x, y.view(), {.threads = threads});
    return y;
  };
  EXPECT_EQ(made(1, 1), made(1, 3));
  EXPECT_NE(made(1, 1), made(2, 1));
}

TEST(HashedProduct, of_zeros_of_one_key_and_of_no_queries_is_defined) {
  const Matrix<float> points = loose_clusters(50), one(1, 6), none(0, 6);
  Matrix<double> x(50, 1), y(50, 1);
  y(3, 0) = 5;
  hashed_product(points, points, {}, x, y.view());
  EXPECT_EQ(norm(y), 0);
  Matrix<double> single(1, 1), out(1, 1), nothing(0, 1);
  single(0, 0) = 4;
  hashed_product(one, one, {}, single, out.view());
  EXPECT_DOUBLE_EQ(out(0, 0), 4);
  EXPECT_NO_THROW(hashed_product(none, one, {}, single, nothing.view()));
}

TEST(HashedProduct, refuses_what_it_cannot_use) {
  const Matrix<float> points = loose_clusters(20);
  Matrix<double> x(20, 1), y(20, 1);
  const auto refused = [&](const std::string& words, const HashedSpec& spec) {
    expect_refusal(ErrorCode::kInvalidArgument, words,
                   [&] { hashed_product(points, points, spec, x, y.view()); });
  };
  refused("bandwidth must be positive", {.bandwidth = 0});
  refused("epsilon must be between 0 and 1, got 1", {.epsilon = 1});
  refused("heavy must be above 0 and at most 1/2, got 0.6", {.heavy = 0.6});
  refused("large must be between 0 and 1, got 0", {.large = 0});
  refused("tables must be at least 0", {.tables = -1});
  refused("projections must be at least 1", {.projections = 0});
  refused("width must be positive", {.width = 0});
  refused("density_keys must be at least 1", {.density_keys = 0});
  refused("samples must be positive", {.samples = std::nan("")});
  refused("repetitions must be at least 0", {.repetitions = -1});
  x(4, 0) = std::numeric_limits<double>::infinity();
  refused("x must be finite, got inf in row 4", {});
  x = Matrix<double>(20, 2);
  refused("x must be 20 x 1, got 20 x 2", {});
  x = Matrix<double>(20, 1), y = Matrix<double>(19, 1);
  refused("y must be 20 x 1, got 19 x 1", {});
}

// Over many hashes, two points at a distance meet as often as the formula says.
TEST(HashTables, meet_as_often_as_they_should) {
  Matrix<float> queries(2, 5), keys(2, 5);
  keys(0, 2) = 3, keys(1, 0) = 1, keys(1, 4) = 1;
  const CentredPair points = centre_points(queries, keys, 1.0);
  for (const Index projections : {1, 4}) {
    constexpr int kSeeds = 4000;
    double near = 0, far = 0;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const auto met = keys_met(points, {projections, 4.0, {seed}}, 1, {});
      EXPECT_EQ(met[0], met[1]);
      far += std::ranges::binary_search(met[0], 0) ? 1.0 / kSeeds : 0;
      near += std::ranges::binary_search(met[0], 1) ? 1.0 / kSeeds : 0;
    }
    const auto expected = [&](double distance) {
      return chance_to_meet({projections, 4.0, {}}, points.scale * distance);
    };
    const auto within = [&](double p) { return 4 * std::sqrt(p * (1 - p) / kSeeds); };
    EXPECT_NEAR(far, expected(3), within(expected(3)));
    EXPECT_NEAR(near, expected(std::sqrt(2.0)), within(expected(std::sqrt(2.0))));
    EXPECT_LT(far, near);
  }
}

TEST(HashTables, of_more_tables_meet_more_keys_each_once) {
  const Matrix<float> points = loose_clusters(200);
  const CentredPair pair = centre_points(points, points, 1.0);
  const auto few = keys_met(pair, {4, 4.0, {1}}, 2, {}),
             many = keys_met(pair, {4, 4.0, {1}}, 40, {});
  for (std::size_t i = 0; i < many.size(); ++i) {
    EXPECT_TRUE(std::ranges::includes(many[i], few[i]));
    EXPECT_TRUE(std::ranges::adjacent_find(many[i], std::ranges::greater_equal{}) == many[i].end());
    EXPECT_TRUE(std::ranges::binary_search(few[i], static_cast<std::int32_t>(i)));
  }
}

}  // namespace
}  // namespace prodigest::kernel
