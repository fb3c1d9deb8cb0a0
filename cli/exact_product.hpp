#pragma once
// The product itself, for comparison: reads matrix files whole.

#include "input.hpp"
#include "prodigest/compare/known_product.hpp"
#include "session.hpp"

namespace prodigest::cli {

/// A matrix file in memory: the sample that keeps every row, zero rows too, and meets samples of
/// this seed.
sampling::RowSample whole_matrix(Input input, const Session& session, Seed seed = {});

/// AᵀB of two matrix files, rows met by id.  Memory: both matrices
compare::KnownProduct known_product(Input a, Input b, const Session& session);

}  // namespace prodigest::cli
