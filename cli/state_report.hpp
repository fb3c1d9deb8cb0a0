#pragma once
// Attention states as the command writes them and tells of them.

#include <string>

#include "facts.hpp"
#include "prodigest/attention/attention_state.hpp"

namespace prodigest::cli {

/// "100 tokens of each of 2 sequences"
std::string tokens_seen_text(const attention::AttentionState& state);

void tell(Facts& facts, const attention::AttentionState& state);

/// Writes a state.  @return what there is to say: its size and its tokens
struct WrittenState {
  Json fields;
  std::string text;
};
WrittenState write_state(const std::string& path, const attention::AttentionState& state);

}  // namespace prodigest::cli
