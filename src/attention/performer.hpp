#pragma once
// FAVOR+: softmax's exponential by positive random features. With directions w_t whose coordinates
// are standard normals,
//   exp(<q, k>) = E Σ_t f_t(q) f_t(k) / m,  f_t(x) = exp(<w_t, x> - |x|²/2).
//
// Features of keys are what they are, cut off where float would overflow: no key changes those of
// another, so that nothing of later tokens is seen, and states can be added. Those of a query are
// divided by the largest of them, epsilon with them, which changes no result.
// @source Choromanski et al., "Rethinking attention with Performers", ICLR 2021

#include "attention/head_problem.hpp"

namespace prodigest::attention {

/// Orthogonal in groups of `width`, each with the length of a normal vector of its own, so that
/// every direction is distributed as if it were alone. Rows stream << 24 | i of Domain::kPerformer.
/// @shape width x features, of one key head; the same bits on every machine
Matrix<double> performer_directions(const AttentionSpec& spec, Index width, std::uint64_t stream);

/// Number of features, each with a row of sums in the state.
Index performer_features(const AttentionSpec& spec);

/// O(n features (width + value_dim)).  @shape directions: as performer_directions
template <Real T>
void performer_forward(const AttentionSpec& spec, const Matrix<T>& directions,
                       const HeadProblem<T>& problem);

}  // namespace prodigest::attention
