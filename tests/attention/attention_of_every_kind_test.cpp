// Softmax, polynomial and performer attention through Attention: heads, sequences, threads.

#include <gtest/gtest.h>

#include <numeric>
#include <utility>

#include "attention/naive_attention.hpp"
#include "attention/normalize.hpp"
#include "attention/performer.hpp"
#include "attention/tensors.hpp"

namespace prodigest::attention {
namespace {

constexpr const char* kKinds[] = {"softmax", "softmax:norm=rms,scale=0.7",
                                  "polynomial:degree=4,epsilon=0.1",
                                  "polynomial:degree=2,norm=none", "performer:size=24"};
constexpr AttentionShape kShape{.heads = 6, .key_heads = 2, .head_dim = 8, .value_dim = 5};

Matrix<double> rows_of(const Tensor<double>& from, Index b, Index h, RowNorm how) {
  Matrix<double> rows(from.tokens, from.width);
  normalize(how, from.view().head(b, h), rows.view());
  return rows;
}

double kernel(const AttentionSpec& spec, const Matrix<double>& directions,
              std::span<const double> q, std::span<const double> k) {
  double product = 0;
  for (std::size_t d = 0; d < q.size(); ++d) product += q[d] * k[d];
  if (spec.kind == Kind::kSoftmax) return product;
  if (spec.kind == Kind::kPolynomial) return std::pow(product, spec.degree);
  double sum = 0;
  for (Index t = 0; t < directions.cols; ++t) {
    double exponent = 0;
    for (std::size_t d = 0; d < q.size(); ++d)
      exponent +=
          directions(static_cast<Index>(d), t) * (q[d] + k[d]) - (q[d] * q[d] + k[d] * k[d]) / 2;
    sum += std::exp(exponent);
  }
  return sum / static_cast<double>(directions.cols);
}

Tensor<double> naive(const AttentionSpec& spec, const Inputs3<double>& in, bool causal) {
  Tensor<double> out(in.q.batch, in.q.heads, in.q.tokens, in.v.width);
  const RowNorm how = row_norm(spec, in.q.width);
  for (Index b = 0; b < in.q.batch; ++b)
    for (Index h = 0; h < in.q.heads; ++h) {
      const Index g = h / (in.q.heads / in.k.heads);
      const Matrix<double> q = rows_of(in.q, b, h, how), k = rows_of(in.k, b, g, how);
      const Matrix<double> directions = spec.kind == Kind::kPerformer
                                            ? performer_directions(spec, in.q.width, g)
                                            : Matrix<double>();
      const NaiveShares shares =
          naive_shares({.weight =
                            [&](Index i, Index j) {
                              return kernel(spec, directions, q.view().row(i), k.view().row(j));
                            },
                        .softmax = spec.kind == Kind::kSoftmax,
                        .causal = causal,
                        .epsilon = spec.kind == Kind::kSoftmax ? 0 : spec.epsilon},
                       q.rows, k.rows);
      const Matrix<double> result = naive_product(shares.shares, in.v.view().head(b, g));
      for (Index i = 0; i < q.rows; ++i)
        for (Index d = 0; d < in.v.width; ++d) out(b, h, i, d) = result(i, d);
    }
  return out;
}

TEST(AttentionOfEveryKind, IsItsDefinitionForGroupsOfHeads) {
  for (const char* text : kKinds)
    for (const bool causal : {true, false}) {
      const AttentionSpec spec = parse_attention_spec(text);
      const auto in = normal_inputs<double>(kShape, 2, 70, 3);
      const auto got = applied(Attention<double>(spec, kShape), in, {.causal = causal});
      EXPECT_LT(relative_error(got.values, naive(spec, in, causal).values), 1e-12) << text;
    }
}

TEST(AttentionOfEveryKind, TakesOtherNumbersOfKeysThanOfQueriesIfNotCausal) {
  for (const char* text : kKinds)
    for (const Index keys : {3, 200}) {
      const AttentionSpec spec = parse_attention_spec(text);
      auto in = normal_inputs<double>(kShape, 1, 70, 3);
      in.k = normal_tensor<double>(1, 2, keys, 8, 4);
      in.v = normal_tensor<double>(1, 2, keys, 5, 5);
      const auto got = applied(Attention<double>(spec, kShape), in, {.causal = false});
      EXPECT_LT(relative_error(got.values, naive(spec, in, false).values), 1e-12) << text;
    }
}

TEST(AttentionOfEveryKind, OfPackedSequencesIsThatOfEach) {
  const std::vector<Index> starts{0, 1, 1, 66, 200};
  for (const char* text : kKinds) {
    const Attention<float> attention(parse_attention_spec(text), kShape);
    const auto in = normal_inputs<float>(kShape, 1, 200, 3);
    const auto packed = applied(attention, in, {.sequence_starts = starts});
    for (std::size_t s = 0; s + 1 < starts.size(); ++s) {
      const Index first = starts[s], count = starts[s + 1] - starts[s];
      const auto alone =
          applied(attention, {in.q.tokens_from(first, count), in.k.tokens_from(first, count),
                              in.v.tokens_from(first, count)});
      EXPECT_EQ(packed.tokens_from(first, count), alone) << text << " " << s;
    }
  }
}

TEST(AttentionOfEveryKind, HasTheSameBitsForAnyNumberOfThreads) {
  for (const char* text : kKinds) {
    const AttentionSpec spec = parse_attention_spec(text);
    const Attention<float> attention(spec, kShape);
    const auto in = normal_inputs<float>(kShape, 1, 1500, 3);
    const auto dout = normal_tensor<float>(1, 6, 1500, 5, 8);
    struct Results {
      Tensor<float> out;
      std::vector<float> denominators;
      Tensor<float> dq, dk, dv;
      bool operator==(const Results&) const = default;
    };
    const auto with = [&](int threads) {
      const Context context{.threads = threads};
      Results r{{}, {}, in.q, in.k, in.v};
      Denominators<float> denominators;
      r.out = applied(attention, in, {}, &denominators, context);
      r.denominators = denominators.values;
      if (spec.kind == Kind::kPerformer) return r;
      Gradients<float> gradients{r.dq.view(), r.dk.view(), r.dv.view()};
      attention.backward(in.q.view(), in.k.view(), in.v.view(), std::as_const(r.out).view(),
                         denominators, dout.view(), gradients, {}, context);
      return r;
    };
    const Results one = with(1);
    EXPECT_EQ(one, with(2)) << text;
    EXPECT_EQ(one, with(7)) << text;
  }
}

TEST(AttentionOfEveryKind, HasGradientsThroughNormalizationAndGroups) {
  for (const char* text : kKinds) {
    const AttentionSpec spec = parse_attention_spec(text);
    if (spec.kind == Kind::kPerformer) continue;
    const Attention<double> attention(spec, kShape);
    auto in = normal_inputs<double>(kShape, 2, 20, 3);
    const auto dout = normal_tensor<double>(2, 6, 20, 5, 8);
    Inputs3<double> d = in;
    Denominators<double> denominators;
    const auto out = applied(attention, in, {}, &denominators);
    Gradients<double> gradients{d.q.view(), d.k.view(), d.v.view()};
    attention.backward(in.q.view(), in.k.view(), in.v.view(), out.view(), denominators, dout.view(),
                       gradients);
    const auto expect_slopes = [&](std::vector<double>& of, const std::vector<double>& slopes) {
      for (std::size_t i = 3; i < of.size(); i += 211) {
        const double at = of[i];
        const auto difference = [&](double by) {
          double loss[2];
          for (const int up : {0, 1}) {
            of[i] = at + (up == 1 ? by : -by);
            const auto result = applied(attention, in);
            loss[up] = std::inner_product(dout.values.begin(), dout.values.end(),
                                          result.values.begin(), 0.0);
          }
          of[i] = at;
          return (loss[1] - loss[0]) / (2 * by);
        };
        const double slope = (4 * difference(1e-4) - difference(2e-4)) / 3;
        EXPECT_NEAR(slopes[i], slope, 1e-8 * (1 + std::abs(slope))) << text << " " << i;
      }
    };
    expect_slopes(in.q.values, d.q.values);
    expect_slopes(in.k.values, d.k.values);
    expect_slopes(in.v.values, d.v.values);
  }
}

}  // namespace
}  // namespace prodigest::attention
