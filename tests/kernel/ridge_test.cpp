#include "prodigest/kernel/ridge.hpp"

#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <cmath>
#include <limits>

#include "expect_error.hpp"
#include "kernel/noisy_map.hpp"

namespace prodigest::kernel {
namespace {

struct Problem {
  Matrix<double> kernel, b;
  RowMajor solution(double ridge) const {
    const Eigen::MatrixXd k = eigen_of(kernel);
    const Eigen::MatrixXd sum = k + ridge * Eigen::MatrixXd::Identity(k.rows(), k.cols());
    return sum.llt().solve(Eigen::MatrixXd(eigen_of(b)));
  }
};

Problem problem_of(Index n, Index columns) {
  const Matrix<float> points = clustered_points(1, n, 8, 32);
  return {gaussian_matrix(points, points, 1.0), normal_points<double>(2, n, columns)};
}

TEST(Ridge, is_the_dense_solution) {
  const Problem problem = problem_of(200, 3);
  const LinearMap exact = noisy_map(problem.kernel, 0);
  for (const double ridge : {0.1, 1.0, 10.0}) {
    const RidgeSolution found = solve_ridge(exact, exact, problem.b,
                                            {.ridge = ridge, .tolerance = 1e-12, .iterations = 20});
    EXPECT_TRUE(found.converged);
    const RowMajor expected = problem.solution(ridge);
    EXPECT_LT((eigen_of(found.weights) - expected).norm(), 1e-10 * expected.norm());
  }
}

TEST(Ridge, reaches_its_tolerance_with_products_that_err) {
  const Problem problem = problem_of(200, 2);
  Index approximate = 0, exact = 0;
  for (const double ridge : {0.1, 1.0}) {
    approximate = exact = 0;
    const RidgeSolution found = solve_ridge(noisy_map(problem.kernel, 0.05, &approximate),
                                            noisy_map(problem.kernel, 0, &exact), problem.b,
                                            {.ridge = ridge, .tolerance = 1e-6});
    EXPECT_TRUE(found.converged) << ridge;
    EXPECT_LE(found.residual, 1e-6);
    EXPECT_LE(found.exact_products, 8);
    EXPECT_EQ(found.exact_products * 2, exact);
    EXPECT_EQ(found.approximate_products * 2, approximate);
    const RowMajor residual = eigen_of(problem.b) -
                              eigen_of(problem.kernel) * eigen_of(found.weights) -
                              ridge * eigen_of(found.weights);
    const double most =
        (residual.colwise().norm().array() / eigen_of(problem.b).colwise().norm().array())
            .maxCoeff();
    EXPECT_NEAR(found.residual, most, 1e-12);
  }
}

// Products that err by more than the ridge make conjugate gradients go astray; the residual must
// not grow.
TEST(Ridge, never_makes_the_residual_larger) {
  const Problem problem = problem_of(200, 2);
  for (const double epsilon : {1.0, 5.0}) {
    const RidgeSolution found =
        solve_ridge(noisy_map(problem.kernel, epsilon), noisy_map(problem.kernel, 0), problem.b,
                    {.ridge = 0.01, .tolerance = 1e-9, .refinements = 6});
    EXPECT_FALSE(found.converged);
    EXPECT_EQ(found.exact_products, 6);
    EXPECT_LT(found.residual, 1);
  }
}

TEST(Ridge, solves_columns_of_zeros_beside_others) {
  Problem problem = problem_of(64, 2);
  for (Index i = 0; i < 64; ++i) problem.b(i, 1) = 0;
  const LinearMap exact = noisy_map(problem.kernel, 0);
  const RidgeSolution found = solve_ridge(exact, exact, problem.b, {});
  EXPECT_TRUE(found.converged);
  for (Index i = 0; i < 64; ++i) EXPECT_EQ(found.weights(i, 1), 0);
  const RidgeSolution nothing = solve_ridge(exact, exact, Matrix<double>(64, 1), {});
  EXPECT_TRUE(nothing.converged);
  EXPECT_EQ(nothing.exact_products, 0);
}

TEST(Ridge, of_one_point_is_a_division) {
  Matrix<double> kernel(1, 1), b(1, 1);
  kernel(0, 0) = 1, b(0, 0) = 6;
  const LinearMap exact = noisy_map(kernel, 0);
  EXPECT_DOUBLE_EQ(solve_ridge(exact, exact, b, {.ridge = 2}).weights(0, 0), 2);
}

TEST(Ridge, refuses_what_cannot_be_solved) {
  const LinearMap map = noisy_map(Matrix<double>(5, 5), 0),
                  other = noisy_map(Matrix<double>(4, 4), 0);
  Matrix<double> b(5, 2);
  const auto refused = [&](const std::string& words, const LinearMap& exact,
                           const RidgeOptions& options) {
    expect_refusal(ErrorCode::kInvalidArgument, words,
                   [&] { solve_ridge(map, exact, b, options); });
  };
  refused("must be of one size, got 5, 4 and 5", other, {});
  refused("ridge must be positive and finite, got 0", map, {.ridge = 0});
  refused("tolerance must be positive", map, {.tolerance = 0});
  refused("iterations must be at least 1", map, {.iterations = 0});
  refused("refinements must be at least 1", map, {.refinements = 0});
  b(4, 1) = std::numeric_limits<double>::infinity();
  refused("b must be finite, got inf in row 4, column 1", map, {});
}

}  // namespace
}  // namespace prodigest::kernel
