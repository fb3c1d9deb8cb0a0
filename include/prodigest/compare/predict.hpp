#pragma once
/// The error and the bytes of digests that were never made.

#include <string>

#include "prodigest/compare/statistics.hpp"
#include "prodigest/digest/digest.hpp"

namespace prodigest::compare {

struct Prediction {
  /// sqrt(E||W - AᵀB||²) / (||A|| ||B||); NaN for weight=user and the leverages, which norms do not
  /// give, and for lattice codes with rotation=none or gain=plain
  double error = 0;
  double bytes = 0;  ///< of both digest files
};

/// What both sides digested with this spec would give.
/// - Samples: sum of ||A_i||² ||B_i||² (1/p_i - 1) over the common rows, p_i = min(1, u_i tau_A,
/// v_i tau_B),
///   tau solved for the spec's size; for priority, whose tau is random, for the mean of 1/tau. With
///   coded values (1 + v_a) (1 + v_b) / p_i in place of 1/p_i, v the noise of normal rows.
/// - Linear: c (P + T - 2 D), see linear/product.hpp.
/// - Lattice codes: ((P (2v + v²) - 2v T) / k + (1/k - 1) (P + T)) / n of the centred matrices, v
/// the
///   format's noise on normal entries, k = size / n, and the bias of columns that are nearly equal;
///   shrunk by g = k / (1 + v)² with gain=mmse: g² times that, and (1 - g)² T.
/// @complexity O(rows)
Prediction predict(const PairStatistics& pair, const digest::DigestSpec& spec);

/// Why no digests with this spec can be multiplied, or made; empty if they can. Lattice codes need
/// the same rows on both sides.
std::string obstacle(const PairStatistics& pair, const digest::DigestSpec& spec);

/// The largest size at which both digests are expected to fit into so many bytes; 0 if none does.
Index size_for_bytes(const PairStatistics& pair, const digest::DigestSpec& spec, double bytes);

/// The sizes a method can have; none, most_size being 0, where there is an obstacle.
Index least_size(const PairStatistics& pair, const digest::DigestSpec& spec);
Index most_size(const PairStatistics& pair, const digest::DigestSpec& spec);

/// The share of its non-zero rows that each side's sample would hold, the smaller of both; 0 for
/// other methods, which hold none.
double share_of_rows(const PairStatistics& pair, const digest::DigestSpec& spec);

/// Bytes of both matrices stored as digests of all their rows.
double exact_bytes(const PairStatistics& pair);

/// Bits for each entry of both matrices, zeros too.
double bits_an_entry(const PairStatistics& pair, double bytes);

/// What ideal codes of as many bits for every entry of both matrices err by: with normal entries no
/// codes err less, and on any matrices these err by no more. The lesser of
/// coding::universal_bound and coding::unbiased_bound; NaN unless both have the same rows.
/// @param bytes > 0, of both
double code_limit(const PairStatistics& pair, double bytes);

}  // namespace prodigest::compare
