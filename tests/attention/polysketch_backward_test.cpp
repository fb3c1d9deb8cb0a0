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

// So many tokens that there are sums in both passes, the last block short.
TEST(PolysketchBackward, AgreesWithThePairsOneByOne) {
  for (const Case& c : {Case{"polysketch:size=5"}, Case{"polysketch:size=5", false},
                        Case{"polysketch:size=4,local_block=64"},
                        Case{"polysketch:size=5,local_block=100,norm=rms"},
                        Case{"polysketch:degree=2,local_block=7"},
                        Case{"polysketch:degree=8,size=3,local_block=48"}})
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

}  // namespace
}  // namespace prodigest::attention
