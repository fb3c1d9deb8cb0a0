#include "attention/attention_checks.hpp"

#include "attention/head_states.hpp"
#include "base/fail.hpp"

namespace prodigest::attention {
namespace {

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) {
  fail(ErrorCode::kInvalidArgument, "attend: {}", fmt::format(format, std::forward<Args>(args)...));
}

void check_count(std::string_view name, Index count) {
  if (count < 1 || count > kMostWidth)
    fail(ErrorCode::kInvalidArgument, "attention: {} must be 1 to 2^20, got {}", name, count);
}

}  // namespace

Index query_width(const AttentionSpec& spec, const AttentionShape& shape) {
  return spec.kind == Kind::kPolysketch && spec.sketch == SketchKind::kExternal ? spec.size
                                                                                : shape.head_dim;
}

void check_shape(const AttentionSpec& spec, const AttentionShape& shape) {
  validate(spec);
  check_count("heads", shape.heads);
  check_count("key_heads", shape.key_heads);
  check_count("head_dim", shape.head_dim);
  check_count("value_dim", shape.value_dim);
  if (shape.heads % shape.key_heads != 0)
    fail(ErrorCode::kInvalidArgument,
         "attention: heads must be a multiple of key_heads, got {} and {}", shape.heads,
         shape.key_heads);
  if (spec.local_block > kMostBlock)
    fail(ErrorCode::kInvalidArgument, "attention: local_block must be at most 2^30, got {}",
         spec.local_block);
}

void check_same(const TensorShape& got, const TensorShape& want) {
  if (got.batch != want.batch || got.heads != want.heads || got.tokens != want.tokens ||
      got.width != want.width)
    refuse("{} must be {} x {} x {} x {} (batch, heads, tokens, width), got {} x {} x {} x {}",
           got.name, want.batch, want.heads, want.tokens, want.width, got.batch, got.heads,
           got.tokens, got.width);
}

void check_tensors(const AttentionSpec& spec, const AttentionShape& shape, const TensorShape& q,
                   const TensorShape& k, const TensorShape& v, const TensorShape& out,
                   bool causal) {
  if (q.batch < 0 || q.tokens < 0 || k.tokens < 0)
    refuse("sizes must not be negative, got batch {}, {} queries and {} keys", q.batch, q.tokens,
           k.tokens);
  const Index width = query_width(spec, shape);
  if (spec.sketch == SketchKind::kExternal && q.width != width)
    refuse("q of sketch=external must be sketches of size {}, got width {} (say size={})", width,
           q.width, q.width);
  check_same(q, {"q", q.batch, shape.heads, q.tokens, width});
  check_same(k, {"k", q.batch, shape.key_heads, k.tokens, width});
  check_same(v, {"v", q.batch, shape.key_heads, k.tokens, shape.value_dim});
  check_same(out, {"out", q.batch, shape.heads, q.tokens, shape.value_dim});
  if (causal && q.tokens != k.tokens)
    refuse(
        "causal attention needs as many queries as keys, got {} and {} (keys seen before are "
        "in a state)",
        q.tokens, k.tokens);
  if (!causal && spec.local_block > 0)
    refuse("local blocks are of causal attention, got local_block {} and causal = false",
           spec.local_block);
}

std::vector<Sequence> sequences_of(const AttendOptions& options, const TensorShape& q,
                                   const TensorShape& k) {
  std::vector<Sequence> sequences;
  const auto starts = options.sequence_starts;
  if (starts.empty()) {
    for (Index batch = 0; batch < q.batch; ++batch)
      sequences.push_back({batch, 0, q.tokens, 0, k.tokens});
    return sequences;
  }
  if (q.batch != 1)
    refuse("with sequence_starts batch must be 1, got {} (lay the sequences one after the other)",
           q.batch);
  if (q.tokens != k.tokens)
    refuse("with sequence_starts there must be as many queries as keys, got {} and {}", q.tokens,
           k.tokens);
  if (starts.front() != 0 || starts.back() != q.tokens)
    refuse(
        "sequence_starts must go from 0 to the number of tokens, {}, got {} to {} (the first token "
        "of each sequence, then that number)",
        q.tokens, starts.front(), starts.back());
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    if (starts[i] > starts[i + 1])
      refuse("sequence_starts must not fall, got {} and then {} (put them in order)", starts[i],
             starts[i + 1]);
    const Index tokens = starts[i + 1] - starts[i];
    sequences.push_back({0, starts[i], tokens, starts[i], tokens});
  }
  return sequences;
}

void check_state(const AttentionState& state, const AttentionState& own, bool causal,
                 std::size_t sequences) {
  if (own.fingerprint == 0)
    refuse("only polysketch and performer go on from a state, got \"{}\"", to_text(own.spec));
  if (!causal) refuse("a state is of causal attention, got causal = false");
  if (state.fingerprint == 0)
    fail(ErrorCode::kIncompatible,
         "attend: the state is of a call that failed half way (make an empty one, or load it)");
  if (!are_of_one_attention(state, own))
    refuse_other_state("attend: the state must be of this attention", own, state);
  if (!is_sound(state))
    fail(ErrorCode::kIncompatible, "attend: the state is not as long as it says");
  if (static_cast<std::size_t>(state.sequences) != sequences)
    fail(ErrorCode::kIncompatible,
         "attend: the state must be of {} sequences, as the tokens are, got {} (go on with those "
         "it was made of, all and in their order)",
         sequences, state.sequences);
}

}  // namespace prodigest::attention
