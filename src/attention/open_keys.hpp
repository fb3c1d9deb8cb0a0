#pragma once
// The keys that are weighed one by one, until their block is full and goes into the sums.

#include "attention/sketched_tile.hpp"
#include "attention/square_sums.hpp"

namespace prodigest::attention {

/// Keys and sketches in columns, as scores and sums take them, and values in rows. Borrows its
/// numbers.
template <Real T>
struct KeyBlock {
  MatrixView<T> keys;      ///< kept x block
  MatrixView<T> sketches;  ///< size x block
  MatrixView<T> values;    ///< block x value_dim

  static Index numbers(const Plan& plan) {
    return (plan.kept + plan.size) * padded(plan.block) + plan.block * plan.value_dim;
  }
  KeyBlock(T* memory, const Plan& plan)
      : keys(memory, plan.kept, plan.block, padded(plan.block)),
        sketches(memory + plan.kept * padded(plan.block), plan.size, plan.block,
                 padded(plan.block)),
        values(sketches.data + plan.size * padded(plan.block), plan.block, plan.value_dim) {}

  /// What scores are products of.
  MatrixView<T> factors(bool exact) const { return exact ? keys : sketches; }
};

/// One for each of `count` tokens, then zeros: what the sums of weights count.
template <Real T>
class Ones {
 public:
  Ones() : ones_(1, 2 * kTile) { std::fill_n(ones_.data(), kTile, T{1}); }
  std::span<const T> operator()(Index count) const {
    return {ones_.view().data + kTile - count, static_cast<std::size_t>(padded(count))};
  }

 private:
  AlignedMatrix<T> ones_;
};

/// Moves the open keys of a state into its sums, in the same tiles however they came in.
template <Real T>
void close_block(const Plan& plan, HeadState<T>& state);

template <Real T>
class OpenKeys {
 public:
  /// Goes on from the problem's state, or from none.
  OpenKeys(const Plan& plan, const PolynomialSketch<T>& sketch, const HeadProblem<T>& problem);
  OpenKeys(const OpenKeys&) = delete;
  OpenKeys& operator=(const OpenKeys&) = delete;

  /// Closes the block if it is full, and takes in as many of the keys first, first + 1, ... as a
  /// tile has room for.  @return how many
  Index take(Index first);
  /// Of the last take().
  SketchedTile<T>& tile() noexcept { return tile_; }
  /// Forgets those that are open.
  void clear() noexcept { state_.open_tokens = 0; }
  void close() { close_block(plan_, state_); }

  const KeyBlock<T>& block() const noexcept { return block_; }
  Index count() const noexcept { return state_.open_tokens; }
  /// Those of closed blocks.
  bool has_sums() const noexcept { return !state_.empty; }
  SquareSums<T>& sums() noexcept { return sums_; }

 private:
  const Plan plan_;
  const PolynomialSketch<T>& sketch_;
  const HeadProblem<T>& problem_;
  AlignedMatrix<T> own_open_, own_sums_;
  HeadState<T> own_state_;
  HeadState<T>& state_;
  KeyBlock<T> block_;
  SquareSums<T> sums_;
  SketchedTile<T> tile_;
};

}  // namespace prodigest::attention
