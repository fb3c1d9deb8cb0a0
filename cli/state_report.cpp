#include "state_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "digest_output.hpp"
#include "prodigest/io/write_file.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

using attention::AttentionState;

// "70 to 130" of sequences that differ.
std::string range_text(const std::vector<Index>& counts) {
  if (counts.empty()) return "0";
  const auto [least, most] = std::ranges::minmax(counts);
  return least == most ? count_text(least)
                       : fmt::format("{} to {}", count_text(least), count_text(most));
}

}  // namespace

std::string tokens_seen_text(const AttentionState& state) {
  const std::string tokens = range_text(state.tokens);
  const std::string text = fmt::format("{} {}", tokens, tokens == "1" ? "token" : "tokens");
  if (state.sequences == 1) return text;
  return fmt::format("{} of each of {} sequences", text, count_text(state.sequences));
}

void tell(Facts& facts, const AttentionState& state) {
  const attention::StateLayout& layout = state.layout;
  const bool single = state.numbers.index() == 0;
  const std::string spec = to_text(state.spec);
  facts.fields.update({{"spec", spec},
                       {"seed", state.spec.seed.value},
                       {"sequences", state.sequences},
                       {"key_heads", state.key_heads},
                       {"tokens", state.tokens},
                       {"open_tokens", state.open_tokens},
                       {"size", layout.size},
                       {"value_dim", layout.value_dim},
                       {"block", layout.block},
                       {"local_blocks", layout.local},
                       {"value_type", single ? "f32" : "f64"},
                       {"fingerprint", fmt::format("{:016x}", state.fingerprint)}});
  facts.put("spec", spec);
  facts.put("seen", tokens_seen_text(state));
  facts.put("of them open",
            layout.block == 0
                ? "none ever are"
                : fmt::format("{} (not in the sums until their {}block of {} is full)",
                              range_text(state.open_tokens), layout.local ? "local " : "",
                              count_text(layout.block)));
  facts.put("key heads", count_text(state.key_heads));
  facts.put("a key head",
            fmt::format("{} {}: sums of {} features times {} values and alone, {} for open tokens",
                        count_text(layout.sums() + layout.open()), single ? "floats" : "doubles",
                        count_text(layout.sums() / (layout.value_dim + 1)),
                        count_text(layout.value_dim), count_text(layout.open())));
  facts.put("fingerprint", fmt::format("{:016x}", state.fingerprint));
}

WrittenState write_state(const std::string& path, const AttentionState& state) {
  const std::vector<std::byte> bytes = to_bytes(state);
  io::write_file(path, bytes);
  return {{{"output", path},
           {"spec", to_text(state.spec)},
           {"sequences", state.sequences},
           {"tokens", state.tokens},
           {"bytes", bytes.size()}},
          fmt::format("{}: state after {}, {}", shown_path(path), tokens_seen_text(state),
                      bytes_text(bytes.size()))};
}

}  // namespace prodigest::cli
