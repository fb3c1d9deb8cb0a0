#include <gtest/gtest.h>

#include "attention/polysketch_reference.hpp"

namespace prodigest::attention {
namespace {

template <class T>
struct Run {
  Tensor<T> out, dq, dk, dv;
  Gradients<T> gradients;
};

template <class T>
Run<T> run(const Attention<T>& attention, const Inputs3<T>& in, const Tensor<T>& dout,
           const AttendOptions& options = {}, const Context& context = {.threads = 1}) {
  Run<T> result{{}, in.q, in.k, in.v, {}};
  Denominators<T> denominators;
  result.out = applied(attention, in, options, &denominators, context);
  result.gradients = {result.dq.view(), result.dk.view(), result.dv.view(),
                      std::vector<double>(static_cast<std::size_t>(in.q.heads), 7.0)};
  const AttentionSpec& spec = attention.spec();
  if (spec.sketch == SketchKind::kGiven)
    for (Index g = 0; g < in.k.heads; ++g) {
      result.gradients.sketch_a.emplace_back(in.q.width, spec.size);
      result.gradients.sketch_b.emplace_back(in.q.width, spec.size);
    }
  attention.backward(in.q.view(), in.k.view(), in.v.view(), std::as_const(result.out).view(),
                     denominators, dout.view(), result.gradients, options, context);
  return result;
}

// (f(x + h) - f(x - h)) / 2h, and its error in h² taken away by that of half the step.
template <class F>
double difference(double& x, const F& f) {
  const double at = x;
  const auto central = [&](double h) {
    x = at + h;
    const double up = f();
    x = at - h;
    const double down = f();
    x = at;
    return (up - down) / (2 * h);
  };
  return (4 * central(1e-4) - central(2e-4)) / 3;
}

void expect_gradient(const std::vector<double>& got, std::vector<double>& x, const auto& loss) {
  std::vector<double> expected;
  for (double& number : x) expected.push_back(difference(number, loss));
  EXPECT_LT(relative_error(got, expected), 1e-8);
}

struct Case {
  const char* spec;
  bool causal = true;
};
constexpr Case kCases[] = {{"polysketch:size=3,epsilon=0.1"},
                           {"polysketch:size=3,epsilon=0.1", false},
                           {"polysketch:size=3,local_block=3,epsilon=0.1"},
                           {"polysketch:size=4,local_block=3,epsilon=0.1"},
                           {"polysketch:degree=2,norm=rms,epsilon=0.1"},
                           {"polysketch:degree=2,norm=none,epsilon=0.1", false},
                           {"polysketch:degree=2,local_block=4,epsilon=0.1"},
                           {"polysketch:degree=8,size=2,local_block=5,epsilon=0.1"}};

TEST(PolysketchBackward, AgreesWithDifferences) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(testing::Message() << c.spec << " causal " << c.causal);
    Attention<double> attention(parse_attention_spec(c.spec),
                                {.heads = 2, .key_heads = 1, .head_dim = 4, .value_dim = 3});
    std::vector<double> gain = {0.7, 1.3};
    attention.set_remote_gain(gain);
    auto in = normal_inputs<double>(attention.shape(), 1, 11, 3);
    const auto dout = normal_tensor<double>(1, 2, 11, 3, 9);
    const auto got = run(attention, in, dout, {.causal = c.causal});
    const auto loss = [&] { return reference_loss(attention, in, dout, c.causal); };
    expect_gradient(got.dq.values, in.q.values, loss);
    expect_gradient(got.dk.values, in.k.values, loss);
    expect_gradient(got.dv.values, in.v.values, loss);
    expect_gradient(got.gradients.remote_gain, gain, [&] {
      attention.set_remote_gain(gain);
      return loss();
    });
  }
}

// So many tokens that there are sums in both passes, the last block short; with 32 numbers a sketch
// there are none, but for a block.
TEST(PolysketchBackward, AgreesWithThePairsOneByOne) {
  for (const Case& c : {Case{"polysketch:size=5"}, Case{"polysketch:size=5", false},
                        Case{"polysketch:size=4,local_block=64"},
                        Case{"polysketch:size=5,local_block=100,norm=rms"},
                        Case{"polysketch:degree=2,local_block=7"},
                        Case{"polysketch:degree=8,size=3,local_block=48"},
                        Case{"polysketch:size=32,local_block=64"},
                        Case{"polysketch:degree=8,size=32,local_block=50"}})
    for (const Index tokens : {1, 65, 201}) {
      SCOPED_TRACE(testing::Message() << c.spec << " causal " << c.causal << " " << tokens);
      Attention<double> attention(parse_attention_spec(c.spec),
                                  {.heads = 4, .key_heads = 2, .head_dim = 6, .value_dim = 5});
      attention.set_remote_gain(std::vector{1.0, 0.3, 2.0, 0.0});
      const auto in = normal_inputs<double>(attention.shape(), 1, tokens, 3);
      const auto dout = normal_tensor<double>(1, 4, tokens, 5, 9);
      const auto got = run(attention, in, dout, {.causal = c.causal});
      const auto expected = polysketch_gradients(attention, in, dout, c.causal);
      EXPECT_LT(relative_error(got.dq.values, expected.q.values), 1e-12);
      EXPECT_LT(relative_error(got.dk.values, expected.k.values), 1e-12);
      EXPECT_LT(relative_error(got.dv.values, expected.v.values), 1e-12);
      for (std::size_t h = 0; h < 4; ++h)
        EXPECT_NEAR(got.gradients.remote_gain[h], expected.remote_gain[h],
                    1e-12 * (1 + std::abs(expected.remote_gain[h])));
    }
}

