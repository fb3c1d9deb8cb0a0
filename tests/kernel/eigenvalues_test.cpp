#include "prodigest/kernel/eigenvalues.hpp"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>

#include "expect_error.hpp"
#include "kernel/noisy_map.hpp"

namespace prodigest::kernel {
namespace {

// Clusters of falling size, so that there are gaps between eigenvalues.
Matrix<double> kernel_with_gaps() {
  Matrix<float> points = normal_points<float>(5, 200, 6, 0.2);
  Index at = 0;
  for (const Index size : {80, 50, 30, 20, 12, 8}) {
    for (Index i = at; i < at + size; ++i) points(i, size % 6) += static_cast<float>(2 * size);
    at += size;
  }
  return gaussian_matrix(points, points, 1.0);
}

Eigen::VectorXd values_of(const Matrix<double>& kernel) {
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(eigen_of(kernel))
      .eigenvalues()
      .reverse()
      .eval();
}

TEST(LargestEigenvalues, are_those_of_the_matrix_and_come_with_their_vectors) {
  const Matrix<double> kernel = kernel_with_gaps();
  const Eigen::VectorXd expected = values_of(kernel);
  Index columns = 0;
  const Eigenpairs found = largest_eigenvalues(noisy_map(kernel, 0, &columns),
                                               {.count = 4, .iterations = 200, .tolerance = 1e-13});
  ASSERT_EQ(found.values.size(), 4);
  for (int k = 0; k < 4; ++k) EXPECT_NEAR(found.values[k], expected[k], 1e-9 * expected[k]);
  const RowMajor vectors = eigen_of(found.vectors);
  EXPECT_LT((vectors.transpose() * vectors - RowMajor::Identity(4, 4)).norm(), 1e-12);
  const RowMajor images = eigen_of(kernel) * vectors;
  for (int k = 0; k < 4; ++k) {
    const double residual = (images.col(k) - found.values[k] * vectors.col(k)).norm();
    EXPECT_NEAR(found.residuals[k], residual, 1e-9);
    EXPECT_LT(residual, 1e-5 * expected[0]);
  }
  EXPECT_LT(found.iterations, 200);
  EXPECT_EQ(columns, 8 * found.iterations);
}

TEST(LargestEigenvalues, err_by_about_what_the_products_do) {
  const Matrix<double> kernel = kernel_with_gaps();
  const Eigen::VectorXd expected = values_of(kernel);
  for (const double epsilon : {0.01, 0.1, 0.5})
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const Eigenpairs found = largest_eigenvalues(noisy_map(kernel, epsilon),
                                                   {.count = 3, .iterations = 20, .seed = {seed}});
      for (int k = 0; k < 3; ++k) {
        EXPECT_NEAR(found.values[k], expected[k], epsilon) << epsilon;
        EXPECT_GT(found.residuals[k], 0.5 * epsilon);
        EXPECT_LT(found.residuals[k], 2 * epsilon + 1e-2);
      }
    }
}

TEST(LargestEigenvalues, depend_on_the_seed_alone) {
  const Matrix<double> kernel = kernel_with_gaps();
  const EigenOptions options{.count = 2, .iterations = 3, .tolerance = 0, .seed = {3}};
  const auto found = largest_eigenvalues(noisy_map(kernel, 0.1), options);
  EXPECT_EQ(found.vectors, largest_eigenvalues(noisy_map(kernel, 0.1), options).vectors);
  EXPECT_EQ(found.iterations, 3);
  EigenOptions other = options;
  other.seed = {4};
  EXPECT_NE(found.vectors, largest_eigenvalues(noisy_map(kernel, 0.1), other).vectors);
}

TEST(LargestEigenvalues, of_a_small_matrix_are_all_there_are) {
  const auto points = normal_points<float>(1, 3, 2);
  const Matrix<double> kernel = gaussian_matrix(points, points, 1.0);
  const Eigenpairs found = largest_eigenvalues(noisy_map(kernel, 0), {.count = 3});
  const Eigen::VectorXd expected = values_of(kernel);
  for (int k = 0; k < 3; ++k) EXPECT_NEAR(found.values[k], expected[k], 1e-12);
  Matrix<double> one(1, 1);
  one(0, 0) = 1;
  EXPECT_EQ(largest_eigenvalues(noisy_map(one, 0), {}).values[0], 1);
}

TEST(LargestEigenvalues, of_a_matrix_of_zeros_are_zeros) {
  const Eigenpairs found = largest_eigenvalues(noisy_map(Matrix<double>(20, 20), 0), {.count = 2});
  EXPECT_EQ(found.values, (std::vector<double>{0, 0}));
  EXPECT_EQ(found.iterations, 2);
}

TEST(LargestEigenvalues, refuse_what_cannot_be_asked_for) {
  const LinearMap map = noisy_map(Matrix<double>(5, 5), 0);
  const auto refused = [&](const std::string& words, const EigenOptions& options) {
    expect_refusal(ErrorCode::kInvalidArgument, words, [&] { largest_eigenvalues(map, options); });
  };
  refused("count must be 1 to the size of the matrix, 5, got 6", {.count = 6});
  refused("got 0", {.count = 0});
  refused("iterations must be at least 1", {.iterations = 0});
  refused("oversampling must be at least 0", {.oversampling = -1});
  refused("tolerance must be at least 0", {.tolerance = std::nan("")});
}

double frobenius(const Matrix<double>& kernel) {
  double sum = 0;
  for (const double x : kernel.storage) sum += x * x;
  return sum;
}

TEST(Trace, is_exact_once_the_subspace_is_all_there_is) {
  const auto points = normal_points<float>(1, 20, 3);
  const Matrix<double> kernel = gaussian_matrix(points, points, 1.0);
  const TraceEstimate first = trace(noisy_map(kernel, 0), 1, 60, Seed{1});
  EXPECT_NEAR(first.value, 20, 1e-10);
  EXPECT_LT(first.standard_error, 1e-10);
  EXPECT_NEAR(trace(noisy_map(kernel, 0), 2, 60, Seed{1}).value, frobenius(kernel), 1e-10);
}

// Mean over seeds within four standard errors of it, and standard errors that tell the spread.
TEST(Trace, is_unbiased_and_tells_its_error) {
  const auto points = normal_points<float>(5, 200, 6, 0.6);
  const Matrix<double> kernel = gaussian_matrix(points, points, 1.0);
  for (const int power : {1, 2}) {
    const double truth = power == 1 ? 200 : frobenius(kernel);
    constexpr int kSeeds = 200;
    double mean = 0, squares = 0, told = 0;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      Index columns = 0;
      const auto estimate = trace(noisy_map(kernel, 0, &columns), power, 30, Seed{seed});
      ASSERT_EQ(columns, 30);
      mean += (estimate.value - truth) / kSeeds;
      squares += (estimate.value - truth) * (estimate.value - truth) / kSeeds;
      told += estimate.standard_error * estimate.standard_error / kSeeds;
    }
    EXPECT_LT(std::abs(mean), 4 * std::sqrt(squares / kSeeds)) << power;
    EXPECT_NEAR(told / squares, 1, 0.3) << power;
  }
}

TEST(Trace, of_products_that_err_errs_by_about_as_much) {
  const auto points = normal_points<float>(5, 200, 6, 0.6);
  const Matrix<double> kernel = gaussian_matrix(points, points, 1.0);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto estimate = trace(noisy_map(kernel, 0.05), 1, 60, Seed{seed});
    EXPECT_NEAR(estimate.value, 200, 4 * estimate.standard_error + 1) << seed;
  }
}

TEST(Trace, refuses_what_cannot_be_asked_for) {
  const LinearMap map = noisy_map(Matrix<double>(5, 5), 0);
  expect_refusal(ErrorCode::kInvalidArgument, "power must be 1 or 2, got 3",
                 [&] { trace(map, 3, 10, Seed{}); });
  expect_refusal(ErrorCode::kInvalidArgument, "products must be at least 6, got 5",
                 [&] { trace(map, 1, 5, Seed{}); });
  expect_refusal(ErrorCode::kInvalidArgument, "must have rows, got 0",
                 [&] { trace(noisy_map(Matrix<double>(0, 0), 0), 1, 6, Seed{}); });
}

}  // namespace
}  // namespace prodigest::kernel
