#pragma once
// Softmax and polynomial attention, exact, in tiles: O(n²) time, memory of a few tiles.

#include "attention/head_problem.hpp"

namespace prodigest::attention {

/// kSoftmax or kPolynomial. The result of a query depends on it and the keys alone, so that a head
/// may be cut into problems by queries; to the last bit if each has more than three rows of q.
/// @complexity queries * keys * (width + value_dim) multiply-adds, half of it if causal
template <Real T>
void exact_forward(const AttentionSpec& spec, const HeadProblem<T>& problem);

template <Real T>
void exact_backward(const AttentionSpec& spec, const HeadProblem<T>& problem,
                    HeadGradients<T>& gradients);

}  // namespace prodigest::attention
