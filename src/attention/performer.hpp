#pragma once
// FAVOR+: softmax's exponential by positive random features.
// @source Choromanski et al., "Rethinking attention with Performers", ICLR 2021

#include "attention/head_problem.hpp"

namespace prodigest::attention {

/// @shape width x features, of one key head; the same bits on every machine
Matrix<double> performer_directions(const AttentionSpec& spec, Index width, std::uint64_t stream);

/// Number of features, each with a row of sums in the state.
Index performer_features(const AttentionSpec& spec);

/// O(n features (width + value_dim)).  @shape directions: as performer_directions
template <Real T>
void performer_forward(const AttentionSpec& spec, const Matrix<T>& directions,
                       const HeadProblem<T>& problem);

}  // namespace prodigest::attention
