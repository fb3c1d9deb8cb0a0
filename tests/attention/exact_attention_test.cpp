#include "attention/exact_attention.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "attention/naive_attention.hpp"
#include "core/draws.hpp"
#include "core/matrix_layouts.hpp"
#include "expect_error.hpp"
#include "simd_targets.hpp"

namespace prodigest::attention {
namespace {

constexpr const char* kExact[] = {"softmax", "polynomial:degree=2",
                                  "polynomial:degree=4,epsilon=0.5", "polynomial:degree=8"};

Matrix<double> normals(Index rows, Index cols, std::uint64_t seed, double scale = 1) {
  Matrix<double> x(rows, cols);
  random_normals(Seed{seed}, 0, x.storage);
  for (double& v : x.storage) v *= scale;
  return x;
}

template <Real T>
struct Inputs {
  Matrix<T> q, k, v;
};

// Scores have the size of 1.
template <Real T = double>
Inputs<T> random_inputs(Index queries, Index keys, Index width, Index value_dim,
                        std::uint64_t seed = 1) {
  const double scale = std::pow(static_cast<double>(width), -0.25);
  return {rounded_to<T>(normals(queries, width, 10 * seed, scale)),
          rounded_to<T>(normals(keys, width, 10 * seed + 1, scale)),
          rounded_to<T>(normals(keys, value_dim, 10 * seed + 2))};
}

// How a problem is put: with normalization left out, as the rows are what kernels take.
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

// Query heads that share keys.
template <Real T>
std::vector<Result<T>> group_forward(const AttentionSpec& spec, const std::vector<Matrix<T>>& q,
                                     const Matrix<T>& k, const Matrix<T>& v, Setting setting = {}) {
  HeadProblem<T> problem = problem_of(k, v, setting);
  std::vector<Result<T>> results;
  for (const Matrix<T>& head : q)
    results.push_back({Matrix<T>(head.rows, v.cols), std::vector<T>(head.rows)});
  for (std::size_t a = 0; a < q.size(); ++a)
    problem.queries.push_back({.q = rows_of<T>(q[a], "q"),
                               .out = HeadOut<T>(results[a].out.view()),
                               .denominators = results[a].denominators});
  exact_forward(spec, problem);
  return results;
}

template <Real T>
Result<T> forward(const AttentionSpec& spec, const Inputs<T>& x, Setting setting = {}) {
  return group_forward(spec, {x.q}, x.k, x.v, setting)[0];
}

template <Real T>
Inputs<T> backward(const AttentionSpec& spec, const Inputs<T>& x, const Matrix<T>& dout,
                   Setting setting = {}) {
  const Result<T> result = forward(spec, x, setting);
  HeadProblem<T> problem = problem_of(x.k, x.v, setting);
  problem.queries.emplace_back().q = rows_of<T>(x.q, "q");
  Inputs<T> d{Matrix<T>(x.q.rows, x.q.cols), Matrix<T>(x.k.rows, x.k.cols),
              Matrix<T>(x.v.rows, x.v.cols)};
  HeadGradients<T> gradients;
  gradients.k = d.k.view();
  gradients.v = d.v.view();
  gradients.queries.push_back({.out = result.out.view(),
                               .denominators = result.denominators,
                               .dout = rows_of<T>(dout, "dout"),
                               .q = d.q.view()});
  exact_backward(spec, problem, gradients);
  return d;
}

NaiveAttention naive(const AttentionSpec& spec, const Inputs<double>& x, Setting setting = {}) {
  const bool softmax = spec.kind == Kind::kSoftmax;
  return {.weight =
              [&x, softmax, degree = spec.degree](Index i, Index j) {
                const double score = dot(x.q, i, x.k, j);
                return softmax ? score : std::pow(score, degree);
              },
          .softmax = softmax,
          .causal = setting.causal,
          .first_query = setting.first_query,
          .epsilon = softmax ? 0 : spec.epsilon};
}

template <Real T>
Inputs<double> widened(const Inputs<T>& x) {
  const auto wide = [](const Matrix<T>& from) {
    Matrix<double> to(from.rows, from.cols);
    std::ranges::copy(from.storage, to.storage.begin());
    return to;
  };
  return {wide(x.q), wide(x.k), wide(x.v)};
}

// The largest difference over the largest number.
template <Real T>
double relative_error(const std::vector<T>& got, const std::vector<double>& expected) {
  double difference = 0, largest = 1e-300;
  for (std::size_t i = 0; i < got.size(); ++i) {
    difference = std::max(difference, std::abs(static_cast<double>(got[i]) - expected[i]));
    largest = std::max(largest, std::abs(expected[i]));
    if (std::isnan(got[i])) return std::numeric_limits<double>::infinity();
  }
  return difference / largest;
}

template <Real T>
void expect_definition(const AttentionSpec& spec, const Inputs<T>& x, Setting setting,
                       double tolerance) {
  const Inputs<double> wide = widened(x);
  const NaiveShares shares = naive_shares(naive(spec, wide, setting), x.q.rows, x.k.rows);
  const Result<T> got = forward(spec, x, setting);
  EXPECT_LE(relative_error(got.out.storage, naive_product(shares.shares, wide.v).storage),
            tolerance);
  EXPECT_LE(relative_error(got.denominators, shares.denominators), tolerance);
}

TEST(ExactAttention, IsItsDefinitionForEverySizeAndInstructionSet) {
  struct Size {
    Index n, width, value_dim;
  };
  for_each_instruction_set([] {
    for (const char* text : kExact)
      for (const Size size : {Size{1, 1, 1}, Size{2, 3, 5}, Size{63, 64, 64}, Size{64, 16, 1},
                              Size{65, 33, 17}, Size{129, 8, 70}, Size{300, 5, 3}})
        for (const bool causal : {true, false}) {
          SCOPED_TRACE(std::string(text) + ", " + std::to_string(size.n) +
                       (causal ? " causal" : ""));
          const AttentionSpec spec = parse_attention_spec(text);
          const auto [n, width, value_dim] = size;
          expect_definition(spec, random_inputs(n, n, width, value_dim), {.causal = causal}, 1e-12);
          expect_definition(spec, random_inputs<float>(n, n, width, value_dim), {.causal = causal},
                            spec.degree == 8 ? 1e-5 : 3e-6);
        }
  });
}

TEST(ExactAttention, IsItsDefinitionForAsManyQueriesAsKeepKeysLoadedAndMore) {
  for (const char* text : kExact)
    expect_definition(parse_attention_spec(text), random_inputs(1100, 1100, 4, 2), {}, 1e-12);
}

TEST(ExactAttention, TakesOtherNumbersOfQueriesThanOfKeys) {
  struct Size {
    Index queries, keys;
  };
  for (const char* text : kExact)
    for (const Size size : {Size{1, 500}, Size{70, 3}, Size{3, 129}, Size{200, 257}})
      expect_definition(parse_attention_spec(text), random_inputs(size.queries, size.keys, 9, 4),
                        {.causal = false}, 1e-12);
}

TEST(ExactAttention, OfNoKeysIsZero) {
  for (const char* text : kExact) {
    const Result<double> got =
        forward(parse_attention_spec(text), random_inputs(3, 0, 4, 2), {.causal = false});
    EXPECT_EQ(got.out.storage, std::vector<double>(6));
  }
}

TEST(ExactAttention, OfNoQueriesIsNothing) {
  for (const char* text : kExact)
    EXPECT_TRUE(forward(parse_attention_spec(text), random_inputs(0, 3, 4, 2), {.causal = false})
                    .out.storage.empty());
}

TEST(ExactAttention, OfQueriesCutAnywhereHasTheSameBits) {
  const Inputs<float> x = random_inputs<float>(300, 300, 8, 5);
  for (const char* text : kExact) {
    const AttentionSpec spec = parse_attention_spec(text);
    const Result<float> whole = forward(spec, x);
    for (const Index first : {1, 64, 100, 299}) {
      Matrix<float> later(300 - first, 8);
      std::copy(x.q.view().row_data(first), x.q.storage.data() + x.q.storage.size(),
                later.storage.begin());
      const Result<float> rest = forward<float>(spec, {later, x.k, x.v}, {.first_query = first});
      EXPECT_TRUE(
          std::ranges::equal(rest.out.storage, std::span(whole.out.storage).subspan(first * 5)));
      EXPECT_TRUE(
          std::ranges::equal(rest.denominators, std::span(whole.denominators).subspan(first)));
    }
  }
}

TEST(ExactAttention, DoesNotSeeLaterTokens) {
  for (const char* text : kExact)
    for (const Index changed : {1, 77, 128, 199}) {
      const AttentionSpec spec = parse_attention_spec(text);
      Inputs<float> x = random_inputs<float>(200, 200, 8, 5);
      const Result<float> before = forward(spec, x);
      for (Index j = changed; j < 200; ++j) {
        for (float& y : x.k.view().row(j)) y = 30 - 100 * y;
        for (float& y : x.v.view().row(j)) y = 1e6f * y;
      }
      const Result<float> after = forward(spec, x);
      const auto count = static_cast<std::size_t>(5 * changed);
      EXPECT_TRUE(std::ranges::equal(std::span(after.out.storage).first(count),
                                     std::span(before.out.storage).first(count)));
      EXPECT_NE(after.out.storage[count], before.out.storage[count]);
    }
}

// Of one head each, they fill vectors alone; of many, together.
TEST(ExactAttention, GivesAGroupOfHeadsWhatItGivesEachOfThem) {
  for (const char* text : kExact)
    for (const std::size_t heads : {2, 5, 80})
      for (const Index queries : {1, 30}) {
        const AttentionSpec spec = parse_attention_spec(text);
        const Inputs<float> x = random_inputs<float>(queries, 140, 8, 5);
        const Setting setting{.first_query = 140 - queries};
        std::vector<Matrix<float>> q;
        for (std::size_t a = 0; a < heads; ++a)
          q.push_back(rounded_to<float>(normals(queries, 8, 100 + a)));
        const auto together = group_forward(spec, q, x.k, x.v, setting);
        for (std::size_t a = 0; a < heads; ++a)
          EXPECT_EQ(together[a], forward<float>(spec, {q[a], x.k, x.v}, setting)) << text << " " << a;
      }
}

TEST(ExactAttention, OfSoftmaxTakesLogitsOfAnySize) {
  const AttentionSpec spec = parse_attention_spec("softmax");
  for (const double size : {1e4, -1e4}) {
    Inputs<float> x = random_inputs<float>(150, 150, 16, 3);
    for (float& y : x.k.storage) y *= static_cast<float>(size);
    // In float a logit of 1e4 has an error of 1e-3: compared at logits that are integers.
    for (float& y : x.q.storage) y = std::round(y);
    for (float& y : x.k.storage) y = std::round(y);
    expect_definition(spec, x, {}, 3e-6);
    expect_definition(spec, widened(x), {}, 1e-12);
  }
}

TEST(ExactAttention, OfSoftmaxWithEqualLogitsIsTheMeanOfValues) {
  Inputs<float> x = random_inputs<float>(130, 130, 4, 1);
  std::ranges::fill(x.q.storage, 50.0f);
  std::ranges::fill(x.k.storage, 50.0f);
  const Result<float> got = forward(parse_attention_spec("softmax"), x);
  double sum = 0;
  for (Index i = 0; i < 130; ++i) {
    sum += static_cast<double>(x.v(i, 0));
    EXPECT_NEAR(got.out(i, 0), sum / static_cast<double>(i + 1), 1e-6);
    EXPECT_NEAR(got.denominators[i], 10000 + std::log(i + 1), 1e-3);
  }
}

TEST(ExactAttention, OfPowersCountsEpsilonAsAKeyOfValueZero) {
  Inputs<double> x = random_inputs(5, 5, 4, 1);
  std::ranges::fill(x.v.storage, 3.0);
  const Result<double> got = forward(parse_attention_spec("polynomial:degree=4,epsilon=0.25"), x);
  for (Index i = 0; i < 5; ++i)
    EXPECT_NEAR(got.out(i, 0), 3 * (1 - 0.25 / got.denominators[i]), 1e-14);
}

TEST(ExactAttention, OfPowersIsZeroWhereNothingWeighs) {
  Inputs<double> x = random_inputs(5, 5, 4, 2);
  std::ranges::fill(x.q.storage, 0.0);
  EXPECT_EQ(forward(parse_attention_spec("polynomial:degree=2,epsilon=0"), x).out.storage,
            std::vector<double>(10));
}

TEST(ExactAttention, RefusesWeightsTooLargeForTheType) {
  Inputs<float> x = random_inputs<float>(70, 70, 4, 2);
  for (float& y : x.q.view().row(66)) y = 1e30f;
  for (float& y : x.k.view().row(66)) y = 1e30f;
  for (const char* text : kExact)
    expect_refusal(ErrorCode::kInvalidArgument, "token 66",
                   [&] { forward(parse_attention_spec(text), x); });
}

TEST(ExactAttention, RefusesNumbersThatAreNotFinite) {
  Inputs<float> x = random_inputs<float>(70, 70, 4, 2);
  x.v(5, 1) = std::numeric_limits<float>::quiet_NaN();
  for (const char* text : kExact)
    expect_refusal(ErrorCode::kInvalidArgument,
                   "v must be finite, got nan at batch 0, head 0, token 5",
                   [&] { forward(parse_attention_spec(text), x); });
}

// Of the loss Σ dout ∘ out, whose gradient in share (i, j) is <dout_i, v_j>.
Inputs<double> naive_backward(const AttentionSpec& spec, const Inputs<double>& x,
                              const Matrix<double>& dout, Setting setting = {}) {
  const NaiveShares found = naive_shares(naive(spec, x, setting), x.q.rows, x.k.rows);
  Inputs<double> d{Matrix<double>(x.q.rows, x.q.cols), Matrix<double>(x.k.rows, x.k.cols),
                   Matrix<double>(x.v.rows, x.v.cols)};
  for (Index i = 0; i < x.q.rows; ++i) {
    double mean = 0;
    for (Index j = 0; j < x.k.rows; ++j) mean += found.shares(i, j) * dot(dout, i, x.v, j);
    for (Index j = 0; j < x.k.rows; ++j) {
      const double share = found.shares(i, j);
      for (Index c = 0; c < x.v.cols; ++c) d.v(j, c) += share * dout(i, c);
      if (share == 0) continue;
      // d log weight / d score
      const double slope = spec.kind == Kind::kSoftmax ? 1 : spec.degree / dot(x.q, i, x.k, j);
      const double dscore = share * slope * (dot(dout, i, x.v, j) - mean);
      for (Index c = 0; c < x.q.cols; ++c) {
        d.q(i, c) += dscore * x.k(j, c);
        d.k(j, c) += dscore * x.q(i, c);
      }
    }
  }
  return d;
}

TEST(ExactAttentionBackward, IsTheGradientOfItsDefinition) {
  struct Size {
    Index queries, keys, width, value_dim;
    Setting setting{};
  };
  const Setting whole{.causal = false};
  for_each_instruction_set([&] {
    for (const char* text : kExact)
      for (const auto& [queries, keys, width, value_dim, setting] :
           {Size{1, 1, 3, 2}, Size{65, 65, 9, 17}, Size{300, 300, 16, 4},
            Size{30, 140, 5, 5, whole}, Size{140, 30, 5, 5, whole},
            Size{40, 140, 6, 5, {.first_query = 100}}}) {
        SCOPED_TRACE(std::string(text) + ", " + std::to_string(queries));
        const AttentionSpec spec = parse_attention_spec(text);
        const Inputs<float> x = random_inputs<float>(queries, keys, width, value_dim);
        const Matrix<float> dout = rounded_to<float>(normals(queries, value_dim, 7));
        const Inputs<double> wide = widened(x);
        const Matrix<double> wide_dout = widened(Inputs<float>{dout, {}, {}}).q;
        const Inputs<double> expected = naive_backward(spec, wide, wide_dout, setting);
        const Inputs<double> got = backward(spec, wide, wide_dout, setting);
        EXPECT_LE(relative_error(got.q.storage, expected.q.storage), 1e-12);
        EXPECT_LE(relative_error(got.k.storage, expected.k.storage), 1e-12);
        EXPECT_LE(relative_error(got.v.storage, expected.v.storage), 1e-12);
        const Inputs<float> single = backward(spec, x, dout, setting);
        EXPECT_LE(relative_error(single.q.storage, expected.q.storage), 2e-5);
        EXPECT_LE(relative_error(single.k.storage, expected.k.storage), 2e-5);
        EXPECT_LE(relative_error(single.v.storage, expected.v.storage), 2e-5);
      }
  });
}

TEST(ExactAttentionBackward, IsTheSlopeOfTheForwardPass) {
  for (const char* text : kExact)
    for (const bool causal : {true, false}) {
      const AttentionSpec spec = parse_attention_spec(text);
      const Setting setting{.causal = causal};
      Inputs<double> x = random_inputs(70, 70, 5, 3);
      const Matrix<double> dout = normals(70, 3, 7);
      const Inputs<double> got = backward(spec, x, dout, setting);
      const auto loss = [&] {
        const Result<double> result = forward(spec, x, setting);
        double sum = 0;
        for (std::size_t i = 0; i < dout.storage.size(); ++i)
          sum += dout.storage[i] * result.out.storage[i];
        return sum;
      };
      const auto expect_slopes = [&](Matrix<double>& of, const Matrix<double>& slopes) {
        for (std::size_t i = 0; i < of.storage.size(); i += 11) {
          const double at = of.storage[i], step = 1e-4;
          const auto difference = [&](double by) {
            of.storage[i] = at + by;
            const double up = loss();
            of.storage[i] = at - by;
            const double down = loss();
            of.storage[i] = at;
            return (up - down) / (2 * by);
          };
          // Two steps, so that the error is of fourth order.
          const double slope = (4 * difference(step) - difference(2 * step)) / 3;
          EXPECT_NEAR(slopes.storage[i], slope, 1e-8 * (1 + std::abs(slope))) << text << " " << i;
        }
      };
      expect_slopes(x.q, got.q);
      expect_slopes(x.k, got.k);
      expect_slopes(x.v, got.v);
    }
}

TEST(ExactAttentionBackward, OfAGroupOfHeadsIsTheSumOverThem) {
  for (const char* text : kExact) {
    const AttentionSpec spec = parse_attention_spec(text);
    const Inputs<double> x = random_inputs(90, 90, 5, 3);
    HeadProblem<double> problem = problem_of(x.k, x.v);
    Matrix<double> dk(90, 5), dv(90, 3);
    HeadGradients<double> gradients;
    gradients.k = dk.view();
    gradients.v = dv.view();
    std::vector<Matrix<double>> q, dq, dout;
    for (std::size_t a = 0; a < 3; ++a) {
      q.push_back(normals(90, 5, 20 + a));
      dout.push_back(normals(90, 3, 30 + a));
      dq.emplace_back(90, 5);
    }
    const auto results = group_forward(spec, q, x.k, x.v);
    for (std::size_t a = 0; a < 3; ++a) {
      problem.queries.emplace_back().q = rows_of<double>(q[a], "q");
      gradients.queries.push_back({.out = results[a].out.view(),
                                   .denominators = results[a].denominators,
                                   .dout = rows_of<double>(dout[a], "dout"),
                                   .q = dq[a].view()});
    }
    exact_backward(spec, problem, gradients);
    std::vector<double> sum_k(dk.storage.size()), sum_v(dv.storage.size());
    for (std::size_t a = 0; a < 3; ++a) {
      const Inputs<double> alone = backward<double>(spec, {q[a], x.k, x.v}, dout[a]);
      EXPECT_LE(relative_error(dq[a].storage, alone.q.storage), 1e-13);
      for (std::size_t i = 0; i < sum_k.size(); ++i) sum_k[i] += alone.k.storage[i];
      for (std::size_t i = 0; i < sum_v.size(); ++i) sum_v[i] += alone.v.storage[i];
    }
    EXPECT_LE(relative_error(dk.storage, sum_k), 1e-13);
    EXPECT_LE(relative_error(dv.storage, sum_v), 1e-13);
  }
}

TEST(ExactAttentionBackward, IsAddedToWhatIsThere) {
  const AttentionSpec spec = parse_attention_spec("softmax");
  const Inputs<double> x = random_inputs(3, 3, 2, 2);
  const Matrix<double> dout = normals(3, 2, 7);
  const Inputs<double> expected = backward(spec, x, dout);
  const Result<double> result = forward(spec, x);
  HeadProblem<double> problem = problem_of(x.k, x.v);
  problem.queries.emplace_back().q = rows_of<double>(x.q, "q");
  Inputs<double> d{Matrix<double>(3, 2), Matrix<double>(3, 2), Matrix<double>(3, 2)};
  for (Matrix<double>* m : {&d.q, &d.k, &d.v}) std::ranges::fill(m->storage, 5.0);
  HeadGradients<double> gradients;
  gradients.k = d.k.view();
  gradients.v = d.v.view();
  gradients.queries.push_back({.out = result.out.view(),
                               .denominators = result.denominators,
                               .dout = rows_of<double>(dout, "dout"),
                               .q = d.q.view()});
  exact_backward(spec, problem, gradients);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(d.q.storage[i], 5 + expected.q.storage[i], 1e-14);
    EXPECT_NEAR(d.k.storage[i], 5 + expected.k.storage[i], 1e-14);
    EXPECT_NEAR(d.v.storage[i], 5 + expected.v.storage[i], 1e-14);
  }
}

}  // namespace
}  // namespace prodigest::attention