TEST(PolysketchBackward, OfManyQueriesAndOtherKeysAgreesWithThePairs) {
  const Attention<double> attention(parse_attention_spec("polysketch:size=4"),
                                    {.heads = 2, .key_heads = 1, .head_dim = 6, .value_dim = 5});
  for (const auto& [queries, keys] : {std::pair<Index, Index>{70, 500}, {300, 3}, {200, 130}}) {
    const Inputs3<double> in{normal_tensor<double>(1, 2, queries, 6, 1),
                             normal_tensor<double>(1, 1, keys, 6, 2),
                             normal_tensor<double>(1, 1, keys, 5, 3)};
    const auto dout = normal_tensor<double>(1, 2, queries, 5, 9);
    const auto got = run(attention, in, dout, {.causal = false});
    const auto expected = polysketch_gradients(attention, in, dout, false);
    EXPECT_LT(relative_error(got.dq.values, expected.q.values), 1e-12);
    EXPECT_LT(relative_error(got.dk.values, expected.k.values), 1e-12);
    EXPECT_LT(relative_error(got.dv.values, expected.v.values), 1e-12);
  }
}

TEST(PolysketchBackward, HasTheGradientsOfGivenSketches) {
  for (const char* spec : {"polysketch:size=3,sketch=given,epsilon=0.1",
                           "polysketch:size=3,sketch=given,local_block=4,epsilon=0.1"})
    for (const Index tokens : {6, 9, 80}) {
      const AttentionShape shape{.heads = 4, .key_heads = 2, .head_dim = 4, .value_dim = 2};
      std::vector<double> numbers(2 * 2 * 12);
      random_normals(Seed{5}, 0, numbers);
      const auto made = [&] {
        std::vector<PolynomialSketch<double>> sketches;
        for (const Index g : {0, 1})
          sketches.push_back(PolynomialSketch<double>::given({numbers.data() + 24 * g, 4, 3},
                                                             {numbers.data() + 24 * g + 12, 4, 3}));
        return Attention<double>(parse_attention_spec(spec), shape, sketches);
      };
      const auto in = normal_inputs<double>(shape, 2, tokens, 3);
      const auto dout = normal_tensor<double>(2, 4, tokens, 2, 9);
      const auto got = run(made(), in, dout);
      std::vector<double> all;
      for (const std::size_t g : {0, 1})
        for (const auto* matrix : {&got.gradients.sketch_a[g], &got.gradients.sketch_b[g]})
          all.insert(all.end(), matrix->storage.begin(), matrix->storage.end());
      expect_gradient(all, numbers, [&] { return reference_loss(made(), in, dout); });
    }
}

TEST(PolysketchBackward, KeepsPackedSequencesApart) {
  const Attention<double> attention(parse_attention_spec("polysketch:size=4,local_block=40"),
                                    {.heads = 2, .key_heads = 1, .head_dim = 6, .value_dim = 5});
  const auto in = normal_inputs<double>(attention.shape(), 1, 200, 3);
  const auto dout = normal_tensor<double>(1, 2, 200, 5, 9);
  const std::vector<Index> starts = {0, 90, 90, 200};
  const auto packed = run(attention, in, dout, {.sequence_starts = starts});
  for (std::size_t s = 0; s + 1 < starts.size(); ++s) {
    const auto part = [&](const Tensor<double>& of) {
      return of.tokens_from(starts[s], starts[s + 1] - starts[s]);
    };
    const auto alone = run(attention, {part(in.q), part(in.k), part(in.v)}, part(dout));
    EXPECT_EQ(part(packed.dq), alone.dq);
    EXPECT_EQ(part(packed.dk), alone.dk);
    EXPECT_EQ(part(packed.dv), alone.dv);
  }
}

