#pragma once
// Weights of keys within a block: powers of inner products, by the tile.

#include <span>

#include "core/aligned_matrix.hpp"

namespace prodigest::attention {

/// Weight gain * score^power, for the columns that a row sees. Scratch rows are padded: whole
/// vectors are read and written.
struct PowerWeights {
  int power = 2;  ///< 2, 4 or 8
  double gain = 1;
  Index visible = 0;  ///< row i sees the first visible + i columns, or all; negative: none
};

/// Scores become weights in place, 0 where a row does not see; totals[i] += the sum of row i.
/// @shape scores: n x m, rows padded
void weights_of_scores(const PowerWeights& how, MatrixView<float> scores, std::span<float> totals);
void weights_of_scores(const PowerWeights& how, MatrixView<double> scores,
                       std::span<double> totals);

/// Of a loss whose gradient in weight (i, j) is dweights(i, j) + h[i]: scores become its gradient
/// in the scores, dweights become the weights.
/// @return its gradient in the gain
double weights_backward(const PowerWeights& how, MatrixView<float> scores,
                        MatrixView<float> dweights, std::span<const float> h);
double weights_backward(const PowerWeights& how, MatrixView<double> scores,
                        MatrixView<double> dweights, std::span<const double> h);

}  // namespace prodigest::attention
