#include "attention/performer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "attention/head_inputs.hpp"
#include "attention/naive_attention.hpp"
#include "simd_targets.hpp"

namespace prodigest::attention {
namespace {

AttentionSpec spec_of(Index size, double epsilon = 0, std::uint64_t seed = 1) {
  return {.kind = Kind::kPerformer,
          .size = size,
          .norm = Normalization::kNone,
          .epsilon = epsilon,
          .seed = {seed}};
}

template <Real T>
std::vector<Result<T>> group_forward(const AttentionSpec& spec, const std::vector<Matrix<T>>& q,
                                     const Matrix<T>& k, const Matrix<T>& v, bool causal = true,
                                     HeadState<T>* state = nullptr) {
  HeadProblem<T> problem = problem_of(k, v, {.causal = causal});
  problem.state = state;
  const auto directions = rounded_to<T>(performer_directions(spec, k.cols, 5));
  return solved([&](const HeadProblem<T>& it) { performer_forward(spec, directions, it); }, problem,
                q);
}

template <Real T>
Result<T> forward(const AttentionSpec& spec, const Inputs<T>& x, bool causal = true,
                  HeadState<T>* state = nullptr) {
  return group_forward(spec, {x.q}, x.k, x.v, causal, state)[0];
}

// exp(<w, x> - |x|²/2) for every direction w.
std::vector<double> features(const Matrix<double>& directions, std::span<const double> x) {
  std::vector<double> exponents(directions.cols);
  for (Index d = 0; d < directions.rows; ++d)
    for (Index t = 0; t < directions.cols; ++t)
      exponents[t] += directions(d, t) * x[d] - x[d] * x[d] / 2;
  for (double& e : exponents) e = std::exp(e);
  return exponents;
}

double estimate(const Matrix<double>& directions, std::span<const double> q,
                std::span<const double> k) {
  const auto a = features(directions, q), b = features(directions, k);
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0) / static_cast<double>(a.size());
}

template <Real T>
void expect_definition(const AttentionSpec& spec, const Inputs<double>& x, bool causal,
                       double tolerance) {
  const Matrix<double> directions = performer_directions(spec, x.k.cols, 5);
  const NaiveShares expected =
      naive_shares({.weight =
                        [&](Index i, Index j) {
                          return estimate(directions, x.q.view().row(i), x.k.view().row(j));
                        },
                    .causal = causal,
                    .epsilon = spec.epsilon},
                   x.q.rows, x.k.rows);
  const Inputs<T> rounded{rounded_to<T>(x.q), rounded_to<T>(x.k), rounded_to<T>(x.v)};
  const Result<T> got = forward(spec, rounded, causal);
  EXPECT_LE(largest_error(got.out.storage, naive_product(expected.shares, x.v).storage), tolerance);
  EXPECT_LE(largest_error(got.denominators, expected.denominators), tolerance);
}

TEST(Performer, IsItsDefinitionForEverySizeAndInstructionSet) {
  struct Size {
    Index queries, keys, width, value_dim, features;
  };
  for_each_instruction_set([] {
    for (const Size size :
         {Size{1, 1, 3, 2, 5}, Size{64, 64, 16, 7, 32}, Size{65, 65, 9, 17, 20},
          Size{200, 200, 8, 4, 33}, Size{3, 150, 8, 4, 16}, Size{150, 3, 8, 4, 16}})
      for (const bool causal : {true, false}) {
        if (causal && size.queries != size.keys) continue;
        SCOPED_TRACE(std::to_string(size.queries) + (causal ? " causal" : ""));
        const AttentionSpec spec = spec_of(size.features, 0.3);
        const Inputs<double> x = random_inputs(size.queries, size.keys, size.width, size.value_dim);
        expect_definition<double>(spec, x, causal, 1e-12);
        expect_definition<float>(spec, x, causal, 1e-5);
      }
  });
}

TEST(PerformerDirections, AreOrthogonalInGroupsAsLongAsTheyAreWide) {
  const Matrix<double> w = performer_directions(spec_of(20), 8, 3);
  for (Index a = 0; a < 20; ++a)
    for (Index b = 0; b < a; ++b) {
      double product = 0;
      for (Index i = 0; i < 8; ++i) product += w(i, a) * w(i, b);
      if (a / 8 == b / 8) {
        EXPECT_NEAR(product, 0, 1e-12) << a << " " << b;
      } else {
        EXPECT_GT(std::abs(product), 1e-6);
      }
    }
}

TEST(PerformerDirections, HaveTheLengthsOfNormalVectors) {
  double mean = 0, square = 0;
  const Index width = 8, count = 20000;
  const Matrix<double> w = performer_directions(spec_of(count), width, 3);
  for (Index t = 0; t < count; ++t) {
    double length = 0;
    for (Index i = 0; i < width; ++i) length += w(i, t) * w(i, t);
    mean += length / count;
    square += length * length / count;
  }
  // Chi squared of `width` degrees: variance 2 width.
  EXPECT_NEAR(mean, width, 4 * std::sqrt(2.0 * width / count));
  EXPECT_NEAR(square - mean * mean, 2 * width, 1);
}

TEST(PerformerDirections, DifferByStreamAndSeed) {
  const Matrix<double> w = performer_directions(spec_of(4), 8, 3);
  EXPECT_EQ(w, performer_directions(spec_of(4), 8, 3));
  EXPECT_NE(w, performer_directions(spec_of(4), 8, 4));
  EXPECT_NE(w, performer_directions(spec_of(4, 0, 2), 8, 3));
}

TEST(PerformerDirections, EstimateTheExponentialWithoutBias) {
  const Matrix<double> x = normals(4, 8, 3, 0.25);
  for (Index i = 0; i < 4; ++i)
    for (Index j = 0; j < 4; ++j) {
      const double exact = std::exp(dot(x, i, x, j));
      double mean = 0, square = 0;
      const int seeds = 6000;
      for (int seed = 1; seed <= seeds; ++seed) {
        const double value = estimate(performer_directions(spec_of(8, 0, seed), 8, 0),
                                      x.view().row(i), x.view().row(j));
        mean += value / seeds;
        square += value * value / seeds;
      }
      const double deviation = std::sqrt((square - mean * mean) / seeds);
      EXPECT_NEAR(mean, exact, 4 * deviation) << i << " " << j;
      EXPECT_LT(deviation, 0.03 * exact);
    }
}

TEST(Performer, ComesNearSoftmaxWithManyFeatures) {
  Inputs<double> x = random_inputs(100, 100, 4, 3);
  for (double& y : x.q.storage) y /= 2;
  for (double& y : x.k.storage) y /= 2;
  const NaiveShares softmax = naive_shares(
      {.weight = [&](Index i, Index j) { return dot(x.q, i, x.k, j); }, .softmax = true}, 100, 100);
  const auto error = [&](Index size) {
    return largest_error(forward(spec_of(size), x).out.storage,
                         naive_product(softmax.shares, x.v).storage);
  };
  EXPECT_LT(error(8192), 0.05);
  EXPECT_GT(error(8), 0.1);
}

// Whether outputs of earlier tokens change with the last key, which becomes loud: a direction.
bool sees_the_last_key(const AttentionSpec& spec,
                       const std::function<Matrix<float>(const Inputs<float>&)>& attend) {
  Inputs<float> x = random_inputs<float>(100, 100, 8, 3);
  const Matrix<double> directions = performer_directions(spec, 8, 5);
  const Matrix<float> before = attend(x);
  for (Index d = 0; d < 8; ++d) x.k(99, d) = static_cast<float>(directions(d, 0));
  const Matrix<float> after = attend(x);
  EXPECT_FALSE(std::ranges::equal(before.view().row(99), after.view().row(99)));
  return !std::ranges::equal(std::span(before.storage).first(99 * 3),
                             std::span(after.storage).first(99 * 3));
}

// As it is often written: the exponents of keys less the largest of all, and a constant added.
Matrix<float> leaky(const AttentionSpec& spec, const Inputs<float>& x) {
  const Matrix<double> directions = performer_directions(spec, 8, 5), q = widened(x.q),
                       k = widened(x.k);
  double largest = 0;
  for (Index j = 0; j < k.rows; ++j)
    largest = std::max(largest, std::ranges::max(features(directions, k.view().row(j))));
  const NaiveShares shares =
      naive_shares({.weight =
                        [&](Index i, Index j) {
                          const auto a = features(directions, q.view().row(i));
                          const auto b = features(directions, k.view().row(j));
                          double sum = 0;
                          for (std::size_t t = 0; t < a.size(); ++t)
                            sum += a[t] * (b[t] / largest + 1e-4);
                          return sum;
                        }},
                   q.rows, k.rows);
  return rounded_to<float>(naive_product(shares.shares, widened(x.v)));
}

TEST(Performer, DoesNotSeeLaterKeysAsTheLeakyFormDoes) {
  int leaks = 0;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    AttentionSpec spec = spec_of(16, 1e-3);
    spec.seed = {seed};
    EXPECT_FALSE(
        sees_the_last_key(spec, [&](const Inputs<float>& x) { return forward(spec, x).out; }));
    leaks += sees_the_last_key(spec, [&](const Inputs<float>& x) { return leaky(spec, x); });
  }
  EXPECT_GE(leaks, 2);
}

