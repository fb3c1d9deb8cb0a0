#pragma once
// How much to penalise, decided by predicting each row from all others.

#include <span>
#include <vector>

#include "regression/moments.hpp"
#include "regression/spectrum.hpp"

namespace prodigest::regression {

/// Candidates for a ridge relative to the variance of columns, ascending: half decades from 1e-6 to
/// 1e6, and 0 before them on request.
std::vector<double> ridge_grid(bool with_zero);

/// Below this 1 - leverage is rounding: the row alone decides its own fit.
inline constexpr double kLeastSpread = 1e-9;

/// Weighted sum of squared leave-one-out errors e_t / (1 - h_t) for every ridge of the grid. A row
/// that alone decides its fit has none without a penalty; it counts with the next larger one's.
/// @param gradient sum of share * a * target in the centred columns
/// @complexity O(t d (d + grid))
std::vector<double> leave_one_out_errors(const WeightedRows& rows, const Moments& moments,
                                         const Centring& centring, const Spectrum& spectrum,
                                         std::span<const double> gradient,
                                         std::span<const double> grid, const Context& context);

}  // namespace prodigest::regression
