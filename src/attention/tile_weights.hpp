#pragma once
// From scores to weights, in place, and on to gradients: what exact attention does between
// products.
//
// A tile has keys as rows and queries as columns, so that maxima and sums over keys run down
// columns, many queries at once. Columns are read and written in whole vectors (kPadding), of an
// aligned matrix; what stands beyond the last one is of no account. Sums take the rows one by one,
// so that rows of weight 0 at the end of a tile change no bit.
//
// `degree` is that of a power, 2, 4 or 8, or 0 for the exponential.

#include "prodigest/base/matrix.hpp"

namespace prodigest::attention {

/// Of the queries of a tile, over the keys seen so far.
template <Real T>
struct WeightColumns {
  T* totals;             ///< sums of weights
  T* largest = nullptr;  ///< of the exponential: the largest score, which weighs 1
  T* shrink =
      nullptr;  ///< of the exponential, written: what earlier weights are to be multiplied by
};

/// Scores become weights and are counted: score^degree, or exp(score - largest).
void weigh(int degree, MatrixView<float> scores, WeightColumns<float> columns);
void weigh(int degree, MatrixView<double> scores, WeightColumns<double> columns);

/// Of the queries of a tile, after all keys were seen.
template <Real T>
struct GradientColumns {
  const T* dtotals;               ///< gradient of the loss in the sum of weights
  const T* log_totals = nullptr;  ///< of the exponential: the logarithm of that sum
};

/// Of a loss whose gradient in weight (j, i) is dweights(j, i) + dtotals[i]: scores become weights,
/// dweights its gradient in the scores. Of the exponential a weight is exp(score - log_total) here.
void differentiate(int degree, MatrixView<float> scores, MatrixView<float> dweights,
                   GradientColumns<float> columns);
void differentiate(int degree, MatrixView<double> scores, MatrixView<double> dweights,
                   GradientColumns<double> columns);

/// exp(min(row - shifts[row], most)), most at most 88 of float and 709 of double. Rows are padded
/// and aligned, as above.
void exponentials(MatrixView<float> rows, const float* shifts, float most);
void exponentials(MatrixView<double> rows, const double* shifts, double most);

}  // namespace prodigest::attention