TEST(Performer, GivesAGroupOfHeadsWhatItGivesEachOfThem) {
  const AttentionSpec spec = spec_of(16, 1e-3);
  const Inputs<float> x = random_inputs<float>(100, 100, 8, 3);
  const std::vector<Matrix<float>> q{x.q, rounded_to<float>(normals(100, 8, 20))};
  for (const bool causal : {true, false}) {
    const auto together = group_forward(spec, q, x.k, x.v, causal);
    for (std::size_t a = 0; a < 2; ++a)
      EXPECT_EQ(together[a], forward<float>(spec, {q[a], x.k, x.v}, causal));
  }
}

Inputs<double> tokens_of(const Inputs<double>& x, Index first, Index count) {
  const auto part = [&](const Matrix<double>& from) {
    Matrix<double> to(count, from.cols);
    std::copy_n(from.view().row_data(first), count * from.cols, to.storage.begin());
    return to;
  };
  return {part(x.q), part(x.k), part(x.v)};
}

TEST(Performer, GoesOnFromAState) {
  const AttentionSpec spec = spec_of(16, 1e-3);
  const Inputs<double> x = random_inputs(200, 200, 8, 3);
  const std::vector<double> whole = forward(spec, x).out.storage;
  for (const std::vector<Index>& pieces :
       {std::vector<Index>{64, 136}, {1, 1, 1, 60, 137}, {128, 0, 72}, {199, 1}}) {
    std::vector<double> sums(16 * 4), out;
    HeadState<double> state;
    state.sums = sums;
    Index first = 0;
    for (const Index count : pieces) {
      const auto part = forward(spec, tokens_of(x, first, count), true, &state).out.storage;
      out.insert(out.end(), part.begin(), part.end());
      first += count;
    }
    EXPECT_LE(largest_error(out, whole), 1e-13);
    if (pieces[0] % 64 == 0) {
      EXPECT_EQ(out, whole);
    }
  }
}

TEST(Performer, StaysFiniteForVectorsOfAnyLength) {
  for (const float length : {0.0f, 1e-20f, 10.0f, 1e3f, 1e15f}) {
    Inputs<float> x = random_inputs<float>(70, 70, 256, 3);
    const AttentionSpec spec = spec_of(32, 1e-3);
    const Matrix<double> directions = performer_directions(spec, 256, 5);
    for (Matrix<float>* m : {&x.q, &x.k})
      for (float& y : m->storage) y *= length;
    // The largest features that there are, e^128: of keys that are a direction.
    for (Index j = 3; j < 70; j += 2)
      for (Index d = 0; d < 256; ++d) x.k(j, d) = static_cast<float>(directions(d, 0));
    const Result<float> result = forward(spec, x);
    for (const float y : result.out.storage) ASSERT_TRUE(std::isfinite(y)) << length;
  }
}

}  // namespace
}  // namespace prodigest::attention
