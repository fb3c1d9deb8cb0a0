#include <gtest/gtest.h>

#include "attention/polysketch_reference.hpp"
#include "expect_error.hpp"
#include "simd_targets.hpp"

namespace prodigest::attention {
namespace {

constexpr AttentionShape kShape{.heads = 4, .key_heads = 2, .head_dim = 8, .value_dim = 5};

Attention<double> with_gains(const char* spec) {
  Attention<double> attention(parse_attention_spec(spec), kShape);
  attention.set_remote_gain(std::vector{1.0, 0.3, 2.0, 0.0});
  return attention;
}

struct Case {
  const char* spec;
  bool causal = true;
};
constexpr Case kCases[] = {
    {"polysketch:size=6,epsilon=0.01"},    {"polysketch:size=5", false},
    {"polysketch:size=5,local_block=64"},  {"polysketch:size=5,local_block=100"},
    {"polysketch:degree=2,local_block=7"}, {"polysketch:degree=8,size=4,local_block=48"},
    {"polysketch:size=32,local_block=64"}, {"polysketch:degree=8,size=32,local_block=7"},
    {"polysketch:degree=2,norm=rms"},      {"polysketch:size=8,sketch=hadamard,norm=none", false}};

TEST(PolysketchForward, IsItsDefinition) {
  for (const Case& c : kCases)
    for (const Index tokens : {1, 2, 64, 65, 200}) {
      SCOPED_TRACE(testing::Message() << c.spec << " causal " << c.causal << " " << tokens);
      const auto attention = with_gains(c.spec);
      const auto in = normal_inputs<double>(kShape, 2, tokens, 7);
      Denominators<double> denominators;
      const auto out = applied(attention, in, {.causal = c.causal}, &denominators);
      const auto expected = polysketch_reference(attention, in, c.causal);
      EXPECT_LT(relative_error(out.values, expected.out.values), 1e-13);
      EXPECT_LT(relative_error(denominators.values, expected.denominators), 1e-13);
    }
}

// A state is gone on from by sums, whatever is less work.
TEST(PolysketchForward, OfAShortSequenceWeighsPairsOneByOneAsItDoesBySums) {
  for (const auto& [spec, tokens] : {std::pair<const char*, Index>{"polysketch:size=32", 200},
                                     {"polysketch:size=32,local_block=64", 200},
                                     {"polysketch:size=32,local_block=90", 200},
                                     {"polysketch:degree=2,local_block=7", 40}}) {
    const auto attention = with_gains(spec);
    const auto in = normal_inputs<double>(kShape, 2, tokens, 7);
    AttentionState state = attention.empty_state(2);
    const auto by_sums = applied(attention, in, {.state = &state});
    const auto by_pairs = applied(attention, in);
    EXPECT_LT(relative_error(by_pairs.values, by_sums.values), 1e-13) << spec;
    EXPECT_NE(by_pairs, by_sums) << spec << ": both went the same way";
  }
}

// Head dimensions, sketches and values of any width, and both ways through local_block = 0.
TEST(PolysketchForward, IsItsDefinitionForEveryWidthAndInstructionSet) {
  for_each_instruction_set([] {
    for (const Index width : {1, 3, 16, 33, 70})
      for (const Index size : {1, 2, 7, 20}) {
        const AttentionSpec spec{
            .size = size, .norm = Normalization::kRms, .local_block = size % 2 * 64};
        const AttentionShape shape{.head_dim = width, .value_dim = 71 - width};
        const Attention<double> attention(spec, shape);
        const Attention<float> single(spec, shape);
        const auto in = normal_inputs<double>(shape, 1, 150, 7);
        const auto expected = polysketch_reference(attention, in);
        EXPECT_LT(relative_error(applied(attention, in).values, expected.out.values), 1e-12);
        const auto in32 = normal_inputs<float>(shape, 1, 150, 7);
        EXPECT_LT(relative_error(applied(single, in32).values, expected.out.values), 1e-4);
      }
  });
}

// Long enough for sums, where pairs one by one would be less work for a shorter sequence.
TEST(PolysketchForward, OfFloatsIsNearThatOfDoubles) {
  const AttentionShape shape{.head_dim = 64, .value_dim = 64};
  for (const char* spec : {"polysketch", "polysketch:local_block=256", "polysketch:degree=2"}) {
    const Attention<double> attention(parse_attention_spec(spec), shape);
    const Attention<float> single(parse_attention_spec(spec), shape);
    const auto out = applied(attention, normal_inputs<double>(shape, 1, 4000, 7));
    const auto out32 = applied(single, normal_inputs<float>(shape, 1, 4000, 7));
    EXPECT_LT(relative_error(out32.values, out.values), 2e-6) << spec;
  }
}

TEST(PolysketchForward, TakesTensorsInEitherOrder) {
  const auto attention = with_gains("polysketch:size=5,local_block=32");
  const auto in = normal_inputs<double>(kShape, 3, 80, 7);
  const auto transposed = [](const Tensor<double>& from) {
    std::vector<double> to;
    for (Index b = 0; b < from.batch; ++b)
      for (Index n = 0; n < from.tokens; ++n)
        for (Index h = 0; h < from.heads; ++h)
          for (Index d = 0; d < from.width; ++d) to.push_back(from(b, h, n, d));
    return to;
  };
  const auto q = transposed(in.q), k = transposed(in.k), v = transposed(in.v);
  std::vector<double> out(3 * 80 * 4 * 5);
  const auto view = [](auto* data, Index heads, Index width) {
    return HeadsView<std::remove_pointer_t<decltype(data)>>::bnhd(data, 3, 80, heads, width);
  };
  attention.apply(view(q.data(), 4, 8), view(k.data(), 2, 8), view(v.data(), 2, 5),
                  view(out.data(), 4, 5), {}, nullptr, {.threads = 1});
  EXPECT_EQ(out, transposed(applied(attention, in)));
}

TEST(PolysketchForward, KeepsPackedSequencesApart) {
  for (const Case& c : kCases) {
    const auto attention = with_gains(c.spec);
    const auto in = normal_inputs<double>(kShape, 1, 300, 7);
    const std::vector<Index> starts = {0, 1, 130, 130, 300};
    const auto packed = applied(attention, in, {.causal = c.causal, .sequence_starts = starts});
    for (std::size_t s = 0; s + 1 < starts.size(); ++s) {
      const Index first = starts[s], count = starts[s + 1] - first;
      const Inputs3<double> part{in.q.tokens_from(first, count), in.k.tokens_from(first, count),
                                 in.v.tokens_from(first, count)};
      EXPECT_EQ(packed.tokens_from(first, count), applied(attention, part, {.causal = c.causal}))
          << c.spec;
    }
  }
}

TEST(PolysketchForward, OfManyQueriesAndOtherKeysIsItsDefinition) {
  const auto attention = with_gains("polysketch:size=4");
  for (const auto& [queries, keys] : {std::pair<Index, Index>{1, 500}, {500, 3}, {200, 300}}) {
    Inputs3<double> in{normal_tensor<double>(1, 4, queries, 8, 1),
                       normal_tensor<double>(1, 2, keys, 8, 2),
                       normal_tensor<double>(1, 2, keys, 5, 3)};
    const auto out = applied(attention, in, {.causal = false});
    const auto expected = polysketch_reference(attention, in, false);
    EXPECT_LT(relative_error(out.values, expected.out.values), 1e-13);
  }
}

TEST(PolysketchForward, OfNoTokensIsNothing) {
  const auto attention = with_gains("polysketch:size=4");
  EXPECT_TRUE(applied(attention, normal_inputs<double>(kShape, 2, 0, 7)).values.empty());
  EXPECT_TRUE(applied(attention, normal_inputs<double>(kShape, 0, 9, 7)).values.empty());
  Inputs3<double> in{normal_tensor<double>(1, 4, 3, 8, 1), {1, 2, 0, 8}, {1, 2, 0, 5}};
  for (const double x : applied(attention, in, {.causal = false}).values) EXPECT_EQ(x, 0);
}

TEST(PolysketchForward, TakesSketchesThatWereMadeElsewhere) {
  const auto in = normal_inputs<double>(kShape, 1, 200, 7);
  const Attention<double> drawn(parse_attention_spec("polysketch:size=6"), kShape);
  std::vector<PolynomialSketch<double>> sketches;
  for (const auto& sketch : drawn.sketches())
    sketches.push_back(
        PolynomialSketch<double>::given(sketch.matrices()[0].view(), sketch.matrices()[1].view()));
  const Attention<double> given(parse_attention_spec("polysketch:size=6,sketch=given"), kShape,
                                sketches);
  const auto out = applied(drawn, in);
  EXPECT_EQ(applied(given, in), out);

  // The sketches themselves in place of queries and keys.
  Inputs3<double> outside{{1, 4, 200, 6}, {1, 2, 200, 6}, in.v};
  for (Index h = 0; h < 4; ++h) {
    const ReferenceHead head(drawn, in, 0, h, true);
    for (Index i = 0; i < 200; ++i)
      for (Index a = 0; a < 6; ++a) {
        outside.q(0, h, i, a) = head.qs(i, a);
        outside.k(0, h / 2, i, a) = head.ks(i, a);
      }
  }
  const Attention<double> external(
      parse_attention_spec("polysketch:size=6,sketch=external,norm=none,scale=1"), kShape);
  EXPECT_LT(relative_error(applied(external, outside).values, out.values), 1e-13);
}

TEST(PolysketchForward, LaterTokensDoNotShowInEarlierOnes) {
  for (const Case& c : kCases) {
    if (!c.causal) continue;
    const auto attention = with_gains(c.spec);
    const auto in = normal_inputs<double>(kShape, 1, 300, 7);
    const auto out = applied(attention, in);
    for (const Index from : {1, 64, 107, 150, 299}) {
      auto other = in;
      for (Tensor<double>* tensor : {&other.q, &other.k, &other.v})
        for (Index h = 0; h < tensor->heads; ++h)
          for (Index n = from; n < 300; ++n)
            for (Index d = 0; d < tensor->width; ++d) (*tensor)(0, h, n, d) *= -1e3;
      const auto changed = applied(attention, other);
      EXPECT_EQ(changed.tokens_from(0, from), out.tokens_from(0, from)) << c.spec << " " << from;
      EXPECT_NE(changed, out);
    }
  }
}

TEST(PolysketchForward, IsTheSameForAnyNumberOfThreads) {
  const Attention<float> attention(parse_attention_spec("polysketch:size=16,local_block=100"),
                                   {.heads = 6, .key_heads = 3, .head_dim = 32, .value_dim = 40});
  const auto in = normal_inputs<float>(attention.shape(), 3, 500, 7);
  const auto out = applied(attention, in);
  for (const int threads : {2, 7}) {
    const Context context{.threads = threads};
    EXPECT_EQ(applied(attention, in, {}, nullptr, context), out);
  }
}

// With values that are unit vectors the output is the weights.
TEST(PolysketchForward, WeighsBySquares) {
  for (const char* spec : {"polysketch:size=3", "polysketch:size=3,local_block=16"}) {
    const AttentionShape shape{.head_dim = 8, .value_dim = 150};
    const Attention<double> attention(parse_attention_spec(spec), shape);
    auto in = normal_inputs<double>(shape, 1, 150, 7);
    std::ranges::fill(in.v.values, 0.0);
    for (Index n = 0; n < 150; ++n) in.v(0, 0, n, n) = 1;
    Denominators<double> denominators;
    const auto out = applied(attention, in, {}, &denominators);
    const ReferenceHead head(attention, in, 0, 0, true);
    for (Index i = 0; i < 150; ++i) {
      const double total = denominators.values[static_cast<std::size_t>(i)];
      for (Index j = 0; j < 150; ++j) {
        EXPECT_GE(out(0, 0, i, j) * total, -1e-12 * total);
        EXPECT_NEAR(out(0, 0, i, j) * total, j <= i ? head.weight(i, j) : 0, 1e-12 * total);
      }
    }
  }
}

TEST(PolysketchForward, OfOneValueIsThatValueButForEpsilon) {
  const auto attention = with_gains("polysketch:size=5,local_block=64,epsilon=0.5");
  auto in = normal_inputs<double>(kShape, 1, 200, 7);
  std::ranges::fill(in.v.values, 3.0);
  Denominators<double> denominators;
  const auto out = applied(attention, in, {}, &denominators);
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    const double total = denominators.values[i / 5];
    EXPECT_NEAR(out.values[i], 3 * (total - 0.5) / total, 1e-13);
  }
}

TEST(PolysketchForward, OfTokensAllAlikeIsTheMeanOfTheirValues) {
  const Attention<double> attention(parse_attention_spec("polysketch:size=5,epsilon=0"), kShape);
  auto in = normal_inputs<double>(kShape, 1, 300, 7);
  for (Tensor<double>* tensor : {&in.q, &in.k})
    for (Index h = 0; h < tensor->heads; ++h)
      for (Index n = 1; n < 300; ++n)
        for (Index d = 0; d < 8; ++d) (*tensor)(0, h, n, d) = (*tensor)(0, h, 0, d);
  const auto out = applied(attention, in);
  for (Index d = 0; d < 5; ++d) {
    double sum = 0;
    for (Index n = 0; n < 300; ++n) {
      sum += in.v(0, 1, n, d);
      EXPECT_NEAR(out(0, 2, n, d), sum / static_cast<double>(n + 1), 1e-12);
    }
  }
}

TEST(PolysketchForward, OfRowsWithoutWeightIsZero) {
  for (const char* spec : {"polysketch:size=5,epsilon=0", "polysketch:size=5,local_block=64",
                           "polysketch:size=5,norm=none,epsilon=0"}) {
    const Attention<double> attention(parse_attention_spec(spec), kShape);
    auto in = normal_inputs<double>(kShape, 1, 200, 7);
    for (Index n : {0, 77, 199})
      for (Index d = 0; d < 8; ++d) in.q(0, 1, n, d) = 0;
    const auto out = applied(attention, in);
    for (const double x : out.values) EXPECT_TRUE(std::isfinite(x));
    for (Index n : {0, 77, 199})
      for (Index d = 0; d < 5; ++d) EXPECT_EQ(out(0, 1, n, d), 0);
  }
}

TEST(PolysketchForward, DoesNotDependOnTheLengthOfQueries) {
  const Attention<double> attention(
      parse_attention_spec("polysketch:size=5,norm=none,epsilon=1e-15"), kShape);
  auto in = normal_inputs<double>(kShape, 1, 200, 7);
  const auto out = applied(attention, in);
  for (double& x : in.q.values) x *= 7;
  EXPECT_LT(relative_error(applied(attention, in).values, out.values), 1e-10);
}

TEST(PolysketchForward, BearsHugeAndTinyNumbers) {
  const auto scaled = [](Inputs3<float> in, float factor) {
    for (Tensor<float>* tensor : {&in.q, &in.k})
      for (float& x : tensor->values) x *= factor;
    return in;
  };
  const auto in = normal_inputs<float>(kShape, 1, 200, 7);
  const Attention<float> layer(parse_attention_spec("polysketch:size=5,degree=8"), kShape);
  const auto out = applied(layer, in);
  EXPECT_LT(relative_error(applied(layer, scaled(in, 1e4F)).values, out.values), 1e-4);
  for (const float x : applied(layer, scaled(in, 1e-42F)).values) EXPECT_TRUE(std::isfinite(x));

  const Attention<float> none(parse_attention_spec("polysketch:size=5,degree=8,norm=none"), kShape);
  expect_refusal(ErrorCode::kInvalidArgument,
                 "attend: the weights of q at batch 0, head 0, token 0 are too large to be added "
                 "(normalize, or make scale smaller)",
                 [&] { applied(none, scaled(in, 1e8F)); });
}

// Random directions of 16 clusters; a factor in the sketch is a power of it in the weights.
TEST(PolysketchForward, WeighsRemoteKeysLikeLocalOnesIfTheSketchIsLarge) {
  const AttentionShape shape{.head_dim = 16, .value_dim = 8};
  const Attention<double> mixed(
      parse_attention_spec("polysketch:size=1024,local_block=64,norm=rms"), shape);
  auto in = normal_inputs<double>(shape, 1, 300, 7);
  for (Index n = 0; n < 300; ++n)
    for (Index d = 0; d < 16; ++d)
      for (Tensor<double>* tensor : {&in.q, &in.k})
        (*tensor)(0, 0, n, d) = in.k(0, 0, n % 16, d) + 0.3 * (*tensor)(0, 0, n, d);
  const auto out = applied(mixed, in);
  const Attention<double> all_local(
      parse_attention_spec("polysketch:size=1024,local_block=300,norm=rms"), shape);
  EXPECT_LT(relative_error(out.values, applied(all_local, in).values), 0.1);
}

TEST(PolysketchForward, InHalfPrecisionIsThatOfTheRoundedNumbers) {
  const Attention<float> attention(parse_attention_spec("polysketch:size=5,local_block=32"),
                                   kShape);
  auto in = normal_inputs<float>(kShape, 2, 100, 7);
  std::vector<std::vector<BFloat16>> halves;
  for (Tensor<float>* tensor : {&in.q, &in.k, &in.v}) {
    halves.emplace_back();
    for (float& x : tensor->values) {
      halves.back().push_back({static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(x) >> 16)});
      x = static_cast<float>(halves.back().back());
    }
  }
  Denominators<float> denominators, expected_denominators;
  const auto expected = applied(attention, in, {}, &expected_denominators);
  std::vector<BFloat16> out(expected.values.size());
  const auto view = [](auto& data, Index heads, Index width) {
    return HeadsView<BFloat16>::bhnd(data.data(), 2, heads, 100, width);
  };
  attention.apply(view(halves[0], 4, 8), view(halves[1], 2, 8), view(halves[2], 2, 5),
                  view(out, 4, 5), {}, &denominators, {.threads = 1});
  EXPECT_EQ(denominators.values, expected_denominators.values);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float x = expected.values[i], half = static_cast<float>(out[i]);
    const BFloat16 above{static_cast<std::uint16_t>(out[i].bits + 1)};
    const BFloat16 below{static_cast<std::uint16_t>(out[i].bits - 1)};
    EXPECT_LE(std::abs(half - x), std::abs(static_cast<float>(above) - x));
    EXPECT_LE(std::abs(half - x), std::abs(static_cast<float>(below) - x));
  }
}

}  // namespace
}  // namespace prodigest::attention
