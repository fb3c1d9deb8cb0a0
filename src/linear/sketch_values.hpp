#pragma once
// The k x d values of a sketch.

#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/linear/linear_spec.hpp"

namespace prodigest::linear {

/// Zeros.  @throws Error{kInvalidArgument} if they are more than any machine has room for
Matrix<double> zero_values(const LinearSpec& spec, Index cols);

/// Rounds to float where the spec asks for it.
/// @throws Error{kInvalidArgument} if a value is beyond the range of float
void round_values(const LinearSpec& spec, std::vector<double>& values);

}  // namespace prodigest::linear
