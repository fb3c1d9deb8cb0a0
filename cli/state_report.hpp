#pragma once
// Attention states as the command writes them and tells of them.

#include <string>

#include "facts.hpp"
#include "prodigest/attention/attention_state.hpp"

namespace prodigest::cli {

/// "100 tokens of each of 2 sequences"
std::string tokens_seen_text(const attention::AttentionState& state);

void tell(Facts& facts, const attention::AttentionState& state);

/// What there is to say of a state that was written: its tokens and its bytes.
struct WrittenState {
  Json fields;
  std::string text;
};
/// @throws Error{kIo}
WrittenState write_state(const std::string& path, const attention::AttentionState& state);

}  // namespace prodigest::cli
