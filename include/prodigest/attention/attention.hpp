#pragma once
/// Attention of many heads: forward, backward, and on from a state, by the exact methods and by
/// those that are linear in the number of tokens.

#include <concepts>
#include <memory>
#include <span>
#include <vector>

#include "prodigest/attention/attention_spec.hpp"
#include "prodigest/attention/attention_state.hpp"
#include "prodigest/attention/heads.hpp"
#include "prodigest/attention/polynomial_sketch.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::attention {

/// The heads of a layer. With fewer key heads than query heads (grouped queries) head i of q meets
/// head i / (heads / key_heads) of k and v.
struct AttentionShape {
  Index heads = 1, key_heads = 1;
  Index head_dim = 64, value_dim = 64;
};

struct AttendOptions {
  bool causal = true;  ///< token i sees tokens 0..i
  /// Sequences packed one after the other: starts, and the number of tokens at the end; [sequences
  /// + 1]. Batch must be 1 then. Empty: each batch entry is a sequence.
  std::span<const Index> sequence_starts{};
  /// Nullptr: sequences begin here. Else they go on from it, one state for each, and it is moved
  /// on; causal, linear kinds and forward only. A call that fails on its arguments leaves it as it
  /// was; one that is stopped or meets weights too large to be added leaves one that is refused.
  AttentionState* state = nullptr;
};

/// What the backward pass needs of a forward pass besides its inputs and output.
template <Real T>
struct Denominators {
  std::vector<T> values;  ///< [batch, heads, tokens]: sum of the weights of a token, epsilon
                          ///< included; of kSoftmax the logarithm of the sum of exponentials
};

/// Gradients of a loss, overwritten; views of width 0 are not asked for.
template <Real T>
struct Gradients {
  HeadsView<T> q{}, k{}, v{};
  std::vector<double> remote_gain{};  ///< [heads], filled if not empty
  /// [key_heads], each head_dim x size, filled if not empty: of kGiven sketches.
  std::vector<Matrix<T>> sketch_a{}, sketch_b{};
};

/// Immutable; the sketches are drawn when it is made. Weights w(i, j) of token j for token i:
///   kSoftmax     exp(<q_i, k_j> scale)
///   kPolynomial  (<q_i, k_j> scale)^degree
///   kPolysketch  gain (<S q_i, S k_j>)², S a sketch of degree / 2 of the scaled vectors; within a
///   local
///                block as kPolynomial. gain is 1 unless set
///   kPerformer   <f(q_i), f(k_j)>, f positive random features of the softmax's exponential
/// out_i = Σ_j w(i, j) v_j / (Σ_j w(i, j) + epsilon), q and k normalized as the spec says; 0 where
/// that is 0 / 0.
///
/// @source Kacham, Mirrokni, Zhong, "PolySketchFormer", ICML 2024; what is corrected, and what a
/// random sketch does and does not approximate: weights have a floor of about 1 / size a key
template <Real T>
class Attention {
 public:
  /// @param stream names the layer, below 2^24: other layers have other sketches. Key head g has
  /// sketch 2^16 stream + g
  /// @throws Error{kInvalidArgument}
  Attention(const AttentionSpec& spec, const AttentionShape& shape, std::uint64_t stream = 0);
  /// With sketches of the caller's, one for each key head, of degree spec.degree / 2.
  Attention(const AttentionSpec& spec, const AttentionShape& shape,
            std::vector<PolynomialSketch<T>> sketches);
  Attention(Attention&&) noexcept;
  Attention& operator=(Attention&&) noexcept;
  ~Attention();

  const AttentionSpec& spec() const noexcept;
  const AttentionShape& shape() const noexcept;
  std::span<const PolynomialSketch<T>> sketches() const noexcept;
  /// What weights outside the local block are multiplied by, [heads]; 1 at first. 3 r / h² makes a
  /// random remote key weigh about as much as a random local one. Without local blocks it is of all
  /// weights, and is seen beside epsilon only.
  std::span<const double> remote_gain() const noexcept;
  void set_remote_gain(std::span<const double> gain);

  /// @shape q: B x heads x N x head_dim, k: B x key_heads x N x head_dim, v: B x key_heads x N x
  /// value_dim, out: B x heads x N x value_dim; for kExternal q and k are `size` wide
  /// @complexity a token and head: kPolysketch r² value_dim + 2 h r + b (h + value_dim) / 2
  /// multiply-adds, b the block; exact kinds N (h + value_dim) / 2. Where weighing every pair is
  /// less work and there is no state kPolysketch does that, with the same result but for rounding.
  /// @throws Error{kInvalidArgument} on shapes that do not fit, Error{kIncompatible} on a state of
  /// another configuration; Error{kCancelled}
  void apply(HeadsView<const T> q, HeadsView<const T> k, HeadsView<const T> v, HeadsView<T> out,
             const AttendOptions& options = {}, Denominators<T>* denominators = nullptr,
             const Context& context = {}) const;
  /// The same in half precision: converted a tile at a time, out rounded to nearest even.
  void apply(HeadsView<const BFloat16> q, HeadsView<const BFloat16> k, HeadsView<const BFloat16> v,
             HeadsView<BFloat16> out, const AttendOptions& options = {},
             Denominators<T>* denominators = nullptr,
             const Context& context = {}) const requires std::same_as<T, float>;

  /// Gradients of a loss whose gradient in `out` is `dout`. The features are computed again; memory
  /// is that of the tensors and one block a thread. The same bits for any number of threads. Not of
  /// kPerformer, and epsilon must be positive.
  /// @throws Error{kInvalidArgument, kUnsupported, kCancelled}
  void backward(HeadsView<const T> q, HeadsView<const T> k, HeadsView<const T> v,
                HeadsView<const T> out, const Denominators<T>& denominators,
                HeadsView<const T> dout, Gradients<T>& gradients, const AttendOptions& options = {},
                const Context& context = {}) const;

  /// An empty state for so many sequences, of kPolysketch and kPerformer.
  AttentionState empty_state(Index sequences) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace prodigest::attention
