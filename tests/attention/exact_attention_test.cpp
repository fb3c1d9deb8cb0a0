#include "attention/exact_attention.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "attention/exact_heads.hpp"
#include "expect_error.hpp"
#include "simd_targets.hpp"

namespace prodigest::attention {
namespace {

template <Real T>
void expect_definition(const AttentionSpec& spec, const Inputs<T>& x, Setting setting,
                       double tolerance) {
  const Inputs<double> wide = widened(x);
  const NaiveShares shares = naive_shares(naive(spec, wide, setting), x.q.rows, x.k.rows);
  const Result<T> got = forward(spec, x, setting);
  EXPECT_LE(largest_error(got.out.storage, naive_product(shares.shares, wide.v).storage),
            tolerance);
  EXPECT_LE(largest_error(got.denominators, shares.denominators), tolerance);
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
    for (const Index first : {1, 64, 100, 290}) {
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

TEST(ExactAttention, GivesAGroupOfHeadsWhatItGivesEachOfThem) {
  for (const char* text : kExact)
    for (const std::size_t heads : {2, 5, 80})
      for (const Index queries : {1, 30}) {
        const AttentionSpec spec = parse_attention_spec(text);
        const Inputs<float> x = random_inputs<float>(queries, 140, 8, 5);
        const Setting setting{.first_query = 140 - queries};
        std::vector<Matrix<float>> q;
        for (std::size_t a = 0; a < heads; ++a)
          q.push_back(rounded_to<float>(normals(queries, 8, 100 + a, 0.6)));
        const auto together = group_forward(spec, q, x.k, x.v, setting);
        for (std::size_t a = 0; a < heads; ++a) {
          const auto alone = forward<float>(spec, {q[a], x.k, x.v}, setting);
          // A token alone has its scores added up in another order.
          if (queries > 1) {
            EXPECT_EQ(together[a], alone) << text << " " << a;
          } else {
            EXPECT_LE(largest_error(together[a].out.storage, widened(alone.out).storage), 1e-5);
          }
        }
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

}  // namespace
}  // namespace prodigest::attention
