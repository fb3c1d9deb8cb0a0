#pragma once
// What is left of two matrices with the same rows once their columns have mean 0.

#include "prodigest/compare/statistics.hpp"
#include "prodigest/linear/linear_sketch.hpp"

namespace prodigest::compare {

/// Fills in means and centred_share of both, and an estimate of centred_squared_product from
/// CountSketches of one spec: those of A, of B, and of a column of ones.
/// @pre neither matrix is zero, and all rows of both are the same
void add_centred(PairStatistics& pair, const sampling::RowSample& a, const sampling::RowSample& b,
                 const linear::LinearSketch& sketch_a, const linear::LinearSketch& sketch_b,
                 const linear::LinearSketch& sketch_of_ones, const Context& context);

/// From AᵀB itself.  @pre add_centred
double centred_squared_product(const PairStatistics& pair, const Matrix<double>& product);

}  // namespace prodigest::compare
