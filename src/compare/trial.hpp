#pragma once
// One method run once on two matrices in memory, and its result held against the exact product.

#include <vector>

#include "prodigest/compare/known_product.hpp"
#include "prodigest/compare/recommend.hpp"

namespace prodigest::compare {

/// Both digests.
struct DigestPair {
  digest::Digest a, b;
  double seconds = 0;  ///< that making both took
  double bytes() const;  ///< of both files
};

DigestPair digest_both(const KnownProduct& known, const digest::DigestSpec& spec, const Context& context);

/// The pair with the largest size whose files take at most so many bytes, from a pair of samples that
/// is as large or larger. `guess`: where to look first. Size 0 if even the least does not fit: nothing.
std::optional<DigestPair> truncated_to_bytes(const DigestPair& large, double bytes, Index guess);
DigestPair truncated(const DigestPair& large, Index size);

/// Errors are shares of ||A|| ||B||.
struct Trial {
  Index size = 0;
  double bytes = 0, error = 0, estimated = 0, bound = 0, apriori = 0;
  double digest_seconds = 0, product_seconds = 0;
};

Trial measured(const KnownProduct& known, const DigestPair& pair, double confidence, const Context& context);

}  // namespace prodigest::compare
