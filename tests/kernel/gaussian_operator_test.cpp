#include "prodigest/kernel/gaussian_operator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "expect_error.hpp"
#include "kernel/kernel_data.hpp"
#include "kernel/naive_kernel.hpp"
#include "kernel/sampled_product.hpp"
#include "prodigest/kernel/exact_product.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kPoints = Index{1} << 13;  // as few as are sampled

double norm(const Matrix<double>& x) {
  double squares = 0;
  for (const double v : x.storage) squares += v * v;
  return std::sqrt(squares);
}

double distance(const Matrix<double>& a, const Matrix<double>& b) {
  Matrix<double> apart = a;
  for (std::size_t i = 0; i < apart.storage.size(); ++i) apart.storage[i] -= b.storage[i];
  return norm(apart);
}

struct Product {
  Matrix<double> y{};
  ProductReport report{};
};
Product apply(const GaussianOperator& made, const Matrix<double>& x, std::uint64_t call = 0,
              const Context& context = {}) {
  Product out{.y = Matrix<double>(made.rows(), x.cols)};
  std::ranges::fill(out.y.storage, 1e100);  // which must not show
  out.report = made.apply(x, out.y.view(), call, context);
  return out;
}
Matrix<double> apply_exactly(const GaussianOperator& made, const Matrix<double>& x) {
  Matrix<double> y(made.rows(), x.cols);
  made.apply_exactly(x, y.view());
  return y;
}

// Errors of rows are divided by the sums of rows if they are relative to these.
double error_of(const GaussianOperator& made, const Matrix<double>& x, const Matrix<double>& y) {
  Matrix<double> apart = apply_exactly(made, x);
  const bool relative = made.spec().target == ErrorTarget::kRowRelative;
  Matrix<double> ones(made.cols(), 1);
  std::ranges::fill(ones.storage, 1.0);
  const Matrix<double> sums = relative ? apply_exactly(made, ones) : Matrix<double>();
  for (Index i = 0; i < y.rows; ++i)
    for (Index c = 0; c < y.cols; ++c)
      apart(i, c) = (apart(i, c) - y(i, c)) / (relative ? sums(i, 0) : 1);
  return norm(apart) / norm(x);
}

Matrix<double> column(Index n, const std::string& kind) {
  Matrix<double> x = normal_matrix(n, 1, 11);
  for (Index i = 0; i < n; ++i) {
    double& v = x(i, 0);
    if (kind == "ones") v = 1;
    if (kind == "alternating") v = i % 2 == 0 ? 1 : -1;
    if (kind == "fifth powers") v = v * v * v * v * v;
    if (kind == "one-hot") v = i == n / 3 ? 1 : 0;
  }
  return x;
}

// ---- the contract ----

TEST(GaussianOperator, KeepsItsErrorOverDataEpsilonsAndCalls) {
  int cases = 0, sampled = 0;
  double log_ratios = 0;
  for (const char* const kind : {"tree", "cluster", "attn"}) {
    const KernelData data = kernel_data(kind, kPoints);
    for (const double epsilon : {0.2, 0.05}) {
      const GaussianOperator made(
          data.of_queries(), data.keys,
          {.bandwidth = data.bandwidth,
           .epsilon = epsilon,
           .target = kind == std::string("attn") ? ErrorTarget::kRowRelative
                                                 : ErrorTarget::kVector});
      for (std::uint64_t call = 0; call < 4; ++call) {
        const Matrix<double> x = normal_matrix(kPoints, 1, 20 + call);
        const auto [y, report] = apply(made, x, call);
        const double error = error_of(made, x, y);
        EXPECT_LE(error, epsilon) << kind << ", call " << call;
        ++cases;
        if (report.exact) continue;
        ++sampled;
        EXPECT_LE(report.error_bound, epsilon);
        EXPECT_LE(report.error, report.error_bound);
        EXPECT_LT(report.pairs, 1.2);
        if (kind != std::string("attn")) log_ratios += std::log(report.error / error);
      }
    }
  }
  EXPECT_GE(sampled, cases - 2);
  EXPECT_NEAR(std::exp(log_ratios / sampled), 1, 0.2);
}

