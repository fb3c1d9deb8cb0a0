#pragma once
// Sums of weighted outer products of matched rows.

#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::sampling {

/// Row `a` of one matrix meets row `b` of another.
struct Match {
  Index a;
  Index b;
  double scale;
};

enum class Entries { kPlain, kSquared };

/// Sum over matches of scale * a_i b_iᵀ, or of scale * (a_i ∘ a_i)(b_i ∘ b_i)ᵀ for kSquared.
/// @shape a: . x d, b: . x m -> d x m  @complexity by GEMM if both are dense, else by non-zeros
/// @throws Error{kInvalidArgument} if d m is beyond 2^31 entries
Matrix<double> weighted_product(const RowsView& a, const RowsView& b,
                                const std::vector<Match>& matches, Entries entries,
                                const Context& context);

}  // namespace prodigest::sampling
