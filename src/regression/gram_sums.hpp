#pragma once
// What is known of AᵀA without b: exactly, or from the sample of A alone.

#include <optional>
#include <vector>

#include "prodigest/core/context.hpp"
#include "prodigest/sampling/row_sample.hpp"

namespace prodigest::regression {

/// The Gram matrix of A with a column of ones fitted out of the others, if there is one.
struct GramSums {
  Matrix<double> gram;        // d x d, without the column of ones
  std::vector<double> means;  // [d] of the columns; 0 without a column of ones
  double ones = 0;            // squared norm of the column of ones; 0 without one
  double rounding = 0;        // relative error of an entry: what centring has cancelled
  Index rows = 0;             // that it was made from
};

/// From totals=gram.  @param ones number of the column of ones
/// @throws Error{kInvalidArgument} if the sample does not carry them
GramSums exact_sums(const sampling::RowSample& a, std::optional<Index> ones);

/// The sum of A_i A_iᵀ / min(1, u_i tau_A) over the rows of the sample.
GramSums sampled_sums(const sampling::RowSample& a, std::optional<Index> ones,
                      const Context& context);

}  // namespace prodigest::regression