TEST(GaussianOperator, KeepsItsErrorForEveryKindOfX) {
  const KernelData data = tree_points(kPoints);
  const GaussianOperator made(data.keys, data.keys, {.epsilon = 0.1});
  for (const char* const kind : {"normal", "ones", "alternating", "fifth powers", "one-hot"}) {
    const Matrix<double> x = column(kPoints, kind);
    const auto [y, report] = apply(made, x);
    EXPECT_LE(error_of(made, x, y), 0.1) << kind;
    EXPECT_FALSE(report.exact) << kind << ": " << report.reason;
    EXPECT_LT(report.pairs, 0.6) << kind;
  }
}

TEST(GaussianOperator, KeepsItsErrorOverAllColumnsTogether) {
  const KernelData data = cluster_points(kPoints, 24);
  const GaussianOperator made(data.keys, data.keys, {.epsilon = 0.1});
  Matrix<double> x = normal_matrix(kPoints, 5, 2);
  for (Index i = 0; i < kPoints; ++i) x(i, 1) *= 100;
  const auto [y, report] = apply(made, x);
  EXPECT_FALSE(report.exact);
  EXPECT_LE(error_of(made, x, y), 0.1);
}

TEST(GaussianOperator, ScalesWithX) {
  const KernelData data = tree_points(kPoints, 16);
  const GaussianOperator made(data.keys, data.keys, {.epsilon = 0.1});
  const Matrix<double> x = normal_matrix(kPoints, 1, 4);
  const auto [y, report] = apply(made, x);
  ASSERT_FALSE(report.exact);
  for (const double scale : {0x1p664, 0x1p-664, -0x1p20}) {  // 1e200, 1e-200
    Matrix<double> scaled = x, expected = y;
    for (double& v : scaled.storage) v *= scale;
    for (double& v : expected.storage) v *= scale;
    EXPECT_EQ(apply(made, scaled).y, expected) << scale;
  }
}

TEST(GaussianOperator, OfNothingIsNothing) {
  const KernelData data = tree_points(kPoints, 4);
  const GaussianOperator made(data.keys, data.keys, {});
  const auto [y, report] = apply(made, Matrix<double>(kPoints, 2));
  EXPECT_EQ(norm(y), 0);
  EXPECT_EQ(report.pairs, 0);
  EXPECT_EQ(apply(made, Matrix<double>(kPoints, 0)).y.storage.size(), 0);
}

TEST(GaussianOperator, DrawsOtherSamplesForOtherCallsAndSeeds) {
  const KernelData data = tree_points(kPoints, 16);
  const Matrix<double> x = normal_matrix(kPoints, 1, 4);
  const GaussianOperator made(data.keys, data.keys, {.epsilon = 0.1});
  const GaussianOperator other(data.keys, data.keys, {.epsilon = 0.1, .seed = {1}});
  const auto y = apply(made, x, 1).y;
  EXPECT_EQ(apply(made, x, 1).y, y);
  EXPECT_NE(apply(made, x, 2).y, y);
  EXPECT_NE(apply(other, x, 1).y, y);
}

TEST(GaussianOperator, GivesTheSameBitsForAnyNumberOfThreads) {
  for (const char* const kind : {"tree", "attn"}) {
    const KernelData data = kernel_data(kind, kPoints + 77, 16);
    const Matrix<double> x = normal_matrix(kPoints + 77, 2, 4);
    GaussianSpec spec{.bandwidth = data.bandwidth, .epsilon = 0.1};
    const GaussianOperator one(data.of_queries(), data.keys, spec, {.threads = 1});
    const auto expected = apply(one, x, 3, {.threads = 1});
    ASSERT_FALSE(expected.report.exact);
    for (const int threads : {2, 3}) {
      const GaussianOperator made(data.of_queries(), data.keys, spec, {.threads = threads});
      const auto got = apply(made, x, 3, {.threads = threads});
      EXPECT_EQ(got.y, expected.y) << kind << ", " << threads;
      EXPECT_EQ(got.report.error, expected.report.error);
    }
  }
}

// ---- falling back ----

