#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "attention/polysketch_reference.hpp"
#include "expect_error.hpp"

namespace prodigest::attention {
namespace {

constexpr AttentionShape kShape{.heads = 4, .key_heads = 2, .head_dim = 8, .value_dim = 5};
constexpr const char* kSpecs[] = {"polysketch:size=6", "polysketch:size=5,local_block=64",
                                  "polysketch:size=5,local_block=40", "polysketch:degree=2",
                                  "polysketch:degree=2,local_block=100"};

Attention<double> attention_of(std::string_view spec) {
  return {parse_attention_spec(spec), kShape};
}

Inputs3<double> part_of(const Inputs3<double>& in, Index first, Index count) {
  return {in.q.tokens_from(first, count), in.k.tokens_from(first, count),
          in.v.tokens_from(first, count)};
}

Tensor<double> went_on(const Attention<double>& attention, AttentionState& state,
                       const Inputs3<double>& in) {
  return applied(attention, in, {.state = &state});
}

// The outputs of pieces of such lengths, one after the other.
std::vector<Tensor<double>> in_pieces(const Attention<double>& attention, AttentionState& state,
                                      const Inputs3<double>& in,
                                      const std::vector<Index>& lengths) {
  std::vector<Tensor<double>> outs;
  Index first = 0;
  for (const Index length : lengths) {
    outs.push_back(went_on(attention, state, part_of(in, first, length)));
    first += length;
  }
  EXPECT_EQ(first, in.q.tokens);
  return outs;
}

AttentionState state_after(const Attention<double>& attention, const Inputs3<double>& in) {
  AttentionState state = attention.empty_state(in.q.batch);
  went_on(attention, state, in);
  return state;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

TEST(AttentionState, GoesOnAsIfNothingHadBeenCut) {
  for (const char* spec : kSpecs) {
    const auto attention = attention_of(spec);
    const auto in = normal_inputs<double>(kShape, 2, 300, 7);
    const auto whole = applied(attention, in);
    for (const auto& lengths :
         {std::vector<Index>(300, 1), {300}, {1, 63, 0, 64, 65, 37, 70}, {40, 40, 120, 100}}) {
      AttentionState state = attention.empty_state(2);
      const auto outs = in_pieces(attention, state, in, lengths);
      Index first = 0;
      for (const auto& out : outs) {
        const auto expected = whole.tokens_from(first, out.tokens);
        EXPECT_LT(largest_difference(out.values, expected.values), 1e-12) << spec << " " << first;
        first += out.tokens;
      }
      EXPECT_EQ(state.tokens, (std::vector<Index>{300, 300}));
    }
  }
}

TEST(AttentionState, OfOneKeyHeadGoesOnToo) {
  const Attention<float> attention(parse_attention_spec("polysketch:size=8,local_block=20"),
                                   {.heads = 3, .head_dim = 8, .value_dim = 5});
  const auto in = normal_inputs<float>(attention.shape(), 1, 50, 7);
  AttentionState state = attention.empty_state(1);
  const auto whole = applied(attention, in);
  for (Index token = 0; token < 50; ++token) {
    const Inputs3<float> one{in.q.tokens_from(token, 1), in.k.tokens_from(token, 1),
                             in.v.tokens_from(token, 1)};
    EXPECT_LT(relative_error(applied(attention, one, {.state = &state}).values,
                             whole.tokens_from(token, 1).values),
              1e-5);
  }
}

TEST(AttentionState, IsOfEachPackedSequence) {
  const auto attention = attention_of("polysketch:size=5,local_block=40");
  const auto in = normal_inputs<double>(kShape, 1, 200, 7);
  const std::vector<Index> starts = {0, 70, 70, 200};
  AttentionState packed = attention.empty_state(3);
  applied(attention, in, {.sequence_starts = starts, .state = &packed});
  EXPECT_EQ(packed.tokens, (std::vector<Index>{70, 0, 130}));
  const auto more = normal_inputs<double>(kShape, 1, 9, 8);
  const std::vector<Index> more_starts = {0, 3, 6, 9};
  const auto out = applied(attention, more, {.sequence_starts = more_starts, .state = &packed});
  for (const Index s : {0, 1, 2}) {
    const auto at = static_cast<std::size_t>(s);
    AttentionState alone = attention.empty_state(1);
    went_on(attention, alone, part_of(in, starts[at], starts[at + 1] - starts[at]));
    EXPECT_EQ(went_on(attention, alone, part_of(more, 3 * s, 3)), out.tokens_from(3 * s, 3));
  }
}

TEST(AttentionState, IsAsLargeForManyTokensAsForFew) {
  const auto attention = attention_of("polysketch:size=5,local_block=40");
  const auto state = state_after(attention, normal_inputs<double>(kShape, 1, 5000, 7));
  EXPECT_EQ(to_bytes(state).size(), to_bytes(attention.empty_state(1)).size());
}

TEST(AttentionState, OfPiecesMergesToThatOfTheWhole) {
  for (const auto& [spec, cut] : {std::pair<const char*, Index>{"polysketch:size=6", 100},
                                  {"polysketch:size=6", 1},
                                  {"polysketch:size=5,local_block=40", 80},
                                  {"polysketch:degree=2", 128}}) {
    const auto attention = attention_of(spec);
    const auto in = normal_inputs<double>(kShape, 2, 250, 7);
    const auto whole = state_after(attention, in);
    AttentionState merged = state_after(attention, part_of(in, 0, cut));
    merged.merge(state_after(attention, part_of(in, cut, 250 - cut)));
    EXPECT_EQ(merged.tokens, whole.tokens);
    const auto more = normal_inputs<double>(kShape, 2, 60, 8);
    AttentionState first = merged, second = whole;
    EXPECT_LT(largest_difference(went_on(attention, first, more).values,
                                 went_on(attention, second, more).values),
              1e-12);
  }
}

TEST(AttentionState, MergesInAnyGrouping) {
  const auto attention = attention_of("polysketch:size=6");
  const auto in = normal_inputs<double>(kShape, 1, 250, 7);
  const auto piece = [&](Index first, Index count) {
    return state_after(attention, part_of(in, first, count));
  };
  AttentionState left = piece(0, 30), right = piece(30, 100);
  left.merge(right);
  left.merge(piece(130, 120));
  AttentionState all = piece(0, 30);
  right.merge(piece(130, 120));
  all.merge(right);
  EXPECT_EQ(left.tokens, all.tokens);
  const auto& a = std::get<StateNumbers<double>>(left.numbers);
  const auto& b = std::get<StateNumbers<double>>(all.numbers);
  EXPECT_LT(relative_error(a.sums, b.sums), 1e-14);
  EXPECT_EQ(a.open, b.open);

  AttentionState none = attention.empty_state(1);
  none.merge(all);
  EXPECT_EQ(none, all);
}

TEST(AttentionState, IsReadAsItWasSaved) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / "prodigest_attention_state.pdg";
  const auto in = normal_inputs<double>(kShape, 2, 110, 7);
  const auto attention = attention_of("polysketch:size=5,local_block=40");
  const auto state = state_after(attention, in);
  save(state, path);
  EXPECT_EQ(load_attention_state(path), state);
  std::filesystem::remove(path);

  const Attention<float> single(attention.spec(), kShape);
  AttentionState floats = single.empty_state(1);
  applied(single, normal_inputs<float>(kShape, 1, 90, 7), {.state = &floats});
  EXPECT_EQ(attention_state_from(io::Container::parse(to_bytes(floats))), floats);
}

TEST(AttentionState, OfAnotherSortIsNotRead) {
  const auto attention = attention_of("polysketch:size=5,local_block=40");
  const auto state = state_after(attention, normal_inputs<double>(kShape, 1, 50, 7));
  const auto with = [&](const std::string& key, const std::string& value) {
    const auto file = io::Container::parse(to_bytes(state));
    auto metadata = file.metadata();
    for (auto& [name, text] : metadata)
      if (name == key) text = value;
    return io::container_bytes(kAttentionStateKind, metadata, file.tensors());
  };
  for (const auto& [key, value] : {std::pair{"size", "6"},
                                   {"size", "0"},
                                   {"size", "9000000000000000000"},
                                   {"kept", "3"},
                                   {"block", "41"},
                                   {"block", "0"},
                                   {"value_dim", "-1"},
                                   {"sequences", "2"},
                                   {"key_heads", "0"},
                                   {"spec", "polysketch:size=0"},
                                   {"fingerprint", "x"}})
    expect_refusal(ErrorCode::kFormat, "<memory>", [&, k = key, v = value] {
      attention_state_from(io::Container::parse(with(k, v)));
    });
  auto bytes = io::container_bytes("row_sample", {}, {});
  expect_refusal(ErrorCode::kFormat, "expected a digest of kind attention_state, got row_sample",
                 [&] { attention_state_from(io::Container::parse(bytes)); });
  AttentionState broken = state;
  broken.open_tokens[0] = 41;
  expect_refusal(ErrorCode::kInvalidArgument, "save: the state is not as long as it says",
                 [&] { to_bytes(broken); });
}

TEST(AttentionState, OfAnotherConfigurationIsRefused) {
  const auto attention = attention_of("polysketch:size=6");
  const auto in = normal_inputs<double>(kShape, 1, 3, 7);
  const auto expect_refused = [&](AttentionState state, const std::string& difference) {
    const std::string why =
        ", with " + difference + " (the spec, shape, sketches and gains must be";
    expect_refusal(ErrorCode::kIncompatible, "attend: the state must be of this attention" + why,
                   [&] { went_on(attention, state, in); });
    AttentionState own = attention.empty_state(1);
    expect_refusal(ErrorCode::kIncompatible, "merge: states must be of one attention" + why,
                   [&] { own.merge(state); });
  };
  for (const std::string spec :
       {"polysketch:degree=4,size=6,seed=1", "polysketch:degree=4,size=5", "performer:size=6",
        "polysketch:degree=4,size=6,scale=1", "polysketch:degree=4,size=6,local_block=64",
        "polysketch:degree=4,size=6,sketch=gaussian"})
    expect_refused(attention_of(spec).empty_state(1),
                   "spec polysketch:degree=4,size=6, got " + spec);
  const auto of_shape = [&](AttentionShape shape) {
    return Attention<double>(attention.spec(), shape).empty_state(1);
  };
  AttentionShape shape = kShape;
  shape.key_heads = 4;
  expect_refused(of_shape(shape), "key_heads 2, got 4");
  shape = kShape;
  shape.value_dim = 6;
  expect_refused(of_shape(shape), "value_dim 5, got 6");
  expect_refused(Attention<float>(attention.spec(), kShape).empty_state(1),
                 "numbers in double, got float");
  const auto print = [](const AttentionState& state) {
    return fmt::format("{:016x}", state.fingerprint);
  };
  const auto expect_other_print = [&](const AttentionState& state) {
    expect_refused(state,
                   "fingerprint " + print(attention.empty_state(1)) + ", got " + print(state));
  };
  expect_other_print(Attention<double>(attention.spec(), kShape, 1).empty_state(1));
  shape = kShape;
  shape.heads = 6;
  expect_other_print(of_shape(shape));
  auto gained = attention_of("polysketch:size=6");
  gained.set_remote_gain(std::vector{1.0, 1.0, 1.0, 0.5});
  expect_other_print(gained.empty_state(1));

  AttentionState two = attention.empty_state(2), one = attention.empty_state(1);
  expect_error(
      ErrorCode::kIncompatible,
      "attend: the state must be of 1 sequences, as the tokens are, got 2 (go on with those it was "
      "made of, all and in their order)",
      [&] { went_on(attention, two, in); });
  expect_error(ErrorCode::kIncompatible, "merge: states must be of the same sequences, got 2 and 1",
               [&] { two.merge(one); });
  expect_error(ErrorCode::kInvalidArgument,
               "attend: a state is of causal attention, got causal = false",
               [&] { applied(attention, in, {.causal = false, .state = &one}); });
  one.open_tokens[0] = 1;
  expect_error(ErrorCode::kIncompatible, "attend: the state is not as long as it says",
               [&] { went_on(attention, one, in); });
}

TEST(AttentionState, IsNotMergedToWithinALocalBlock) {
  const auto attention = attention_of("polysketch:size=6,local_block=256");
  AttentionState state = state_after(attention, normal_inputs<double>(kShape, 1, 1000, 7));
  const AttentionState before = state;
  expect_error(
      ErrorCode::kIncompatible,
      "merge: a state that is merged to must end where a block ends, but sequence 0 was cut "
      "at token 1000, local_block 256 (cut at a multiple of it)",
      [&] { state.merge(attention.empty_state(1)); });
  EXPECT_EQ(state, before);
}

TEST(AttentionState, StaysAsItWasIfTheTokensAreNoNumbers) {
  const auto attention = attention_of("polysketch:size=6");
  AttentionState state = state_after(attention, normal_inputs<double>(kShape, 1, 100, 7));
  const AttentionState before = state;
  auto in = normal_inputs<double>(kShape, 1, 80, 8);
  in.v(0, 1, 77, 2) = std::numeric_limits<double>::quiet_NaN();
  expect_error(ErrorCode::kInvalidArgument,
               "attend: v must be finite, got nan at batch 0, head 1, token 77, column 2",
               [&] { went_on(attention, state, in); });
  EXPECT_EQ(state, before);
  std::stop_source stop;
  stop.request_stop();
  const Context stopped{.threads = 1, .cancel = stop.get_token()};
  in.v(0, 1, 77, 2) = 0;
  expect_refusal(ErrorCode::kCancelled, "cancelled",
                 [&] { applied(attention, in, {.state = &state}, nullptr, stopped); });
  EXPECT_EQ(state, before);
}

TEST(AttentionState, IsOfNoUseAfterACallThatFailedHalfWay) {
  const auto attention = attention_of("polysketch:size=6,norm=none,scale=1");
  AttentionState state = attention.empty_state(1);
  auto in = normal_inputs<double>(kShape, 1, 80, 8);
  for (double& x : in.q.values) x *= 1e200;
  expect_refusal(ErrorCode::kInvalidArgument, "are too large to be added",
                 [&] { went_on(attention, state, in); });
  expect_refusal(ErrorCode::kIncompatible, "attend: the state is of a call that failed half way",
                 [&] { went_on(attention, state, normal_inputs<double>(kShape, 1, 1, 8)); });
  expect_refusal(ErrorCode::kIncompatible, "merge: a state is of a call that failed half way",
                 [&] { state.merge(state); });
}

TEST(AttentionState, IsOfLinearKindsOnly) {
  const Attention<double> softmax(parse_attention_spec("softmax"), kShape);
  expect_refusal(ErrorCode::kInvalidArgument, "only polysketch and performer have a state",
                 [&] { softmax.empty_state(1); });
  AttentionState state = attention_of("polysketch").empty_state(1);
  expect_refusal(ErrorCode::kInvalidArgument,
                 "only polysketch and performer go on from a state, got \"softmax\"",
                 [&] { went_on(softmax, state, normal_inputs<double>(kShape, 1, 1, 8)); });
}

}  // namespace
}  // namespace prodigest::attention
