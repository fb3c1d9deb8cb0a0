#pragma once
// Attention whose weights are squared inner products of sketches: blocks of keys are weighed one by
// one, what lies before them by sums.

#include "attention/head_problem.hpp"
#include "prodigest/attention/polynomial_sketch.hpp"

namespace prodigest::attention {

/// @complexity as Attention::apply says, memory of one block
template <Real T>
void polysketch_forward(const AttentionSpec& spec, const PolynomialSketch<T>& sketch,
                        const HeadProblem<T>& problem);

/// From the problem and what the forward pass gave; sketches and weights are computed again.
template <Real T>
void polysketch_backward(const AttentionSpec& spec, const PolynomialSketch<T>& sketch,
                         const HeadProblem<T>& problem, HeadGradients<T>& gradients);

}  // namespace prodigest::attention