TEST(GaussianOperator, IsExactWhereSamplingWouldTakeAsMuch) {
  const KernelData data = uniform_points(kPoints, 24);
  const GaussianOperator made(data.keys, data.keys, {.bandwidth = data.bandwidth});
  const Matrix<double> x = normal_matrix(kPoints, 1, 4);
  const auto [y, report] = apply(made, x);
  EXPECT_TRUE(report.exact);
  EXPECT_NE(report.reason.find("of all keys"), std::string::npos) << report.reason;
  EXPECT_EQ(report.error_bound, 0);
  EXPECT_EQ(y, apply_exactly(made, x));
}

TEST(GaussianOperator, IsExactForFewPoints) {
  for (const Index n : {1, 2, 63, 1000})
    for (const Index dim : {1, 5}) {
      const Matrix<float> points = normal_points(n, dim, 1);
      const GaussianOperator made(points, points, {.bandwidth = 0.7});
      const Matrix<double> x = normal_matrix(n, 2, 2);
      const auto [y, report] = apply(made, x);
      EXPECT_TRUE(report.exact);
      EXPECT_NE(report.reason.find("too few"), std::string::npos);
      const NaiveProduct expected = naive_product(points, points, 0.7, x);
      EXPECT_LT(distance(y, expected.products), 1e-5 * norm(expected.sums));
    }
}

TEST(GaussianOperator, ApplyExactlyIsTheExactProduct) {
  const KernelData data = attention_points(kPoints + 5, kPoints, 12);
  const GaussianOperator made(data.queries, data.keys, {.bandwidth = data.bandwidth});
  const Matrix<double> x = normal_matrix(kPoints, 2, 3);
  Matrix<double> expected(kPoints + 5, 2);
  exact_product(data.queries, data.keys, data.bandwidth, x, expected.view());
  EXPECT_LT(distance(apply_exactly(made, x), expected), 1e-5 * norm(expected));
}

// ---- odd points; sampled although they are few ----

struct Odd {
  const char* name;
  Matrix<float> queries{}, keys{};  // no queries: they are the keys
  double bandwidth = 1;
  ErrorTarget target = ErrorTarget::kVector;
};

void expect_sampled_well(const Odd& odd) {
  SCOPED_TRACE(odd.name);
  const MatrixView<const float> keys = odd.keys.view();
  const MatrixView<const float> queries = odd.queries.cols == 0 ? keys : odd.queries.view();
  const GaussianSpec spec{.bandwidth = odd.bandwidth, .epsilon = 0.1, .target = odd.target};
  const GaussianPlan plan =
      make_plan(centre_points(queries, keys, odd.bandwidth), spec, true, {});
  for (const char* const kind : {"normal", "ones", "one-hot"}) {
    const Matrix<double> x = column(keys.rows, kind);
    Matrix<double> y(queries.rows, 1), expected(queries.rows, 1);
    sampled_product(plan, x, y.view(), 0, {});
    exact_product(queries, keys, odd.bandwidth, x, expected.view());
    if (odd.target == ErrorTarget::kVector) {
      EXPECT_LE(distance(y, expected), 0.1 * norm(x)) << kind;
    }
    for (const double v : y.storage) ASSERT_TRUE(std::isfinite(v)) << kind;
  }
}

Matrix<float> scaled(Matrix<float> points, double scale) {
  for (float& v : points.storage) v = static_cast<float>(double{v} * scale);
  return points;
}

