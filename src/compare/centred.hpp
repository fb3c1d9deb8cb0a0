#pragma once
// What is left of two matrices with the same rows once their columns have mean 0.

#include "prodigest/compare/statistics.hpp"
#include "prodigest/linear/linear_sketch.hpp"

namespace prodigest::compare {

/// CountSketches of one spec.
struct TrialSketches {
  linear::LinearSketch a, b;
  linear::LinearSketch ones;  ///< of a column of ones
};

/// Fills in means and centred_share of both, and estimates of centred_squared_product and cosines.
/// @pre neither matrix is zero, and all rows of both are the same
void add_centred(PairStatistics& pair, const sampling::RowSample& a, const sampling::RowSample& b,
                 const TrialSketches& sketches, const Context& context);

/// From AᵀB itself.  @pre add_centred
double centred_squared_product(const PairStatistics& pair, const Matrix<double>& product);

}  // namespace prodigest::compare
