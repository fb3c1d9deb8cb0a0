#include "prodigest/kernel/linear_map.hpp"

#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "kernel/noisy_map.hpp"

namespace prodigest::kernel {
namespace {

TEST(LinearMap, of_an_operator_has_its_products) {
  const Matrix<float> points = clustered_points(1, 8192, 16, 32);
  const GaussianOperator made(points, points, {.epsilon = 0.1});
  const LinearMap approximate = approximate_map(made), exact = exact_map(made);
  EXPECT_EQ(approximate.size, 8192);
  EXPECT_EQ(exact.size, 8192);
  const auto x = normal_points<double>(2, 8192, 1);
  Matrix<double> y(8192, 1), expected(8192, 1);
  for (const std::uint64_t call : {0, 1}) {
    approximate.apply(x, y.view(), call);
    made.apply(x, expected.view(), call);
    EXPECT_EQ(y, expected) << call;
  }
  const Matrix<double> of_call_1 = y;
  approximate.apply(x, y.view(), 2);
  EXPECT_NE(y, of_call_1) << "a call has samples of its own";
  exact.apply(x, y.view(), 0);
  made.apply_exactly(x, expected.view());
  EXPECT_EQ(y, expected);
  EXPECT_NE(y, of_call_1);
}

TEST(LinearMap, is_of_queries_that_are_keys) {
  const auto keys = normal_points<float>(1, 30, 3), queries = normal_points<float>(2, 30, 3);
  const GaussianOperator made(queries, keys, {});
  EXPECT_FALSE(made.symmetric());
  EXPECT_TRUE(GaussianOperator(keys, keys, {}).symmetric());
  for (const auto& map : {approximate_map, exact_map})
    expect_refusal(ErrorCode::kInvalidArgument, "queries must be keys, got 30 queries",
                   [&] { map(made, {}); });
}

}  // namespace
}  // namespace prodigest::kernel
