#pragma once
/// What linear attention keeps of the tokens that it has seen.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <variant>
#include <vector>

#include "prodigest/attention/attention_spec.hpp"
#include "prodigest/base/types.hpp"
#include "prodigest/io/container.hpp"

namespace prodigest::attention {

/// Sizes of what is kept of one key head of one sequence.
struct StateLayout {
  Index size = 0;  ///< of a sketch; of kPerformer the features
  Index value_dim = 0;
  Index block = 0;     ///< tokens that may be open, 0: none ever are
  Index kept = 0;      ///< coordinates of open keys that are kept beside their sketches
  bool local = false;  ///< blocks are the spec's local blocks
  friend bool operator==(const StateLayout&, const StateLayout&) = default;

  /// Numbers of one key head: products of two coordinates of a sketch, or features, times values
  /// and alone; open keys, their sketches and values.
  Index sums() const noexcept;
  Index open() const noexcept;
};

template <Real T>
struct StateNumbers {
  std::vector<T> sums, open;  ///< [sequences, key_heads, layout.sums()], [.., layout.open()]
  friend bool operator==(const StateNumbers&, const StateNumbers&) = default;
};

/// For each sequence and key head: sums over the tokens seen of features times values, and of
/// features alone, and the last tokens themselves, until their block is full and joins the sums.
/// Its size does not depend on the number of tokens. Numbers are float (double of
/// Attention<double>).
///
/// A state belongs to one configuration (spec, shape, sketches, gains): its fingerprint is checked
/// wherever it is used, so that a state of another model or seed is refused.
struct AttentionState {
  std::uint64_t fingerprint = 0;  ///< 0: of none
  AttentionSpec spec{};
  Index sequences = 0, key_heads = 0;
  StateLayout layout{};
  std::vector<Index> tokens{};       ///< [sequences], seen so far
  std::vector<Index> open_tokens{};  ///< [sequences], of these the last that are open
  std::variant<StateNumbers<float>, StateNumbers<double>> numbers{};
  friend bool operator==(const AttentionState&, const AttentionState&) = default;

  /// Adds a state of later tokens of the same sequences, begun empty: what several machines, each
  /// with a piece of a sequence, reduce by. With local blocks this one must end where a block ends.
  /// @throws Error{kIncompatible}
  void merge(const AttentionState& later);
};

/// Kind of a container that holds a state.
inline constexpr char kAttentionStateKind[] = "attention_state";
std::vector<std::byte> to_bytes(const AttentionState& state);
/// @throws Error{kFormat}
AttentionState attention_state_from(const io::Container& container);
/// @throws Error{kIo}
void save(const AttentionState& state, const std::filesystem::path& path);
/// @throws Error{kIo, kFormat}
AttentionState load_attention_state(const std::filesystem::path& path);

}  // namespace prodigest::attention
