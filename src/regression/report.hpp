#pragma once
// What a user is told: named coefficients, counts, and warnings.

#include "prodigest/regression/regress.hpp"
#include "regression/least_squares.hpp"
#include "regression/r_squared.hpp"

namespace prodigest::regression {

/// Coefficients with their names; the column that the constant stands for is not among them.
void put_solution(Regression& result, const Solution& solution, const Schema& schema,
                  const WeightedRows& rows);
/// Standard errors become unknown.
void forget_errors(Solution& solution);
/// Zeros, where no row was matched.
void put_nothing(Regression& result, const Schema& schema, const WeightedRows& rows);
/// How many rows there are, what they are worth, and what they estimate the join to hold.
void put_weights(Regression& result, const WeightedRows& rows);
/// Rank, with a warning if it is below `most`.
void put_rank(Regression& result, Index rank, Index most, Index cols);
void put_score(Regression& result, const Score& score);

/// @param coefficients how many rows it takes to determine them
void warn_of_size(Regression& result, Index rows, Index cols, Index coefficients);
/// A's rows err by their codes; with the exact Gram matrix they do so in AᵀB alone.
void warn_of_coded_values(Regression& result, const sampling::RowSample& a);
/// Whether rows of the matrix were zero and therefore had no chance to be sampled.
void warn_of_zero_rows(Regression& result, const sampling::RowSample& sample, const char* side);
void warn_of_missing_keys(Regression& result, const Schema& schema);

}  // namespace prodigest::regression