TEST(SampledProduct, OfOddPointsIsRight) {
  Matrix<float> far = normal_points(300, 3, 5);
  for (float& v : far.storage) v += 1000;
  Matrix<float> twice = normal_points(1000, 4, 6);
  for (Index i = 500; i < 1000; ++i) std::ranges::copy(twice.view().row(i - 500), twice.view().row_data(i));
  std::vector<Odd> cases;
  cases.push_back({.name = "one point", .keys = normal_points(1, 4, 1)});
  cases.push_back({.name = "two points", .keys = normal_points(2, 4, 1)});
  cases.push_back({.name = "one coordinate", .keys = normal_points(900, 1, 1), .bandwidth = 0.01});
  cases.push_back({.name = "fewer points than a cell has", .keys = normal_points(40, 4, 1)});
  cases.push_back({.name = "equal points", .keys = Matrix<float>(3000, 4)});
  cases.push_back({.name = "pairs of equal points", .keys = twice, .bandwidth = 0.3});
  cases.push_back({.name = "a tiny bandwidth", .keys = normal_points(700, 4, 1), .bandwidth = 1e-6});
  cases.push_back({.name = "a huge bandwidth", .keys = normal_points(700, 4, 1), .bandwidth = 1e9});
  cases.push_back({.name = "queries far from all keys", .queries = far, .keys = normal_points(500, 3, 1)});
  cases.push_back({.name = "one query", .queries = normal_points(1, 3, 2), .keys = normal_points(500, 3, 1)});
  cases.push_back({.name = "one key", .queries = normal_points(500, 3, 2), .keys = normal_points(1, 3, 1)});
  cases.push_back({.name = "many coordinates", .keys = normal_points(300, 1024, 1)});
  cases.push_back({.name = "large numbers", .keys = scaled(normal_points(600, 5, 1), 1e30), .bandwidth = 5e29});
  cases.push_back({.name = "rows whose sums are nearly nothing", .queries = far, .keys = normal_points(500, 3, 1),
                   .bandwidth = 100, .target = ErrorTarget::kRowRelative});
  cases.push_back({.name = "rows whose sums are nothing", .queries = far, .keys = normal_points(500, 3, 1),
                   .target = ErrorTarget::kRowRelative});
  for (const Odd& odd : cases) expect_sampled_well(odd);
}

TEST(SampledProduct, OfFarQueriesIsZero) {
  Matrix<float> far = normal_points(300, 3, 5);
  for (float& v : far.storage) v += 1000;
  const Matrix<float> keys = normal_points(500, 3, 1);
  const GaussianPlan plan = make_plan(centre_points(far, keys, 1), {}, true, {});
  Matrix<double> y(300, 1);
  const ProductReport report = sampled_product(plan, column(500, "ones"), y.view(), 0, {});
  EXPECT_EQ(norm(y), 0);
  EXPECT_FALSE(report.exact);
}

TEST(SampledProduct, ReportsWhatItCost) {
  const KernelData data = tree_points(kPoints);
  const GaussianOperator made(data.keys, data.keys, {.epsilon = 0.1, .verify_rows = 100});
  const auto [y, report] = apply(made, normal_matrix(kPoints, 1, 4));
  EXPECT_GT(report.pairs, 100.0 / kPoints);
  EXPECT_GE(report.attempts, 1);
  EXPECT_GT(report.apply_seconds, 0);
  EXPECT_GT(report.verify_seconds, 0);
  const PlanReport& plan = made.plan();
  EXPECT_NEAR(static_cast<double>(plan.key_cells), kPoints / 64.0, kPoints / 256.0);
  EXPECT_NEAR(static_cast<double>(plan.query_cells), kPoints / 96.0, kPoints / 384.0);
  EXPECT_NEAR(plan.near_pairs, 64, 1);
  EXPECT_GT(plan.near_recall, 0.95);
  EXPECT_LE(plan.near_recall, 1);
  EXPECT_GT(plan.seconds, plan.near_seconds);
  EXPECT_GT(plan.bytes, kPoints * 64 * 16);
}

// A second sample stands beside the first: it costs what is missing, not a product.
TEST(SampledProduct, IsToppedUpWhereAllRowsErrAlike) {
  const KernelData data = tree_points(kPoints);
  const Matrix<double> x = normal_matrix(kPoints, 1, 4);
  const auto sampled = [&](double failure, std::uint64_t call) {
    const GaussianOperator made(data.keys, data.keys,
                                {.epsilon = 0.1, .failure = failure, .verify_rows = 160});
    const auto [y, report] = apply(made, x, call);
    EXPECT_FALSE(report.exact);
    EXPECT_LT(error_of(made, x, y), 0.1);
    return report;
  };
  int topped_up = 0;
  for (std::uint64_t call = 0; call < 3; ++call) {
    const ProductReport once = sampled(0.5, call), often = sampled(1e-5, call);
    EXPECT_EQ(once.attempts, 1);
    topped_up += often.attempts > 1;
    // At most the rows of three looks more.
    EXPECT_LT(often.pairs, 1.5 * once.pairs + 3 * 160.0 / kPoints) << often.attempts;
  }
  EXPECT_GT(topped_up, 0);
}

