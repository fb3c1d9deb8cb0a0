#pragma once
// What an Attention is made of.

#include "attention/head_problem.hpp"
#include "prodigest/attention/attention.hpp"

namespace prodigest::attention {

template <Real T>
struct Attention<T>::Impl {
  AttentionSpec spec;
  AttentionShape shape;
  std::vector<PolynomialSketch<T>> sketches{};  ///< of kPolysketch, [key_heads]
  std::vector<Matrix<T>> directions{};          ///< of kPerformer, [key_heads]
  std::vector<double> gains;                    ///< [heads]
  AttentionState no_sequences{.spec = spec};    ///< a state of none; fingerprint 0: exact kinds

  /// Query heads that meet a key head.
  Index group() const noexcept { return shape.heads / shape.key_heads; }
  bool is_linear() const noexcept {
    return spec.kind == Kind::kPolysketch || spec.kind == Kind::kPerformer;
  }
  /// The state of no sequences, anew after what it depends on has changed.
  void name_states();

  template <class Element>
  void apply(HeadsView<const Element> q, HeadsView<const Element> k, HeadsView<const Element> v,
             HeadsView<Element> out, const AttendOptions& options, Denominators<T>* denominators,
             const Context& context) const;
  void backward(HeadsView<const T> q, HeadsView<const T> k, HeadsView<const T> v,
                HeadsView<const T> out, const Denominators<T>& denominators,
                HeadsView<const T> dout, Gradients<T>& gradients, const AttendOptions& options,
                const Context& context) const;
};

}  // namespace prodigest::attention
