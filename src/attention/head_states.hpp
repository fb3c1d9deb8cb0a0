#pragma once
// The parts of an AttentionState, one for each sequence and key head.

#include <string_view>

#include "attention/head_problem.hpp"
#include "attention/polysketch_plan.hpp"
#include "prodigest/attention/attention_state.hpp"

namespace prodigest::attention {

StateLayout layout_of(const Plan& plan, bool local);
/// Of the plan that the layout is of, what close_block() needs.
Plan plan_of(const StateLayout& layout);

/// Most coordinates of a vector, and most tokens of a block: counts of numbers are 64-bit then.
inline constexpr Index kMostWidth = Index{1} << 20, kMostBlock = Index{1} << 30;
bool is_sound(const StateLayout& layout);
/// Whether its vectors are as long as it says and counts are in range, so that it can be worked on.
bool is_sound(const AttentionState& state);

bool are_of_one_attention(const AttentionState& a, const AttentionState& b);
/// Of two that are not: says, after the rule, in what they differ.
/// @throws Error{kIncompatible}
[[noreturn]] void refuse_other_state(std::string_view rule, const AttentionState& want,
                                     const AttentionState& got);

template <Real T>
HeadState<T> head_state(AttentionState& state, Index sequence, Index key_head);

}  // namespace prodigest::attention
