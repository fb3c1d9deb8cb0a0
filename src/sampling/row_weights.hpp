#pragma once
// The weight of a row, from its squared norm, and what a weight says about the norm.

#include "prodigest/sampling/row_sample.hpp"

namespace prodigest::sampling {

/// Weight of a row of that squared norm; for kUser and the leverages the norm plays no part and
/// `given` is taken in its place. A negative `given` stays negative, to be refused.
double row_weight(const SampleSpec& spec, double squared_norm, double given);

/// An upper bound on the squared norm of a row whose weight is at most `weight`; infinity where the
/// weight says nothing. Negative `weight` bounds no row and gives 0.
double most_squared_norm(const RowSample& sample, double weight);

}  // namespace prodigest::sampling