TEST(PolysketchBackward, IsTheSameForAnyNumberOfThreads) {
  const AttentionShape shape{.heads = 6, .key_heads = 3, .head_dim = 16, .value_dim = 20};
  std::vector<PolynomialSketch<float>> sketches;
  std::vector<double> numbers(2 * 16 * 8);
  random_normals(Seed{5}, 0, numbers);
  const std::vector<float> floats(numbers.begin(), numbers.end());
  for (int g = 0; g < 3; ++g)
    sketches.push_back(
        PolynomialSketch<float>::given({floats.data(), 16, 8}, {floats.data() + 128, 16, 8}));
  for (const auto& [spec, tokens] :
       {std::pair<const char*, Index>{"polysketch:size=8,sketch=given,local_block=100", 500},
        {"polysketch:size=8,sketch=given,local_block=40", 70}}) {
    const Attention<float> attention(parse_attention_spec(spec), shape, sketches);
    const auto in = normal_inputs<float>(shape, 3, tokens, 7);
    const auto dout = normal_tensor<float>(3, 6, tokens, 20, 9);
    const auto one = run(attention, in, dout);
    for (const int threads : {2, 7}) {
      const auto many = run(attention, in, dout, {}, {.threads = threads});
      EXPECT_EQ(many.dq, one.dq);
      EXPECT_EQ(many.dk, one.dk);
      EXPECT_EQ(many.dv, one.dv);
      EXPECT_EQ(many.gradients.remote_gain, one.gradients.remote_gain);
      EXPECT_EQ(many.gradients.sketch_a, one.gradients.sketch_a);
      EXPECT_EQ(many.gradients.sketch_b, one.gradients.sketch_b);
    }
  }
}

TEST(PolysketchBackward, GivesEachGradientAloneAsWithTheOthers) {
  const Attention<double> attention(parse_attention_spec("polysketch:size=4,local_block=40"),
                                    {.heads = 2, .key_heads = 1, .head_dim = 6, .value_dim = 5});
  const auto in = normal_inputs<double>(attention.shape(), 1, 100, 3);
  const auto dout = normal_tensor<double>(1, 2, 100, 5, 9);
  const auto all = run(attention, in, dout);
  Denominators<double> denominators;
  const auto out = applied(attention, in, {}, &denominators);
  const auto only = [&](auto member, Tensor<double> gradient) {
    Gradients<double> gradients;
    gradients.*member = gradient.view();
    attention.backward(in.q.view(), in.k.view(), in.v.view(), out.view(), denominators, dout.view(),
                       gradients, {}, {.threads = 1});
    return gradient;
  };
  EXPECT_EQ(only(&Gradients<double>::q, in.q), all.dq);
  EXPECT_EQ(only(&Gradients<double>::k, in.k), all.dk);
  EXPECT_EQ(only(&Gradients<double>::v, in.v), all.dv);
}

TEST(PolysketchBackward, IsTheDirectionalDerivativeOfALongSequence) {
  for (const char* spec : {"polysketch:size=16", "polysketch:size=16,local_block=256"}) {
    const AttentionShape shape{.head_dim = 32, .value_dim = 32};
    const Attention<double> attention(parse_attention_spec(spec), shape);
    auto in = normal_inputs<double>(shape, 1, 4096, 3);
    const auto dout = normal_tensor<double>(1, 1, 4096, 32, 9);
    const auto got = run(attention, in, dout);
    const auto along = normal_inputs<double>(shape, 1, 4096, 13);
    double expected = 0;
    const auto for_all = [&](const auto& body) {
      body(in.q.values, along.q.values, got.dq.values);
      body(in.k.values, along.k.values, got.dk.values);
      body(in.v.values, along.v.values, got.dv.values);
    };
    for_all([&](const auto&, const auto& step, const auto& gradient) {
      for (std::size_t i = 0; i < step.size(); ++i) expected += step[i] * gradient[i];
    });
    double t = 0, before = 0;
    const double slope = difference(t, [&] {
      for_all([&](auto& x, const auto& step, const auto&) {
        for (std::size_t i = 0; i < step.size(); ++i) x[i] += (t - before) * step[i];
      });
      before = t;
      const auto out = applied(attention, in);
      double loss = 0;
      for (std::size_t i = 0; i < out.values.size(); ++i) loss += dout.values[i] * out.values[i];
      return loss;
    });
    EXPECT_NEAR(slope, expected, 1e-8 * std::abs(expected)) << spec;
  }
}

TEST(PolysketchBackward, OfFloatsIsNearThatOfDoubles) {
  for (const char* spec : {"polysketch", "polysketch:local_block=100"}) {
    const AttentionShape shape{.head_dim = 64, .value_dim = 64};
    const Attention<double> attention(parse_attention_spec(spec), shape);
    const Attention<float> single(parse_attention_spec(spec), shape);
    const auto expected = run(attention, normal_inputs<double>(shape, 1, 2000, 7),
                              normal_tensor<double>(1, 1, 2000, 64, 9));
    const auto got = run(single, normal_inputs<float>(shape, 1, 2000, 7),
                         normal_tensor<float>(1, 1, 2000, 64, 9));
    EXPECT_LT(relative_error(got.dq.values, expected.dq.values), 5e-6);
    EXPECT_LT(relative_error(got.dk.values, expected.dk.values), 5e-6);
    EXPECT_LT(relative_error(got.dv.values, expected.dv.values), 5e-6);
  }
}

}  // namespace
}  // namespace prodigest::attention
