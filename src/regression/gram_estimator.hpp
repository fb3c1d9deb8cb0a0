#pragma once
// Least squares from sums: the Gram matrix of A, and Aᵀb estimated from the rows that both samples
// hold (Algorithm 3 of the source).

#include <optional>

#include "regression/gram_sums.hpp"
#include "regression/least_squares.hpp"
#include "regression/r_squared.hpp"

namespace prodigest::regression {

struct GramFit {
  Solution solution;
  Score score;
};

/// x = (G + penalty)⁺ W with W = sum of weight * a * target over the matched rows.
///
/// Without a ridge, lambda is that of the smallest ||A x - b||² as estimated without bias,
/// xᵀGx - 2 xᵀW + 2 sum of (1 - p) / p² b² aᵀ (G + penalty)⁺ a. The score is
/// (WᵀG⁺W - sum of (1 - p) / p² b² aᵀ G⁺ a) / ||b||², about the mean if there is a column of ones.
/// Standard errors are those of W alone: G counts as known.
/// @param rows the matched rows, weight 1 / p; constant exactly if sums.ones > 0
/// @param target_square ||b||²
/// @complexity O(t d² + d³)
GramFit gram_estimate(const WeightedRows& rows, const GramSums& sums, double target_square,
                      std::optional<double> ridge, double confidence, const Context& context);

}  // namespace prodigest::regression
