#pragma once
/// The error and the bytes of digests that were never made.

#include "prodigest/compare/statistics.hpp"
#include "prodigest/digest/digest.hpp"

namespace prodigest::compare {

struct Prediction {
  /// sqrt(E||W - AᵀB||²) / (||A|| ||B||); NaN for weight=user and the leverages, which norms do not
  /// give
  double error = 0;
  double bytes = 0;  ///< of both digest files
};

/// What both sides digested with this spec would give.
/// - Samples: sum of ||A_i||² ||B_i||² (1/p_i - 1) over the common rows, p_i = min(1, u_i tau_A,
/// v_i tau_B),
///   tau solved for the spec's size; for priority, whose tau is random, for the mean of 1/tau.
/// - Linear: c (P + T - 2 D), see linear/product.hpp.
/// @complexity O(rows)
Prediction predict(const PairStatistics& pair, const digest::DigestSpec& spec);

/// The largest size at which both digests are expected to fit into so many bytes; 0 if none does.
Index size_for_bytes(const PairStatistics& pair, const digest::DigestSpec& spec, double bytes);

/// The sizes a method can have.
Index least_size(const digest::DigestSpec& spec);
Index most_size(const digest::DigestSpec& spec);

/// The share of its non-zero rows that each side's sample would hold, the smaller of both; 0 for a
/// linear sketch, which holds none.
double share_of_rows(const PairStatistics& pair, const digest::DigestSpec& spec);

/// Bytes of both matrices stored as digests of all their rows.
double exact_bytes(const PairStatistics& pair);

}  // namespace prodigest::compare
