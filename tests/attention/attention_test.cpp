#include "prodigest/attention/attention.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "attention/tensors.hpp"
#include "expect_error.hpp"

namespace prodigest::attention {
namespace {

constexpr AttentionShape kShape{.heads = 4, .key_heads = 2, .head_dim = 8, .value_dim = 5};

Attention<double> attention_of(std::string_view spec) {
  return {parse_attention_spec(spec), kShape};
}

void expect_invalid(const std::string& message, const auto& call) {
  expect_error(ErrorCode::kInvalidArgument, message, call);
}

TEST(Attention, RefusesShapesThatMakeNoSense) {
  const auto with = [](AttentionShape shape, std::string_view spec = "polysketch",
                       std::uint64_t stream = 0) {
    return [=] { Attention<float>(parse_attention_spec(spec), shape, stream); };
  };
  expect_invalid("attention: heads must be a multiple of key_heads, got 6 and 4",
                 with({.heads = 6, .key_heads = 4}));
  expect_invalid("attention: heads must be 1 to 2^20, got 0", with({.heads = 0}));
  expect_invalid("attention: key_heads must be 1 to 2^20, got -1", with({.key_heads = -1}));
  expect_invalid("attention: head_dim must be 1 to 2^20, got 0", with({.head_dim = 0}));
  expect_invalid("attention: value_dim must be 1 to 2^20, got 1048577",
                 with({.value_dim = (1 << 20) + 1}));
  expect_invalid("attention: stream must be below 2^24, got 16777216",
                 with({}, "polysketch", 1 << 24));
  expect_invalid("attention: local_block must be at most 2^30, got 2000000000",
                 with({}, "polysketch:local_block=2000000000"));
  expect_invalid(
      "attention: sketch=given needs the sketches, got none (give them, or take a random one)",
      with({}, "polysketch:sketch=given"));
}

TEST(Attention, RefusesSketchesThatDoNotFit) {
  const AttentionSpec spec = parse_attention_spec("polysketch:size=6,sketch=given");
  const auto sketch = [](Index head_dim, Index size) {
    const Matrix<double> a(head_dim, size);
    return PolynomialSketch<double>::given(a.view(), a.view());
  };
  expect_invalid("attention: there must be a sketch for each key head, 2, got 1",
                 [&] { Attention<double>(spec, kShape, {sketch(8, 6)}); });
  expect_invalid(
      "attention: sketch 1 must be of degree 2 from 8 to 6 numbers, got degree 2 from 8 to 7", [&] {
        Attention<double>(spec, kShape, {sketch(8, 6), sketch(8, 7)});
      });
  expect_invalid(
      "attention: sketch 0 must be of degree 2 from 8 to 6 numbers, got degree 1 from 8 to 8", [&] {
        const auto identity = PolynomialSketch<double>::identity(8);
        Attention<double>(spec, kShape, {identity, identity});
      });
  expect_invalid("attention: only polysketch has sketches, got \"softmax\"", [&] {
    Attention<double>(parse_attention_spec("softmax"), kShape, {sketch(8, 6), sketch(8, 6)});
  });
}

TEST(Attention, RefusesGainsThatDoNotFit) {
  auto attention = attention_of("polysketch");
  EXPECT_EQ(std::vector(attention.remote_gain().begin(), attention.remote_gain().end()),
            std::vector(4, 1.0));
  expect_invalid("attention: there must be a remote gain for each head, 4, got 2", [&] {
    attention.set_remote_gain(std::vector{1.0, 1.0});
  });
  expect_invalid("attention: remote gains must be at least 0, got -1", [&] {
    attention.set_remote_gain(std::vector{1.0, 1.0, -1.0, 1.0});
  });
  expect_invalid("attention: only polysketch has a remote gain, got \"softmax\"", [&] {
    attention_of("softmax").set_remote_gain(std::vector{1.0, 1.0, 1.0, 1.0});
  });
}

TEST(Attention, HasOtherSketchesForEveryLayerAndHead) {
  const Attention<double> first(parse_attention_spec("polysketch"), kShape, 0);
  const Attention<double> second(parse_attention_spec("polysketch"), kShape, 1);
  EXPECT_NE(first.sketches()[0].matrices()[0], first.sketches()[1].matrices()[0]);
  EXPECT_NE(first.sketches()[0].matrices()[0], second.sketches()[0].matrices()[0]);
  EXPECT_EQ(second.sketches()[1].matrices()[0],
            PolynomialSketch<double>::random(second.spec(), 8, 65537).matrices()[0]);
}

TEST(Attention, RefusesTensorsThatDoNotFit) {
  const auto attention = attention_of("polysketch:local_block=4");
  const auto in = normal_inputs<double>(kShape, 2, 6, 1);
  const auto expect = [&](const std::string& message, Tensor<double> q, Tensor<double> k,
                          Tensor<double> v, const AttendOptions& options = {}) {
    expect_invalid("attend: " + message, [&] { applied(attention, {q, k, v}, options); });
  };
  const std::string sizes = " (batch, heads, tokens, width), got ";
  expect("q must be 2 x 4 x 6 x 8" + sizes + "2 x 4 x 6 x 9", {2, 4, 6, 9}, in.k, in.v);
  expect("q must be 2 x 4 x 6 x 8" + sizes + "2 x 2 x 6 x 8", {2, 2, 6, 8}, in.k, in.v);
  expect("k must be 2 x 2 x 6 x 8" + sizes + "1 x 2 x 6 x 8", in.q, {1, 2, 6, 8}, in.v);
  expect("k must be 2 x 2 x 6 x 8" + sizes + "2 x 4 x 6 x 8", in.q, {2, 4, 6, 8}, in.v);
  expect("v must be 2 x 2 x 6 x 5" + sizes + "2 x 2 x 6 x 8", in.q, in.k, {2, 2, 6, 8});
  expect("v must be 2 x 2 x 6 x 5" + sizes + "2 x 2 x 7 x 5", in.q, in.k, {2, 2, 7, 5});
  expect(
      "causal attention needs as many queries as keys, got 5 and 6 (keys seen before are in a "
      "state)",
      {2, 4, 5, 8}, in.k, in.v);
  expect("local blocks are of causal attention, got local_block 4 and causal = false", in.q, in.k,
         in.v, {.causal = false});
  expect_invalid(
      "attend: q of sketch=external must be sketches of size 32, got width 8 (say size=8)",
      [&] { applied(attention_of("polysketch:sketch=external"), in); });
  Tensor<double> out(2, 4, 6, 4);
  expect_invalid("attend: out must be 2 x 4 x 6 x 5" + sizes + "2 x 4 x 6 x 4",
                 [&] { attention.apply(in.q.view(), in.k.view(), in.v.view(), out.view()); });
}

TEST(Attention, RefusesSequencesThatDoNotFit) {
  const auto attention = attention_of("polysketch");
  const auto expect = [&](const std::string& message, Index batch, std::vector<Index> starts) {
    expect_invalid("attend: " + message, [&] {
      applied(attention, normal_inputs<double>(kShape, batch, 6, 1), {.sequence_starts = starts});
    });
  };
  expect("with sequence_starts batch must be 1, got 2 (lay the sequences one after the other)", 2,
         {0, 6});
  const std::string whole = "sequence_starts must go from 0 to the number of tokens, 6, got ";
  const std::string how = " (the first token of each sequence, then that number)";
  expect(whole + "0 to 5" + how, 1, {0, 5});
  expect(whole + "1 to 6" + how, 1, {1, 6});
  expect(whole + "0 to 0" + how, 1, {0});
  expect("sequence_starts must not fall, got 4 and then 3 (put them in order)", 1, {0, 4, 3, 6});
}

TEST(Attention, NamesTheNumberThatIsNone) {
  const auto attention = attention_of("polysketch");
  const auto in = normal_inputs<double>(kShape, 2, 100, 1);
  auto q = in;
  q.q(1, 3, 70, 2) = std::numeric_limits<double>::infinity();
  expect_invalid("attend: q must be finite, got inf at batch 1, head 3, token 70, column 2",
                 [&] { applied(attention, q); });
  auto k = in;
  k.k(0, 1, 99, 7) = std::numeric_limits<double>::quiet_NaN();
  expect_invalid("attend: k must be finite, got nan at batch 0, head 1, token 99, column 7",
                 [&] { applied(attention, k); });
  auto packed = normal_inputs<double>(kShape, 1, 100, 1);
  packed.v(0, 0, 80, 0) = -std::numeric_limits<double>::infinity();
  const std::vector<Index> starts = {0, 50, 100};
  expect_invalid("attend: v must be finite, got -inf at batch 0, head 0, token 80, column 0",
                 [&] { applied(attention, packed, {.sequence_starts = starts}); });
}

TEST(Attention, RefusesGradientsThatThereAreNot) {
  const auto in = normal_inputs<double>(kShape, 1, 6, 1);
  const Tensor<double> out(1, 4, 6, 5);
  const auto backward = [&](std::string_view spec, Gradients<double> gradients = {},
                            const AttendOptions& options = {}, std::size_t denominators = 24) {
    attention_of(spec).backward(in.q.view(), in.k.view(), in.v.view(), out.view(),
                                {std::vector<double>(denominators, 1.0)}, out.view(), gradients,
                                options, {.threads = 1});
  };
  expect_error(ErrorCode::kUnsupported, "backward: performer has no gradients",
               [&] { backward("performer"); });
  expect_invalid(
      "backward: epsilon must be positive, got 0: gradients have no bound where no token has "
      "weight",
      [&] { backward("polysketch:epsilon=0"); });
  AttentionState state = attention_of("polysketch").empty_state(1);
  expect_invalid("backward: sequences must begin here, got a state",
                 [&] { backward("polysketch", {}, {.state = &state}); });
  expect_invalid(
      "backward: there must be 24 denominators, got 23 (of the forward pass of the same tensors)",
      [&] { backward("polysketch", {}, {}, 23); });
  expect_invalid("backward: remote_gain must have a number for each head, 4, got 1",
                 [&] { backward("polysketch", {.remote_gain = {0.0}}); });
  expect_refusal(ErrorCode::kInvalidArgument, "backward: sketch_a is of sketch=given only", [&] {
    backward("polysketch", {.sketch_a = {{8, 32}, {8, 32}}});
  });
  Tensor<double> wrong(1, 4, 6, 4);
  expect_refusal(ErrorCode::kInvalidArgument, "attend: dq must be 1 x 4 x 6 x 8",
                 [&] { backward("polysketch", {.q = wrong.view()}); });
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// The most memory that this process ever had, in bytes.
Index most_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return Index{1024} * usage.ru_maxrss;
}

TEST(Attention, TakesTheMemoryOfOneBlock) {
  constexpr Index kTokens = 1 << 15;
  const AttentionShape shape{.head_dim = 16, .value_dim = 64};
  const Attention<float> attention(parse_attention_spec("polysketch:size=32"), shape);
  const auto in = normal_inputs<float>(shape, 1, kTokens, 1);
  Tensor<float> out(1, 1, kTokens, 64), dq = in.q, dk = in.k, dv = in.v;
  Denominators<float> denominators{std::vector<float>(kTokens)};
  const Index before = most_memory();
  attention.apply(in.q.view(), in.k.view(), in.v.view(), out.view(), {}, &denominators);
  Gradients<float> gradients{dq.view(), dk.view(), dv.view()};
  attention.backward(in.q.view(), in.k.view(), in.v.view(), out.view(), denominators, out.view(),
                     gradients);
  // A state for each block of 64 tokens would be 137 kB * 512.
  EXPECT_LT(most_memory() - before, Index{8} << 20);
}
#endif

}  // namespace
}  // namespace prodigest::attention
