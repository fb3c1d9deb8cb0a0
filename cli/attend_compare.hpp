#pragma once
// Several kinds of attention on the same queries, keys and values: time, and difference to what
// they stand in for.

#include <string>
#include <vector>

#include "attend_report.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::cli {

/// Every method on the first so many tokens, for each of the lengths; forward and, if asked for,
/// backward too.
/// @throws Error{kInvalidArgument} if there are fewer tokens
std::vector<AttendCase> compare_attention(AttendTensors& tensors,
                                          const std::vector<attention::AttentionSpec>& methods,
                                          const std::vector<Index>& lengths, bool causal,
                                          bool backward, const Context& context);

/// 512, 1024, ... as long as there are so many tokens, to 8192; all of fewer than 512.
std::vector<Index> usual_lengths(Index tokens);

}  // namespace prodigest::cli
