#include "prodigest/attention/attention_state.hpp"

#include <algorithm>
#include <functional>

#include "attention/head_states.hpp"
#include "attention/open_keys.hpp"
#include "attention/square_sums.hpp"
#include "base/fail.hpp"

namespace prodigest::attention {
namespace {

bool is_within(Index x, Index least, Index most) { return least <= x && x <= most; }

template <Real T>
bool is_sound(const AttentionState& state, const StateNumbers<T>& numbers) {
  const StateLayout& layout = state.layout;
  const std::pair<const std::vector<T>&, Index> parts[] = {{numbers.sums, layout.sums()},
                                                           {numbers.open, layout.open()}};
  return std::ranges::all_of(parts, [&](const auto& part) {
    const auto size = static_cast<Index>(part.first.size());
    if (part.second == 0 || state.sequences == 0) return size == 0;
    return size % part.second == 0 && size / part.second % state.key_heads == 0 &&
           size / part.second / state.key_heads == state.sequences;
  });
}

template <Real T>
void merge_heads(AttentionState& state, const AttentionState& later) {
  const Plan plan = plan_of(state.layout);
  if (plan.block > 0)
    for (Index sequence = 0; sequence < state.sequences; ++sequence)
      for (Index head = 0; head < state.key_heads; ++head) {
        HeadState<T> closing = head_state<T>(state, sequence, head);
        close_block(plan, closing);
      }
  auto& own = std::get<StateNumbers<T>>(state.numbers);
  const auto& other = std::get<StateNumbers<T>>(later.numbers);
  std::ranges::transform(own.sums, other.sums, own.sums.begin(), std::plus<T>());
  own.open = other.open;
}

}  // namespace

Index StateLayout::sums() const noexcept {
  return (block > 0 ? SquareSums<double>::features(size) : size) * (value_dim + 1);
}

Index StateLayout::open() const noexcept {
  return block > 0 ? KeyBlock<double>::numbers(plan_of(*this)) : 0;
}

StateLayout layout_of(const Plan& plan, bool local) {
  return {plan.size, plan.value_dim, plan.block, plan.kept, local};
}

Plan plan_of(const StateLayout& layout) {
  return {.size = layout.size,
          .value_dim = layout.value_dim,
          .block = layout.block,
          .kept = layout.kept};
}

bool is_sound(const StateLayout& layout) {
  return is_within(layout.size, 1, kMostWidth) && is_within(layout.value_dim, 1, kMostWidth) &&
         is_within(layout.block, layout.local ? 1 : 0, kMostBlock) &&
         is_within(layout.kept, 0, kMostWidth);
}

bool is_sound(const AttentionState& state) {
  if (!is_sound(state.layout) || state.key_heads < 1 || state.sequences < 0) return false;
  const auto sequences = static_cast<std::size_t>(state.sequences);
  if (state.tokens.size() != sequences || state.open_tokens.size() != sequences) return false;
  for (std::size_t i = 0; i < sequences; ++i)
    if (!is_within(state.open_tokens[i], 0, std::min(state.layout.block, state.tokens[i])))
      return false;
  return std::visit([&](const auto& numbers) { return is_sound(state, numbers); }, state.numbers);
}

bool are_of_one_attention(const AttentionState& a, const AttentionState& b) {
  return a.fingerprint == b.fingerprint && a.spec == b.spec && a.layout == b.layout &&
         a.key_heads == b.key_heads && a.numbers.index() == b.numbers.index();
}

void refuse_other_state(std::string_view rule, const AttentionState& want,
                        const AttentionState& got) {
  const auto check = [&](std::string_view what, const auto& own, const auto& other) {
    if (own != other)
      fail(ErrorCode::kIncompatible,
           "{}, with {} {}, got {} (the spec, shape, sketches and gains must be those it was made "
           "with)",
           rule, what, own, other);
  };
  const auto number_type = [](const AttentionState& state) {
    return std::string_view(state.numbers.index() == 0 ? "float" : "double");
  };
  check("spec", to_text(want.spec), to_text(got.spec));
  check("key_heads", want.key_heads, got.key_heads);
  check("value_dim", want.layout.value_dim, got.layout.value_dim);
  check("numbers in", number_type(want), number_type(got));
  check("fingerprint", fmt::format("{:016x}", want.fingerprint),
        fmt::format("{:016x}", got.fingerprint));
  fail(ErrorCode::kIncompatible, "{}, but sizes differ", rule);
}

template <Real T>
HeadState<T> head_state(AttentionState& state, Index sequence, Index key_head) {
  auto& numbers = std::get<StateNumbers<T>>(state.numbers);
  const Index unit = sequence * state.key_heads + key_head;
  const auto part = [&](std::vector<T>& all, Index size) {
    return std::span<T>(all).subspan(static_cast<std::size_t>(unit * size),
                                     static_cast<std::size_t>(size));
  };
  const auto at = static_cast<std::size_t>(sequence);
  return {.sums = part(numbers.sums, state.layout.sums()),
          .open = part(numbers.open, state.layout.open()),
          .open_tokens = state.open_tokens[at],
          .empty = state.tokens[at] == state.open_tokens[at]};
}

template HeadState<float> head_state(AttentionState&, Index, Index);
template HeadState<double> head_state(AttentionState&, Index, Index);

void AttentionState::merge(const AttentionState& later) {
  if (fingerprint == 0 || later.fingerprint == 0)
    fail(ErrorCode::kIncompatible,
         "merge: a state is of a call that failed half way (make it again, or load it)");
  if (!are_of_one_attention(*this, later))
    refuse_other_state("merge: states must be of one attention", *this, later);
  if (sequences != later.sequences)
    fail(ErrorCode::kIncompatible, "merge: states must be of the same sequences, got {} and {}",
         sequences, later.sequences);
  if (!is_sound(*this) || !is_sound(later))
    fail(ErrorCode::kIncompatible, "merge: a state is not as long as it says");
  for (std::size_t i = 0; layout.local && i < tokens.size(); ++i)
    if (tokens[i] % layout.block != 0)
      fail(ErrorCode::kIncompatible,
           "merge: a state that is merged to must end where a block ends, but sequence {} was cut "
           "at token {}, local_block {} (cut at a multiple of it)",
           i, tokens[i], layout.block);
  std::visit([&]<class T>(const StateNumbers<T>&) { merge_heads<T>(*this, later); }, numbers);
  for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] += later.tokens[i];
  open_tokens = later.open_tokens;
}

}  // namespace prodigest::attention
