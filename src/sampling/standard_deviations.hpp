#pragma once
// How far each entry of an estimated product may be off.

#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "sampling/coding_errors.hpp"
#include "sampling/weighted_product.hpp"

namespace prodigest::sampling {

/// Square roots of unbiased estimates of the variances of the entries of unbiased_product.
/// @param matches with scales 1/p  @param alike those of rows coded alike
Matrix<double> standard_deviations(const SideRows& a, const SideRows& b,
                                   const std::vector<Match>& matches,
                                   const std::vector<std::size_t>& alike, const Context& context);

}  // namespace prodigest::sampling