// ---- context ----

TEST(GaussianOperator, TellsProgressInRowsAndCanBeCancelled) {
  const KernelData data = tree_points(kPoints, 16);
  const GaussianOperator made(data.keys, data.keys, {.epsilon = 0.1});
  const Matrix<double> x = normal_matrix(kPoints, 1, 4);
  Index last = 0;
  apply(made, x, 0, {.progress = [&](Index rows) {
          EXPECT_GE(rows, last);
          last = rows;
        }});
  EXPECT_EQ(last, kPoints);
  std::stop_source stop;
  stop.request_stop();
  Matrix<double> y(kPoints, 1);
  y(0, 0) = 5;
  expect_refusal(ErrorCode::kCancelled, "cancelled",
                 [&] { made.apply(x, y.view(), 0, {.cancel = stop.get_token()}); });
  EXPECT_EQ(y(0, 0), 5);
  expect_refusal(ErrorCode::kCancelled, "cancelled", [&] {
    GaussianOperator(data.keys, data.keys, {}, {.cancel = stop.get_token()});
  });
}

TEST(GaussianOperator, CanBeMoved) {
  const Matrix<float> points = normal_points(50, 3, 1);
  const Matrix<double> x = normal_matrix(50, 1, 2);
  GaussianOperator made(points, points, {});
  const auto y = apply(made, x).y;
  GaussianOperator moved(std::move(made));
  EXPECT_EQ(apply(moved, x).y, y);
  made = std::move(moved);
  EXPECT_EQ(apply(made, x).y, y);
}

// ---- bad input ----

TEST(GaussianOperator, RefusesBadPointsAndSpecs) {
  constexpr auto kInvalid = ErrorCode::kInvalidArgument;
  Matrix<float> points = normal_points(10, 3, 1);
  const auto make = [&](const GaussianSpec& spec) { GaussianOperator(points, points, spec); };
  expect_error(kInvalid, "spec: bandwidth must be positive and finite, got 0",
               [&] { make({.bandwidth = 0}); });
  expect_error(kInvalid, "spec: bandwidth must be positive and finite, got -2",
               [&] { make({.bandwidth = -2}); });
  expect_error(kInvalid, "spec: epsilon must be between 0 and 1, both excluded, got 1",
               [&] { make({.epsilon = 1}); });
  expect_refusal(kInvalid, "got 3 and 4", [&] {
    GaussianOperator(points, normal_points(10, 4, 1), {});
  });
  expect_refusal(kInvalid, "there must be a key", [&] {
    GaussianOperator(points, {points.storage.data(), 0, 3}, {});
  });
  points(7, 2) = std::numeric_limits<float>::quiet_NaN();
  expect_refusal(kInvalid, "row 7, column 2", [&] { make({}); });
}

TEST(GaussianOperator, RefusesProductsOfOtherShapesAndNaN) {
  constexpr auto kInvalid = ErrorCode::kInvalidArgument;
  const Matrix<float> keys = normal_points(10, 3, 1), queries = normal_points(4, 3, 1);
  const GaussianOperator made(queries, keys, {});
  Matrix<double> x(10, 1), y(4, 1);
  expect_error(kInvalid, "apply: x must have a row for each of 10 keys, got 9",
               [&] { made.apply(x.view().slice(0, 9), y.view()); });
  expect_error(kInvalid,
               "apply_exactly: y must be 4 x 1, a row for each query and a column for each of x, "
               "got 3 x 1",
               [&] { made.apply_exactly(x, y.view().slice(0, 3)); });
  x(6, 0) = std::numeric_limits<double>::infinity();
  expect_error(kInvalid, "apply: x must be finite, got inf in row 6, column 0",
               [&] { made.apply(x, y.view()); });
}

}  // namespace
}  // namespace prodigest::kernel
