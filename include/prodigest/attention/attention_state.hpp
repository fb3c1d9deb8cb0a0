#pragma once
/// What linear attention keeps of the tokens that it has seen.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "prodigest/base/types.hpp"
#include "prodigest/io/container.hpp"

namespace prodigest::attention {

/// For each sequence and key head: sums over the tokens seen of features times values, and of features
/// alone; with local blocks also the keys and values of the block that is open. Its size does not depend
/// on the number of tokens. Sums are float (double of Attention<double>).
///
/// A state belongs to one configuration (spec, shape, sketches): its fingerprint is checked wherever it is
/// used, so that a state of another model or seed is refused.
struct AttentionState {
  std::uint64_t fingerprint = 0;
  bool single = true;            ///< of Attention<float>
  Index sequences = 0, key_heads = 0;
  std::vector<Index> tokens;     ///< [sequences], seen so far
  std::vector<double> sums;      ///< features x (value_dim + what the denominator takes), each (sequence, head)
  std::vector<double> open;      ///< rows of the open blocks; empty without local blocks

  /// Adds a state of later tokens of the same sequences: what several machines, each with a piece of a
  /// sequence, reduce by. Without local blocks, or where this one ends at a block's end.
  /// @throws Error{kIncompatible}
  void merge(const AttentionState& later);
};

/// Kind of a container that holds a state.
inline constexpr char kAttentionStateKind[] = "attention_state";
std::vector<std::byte> to_bytes(const AttentionState& state);
/// @throws Error{kFormat}
AttentionState attention_state_from(const io::Container& container);
void save(const AttentionState& state, const std::filesystem::path& path);
AttentionState load_attention_state(const std::filesystem::path& path);

}  // namespace prodigest::attention
