#pragma once
// One method run once on two matrices in memory, and its result held against the exact product.

#include <algorithm>
#include <cmath>
#include <optional>

#include "prodigest/compare/known_product.hpp"
#include "prodigest/compare/recommend.hpp"

namespace prodigest::compare {

/// Both digests.
struct DigestPair {
  digest::Digest a, b;
  double seconds = 0;    ///< that making both took
  double bytes() const;  ///< of both files
};

DigestPair digest_both(const KnownProduct& known, const digest::DigestSpec& spec,
                       const Context& context);

/// Both samples cut to a smaller size, bit for bit what sampling with it gives.
DigestPair truncated(const DigestPair& large, Index size);

/// Where to look for a size.
struct SizeRange {
  Index least = 1, most = 1;
  Index guess = 1;
  double header = 0;  ///< about what digests take whatever their size
};

/// make(size), size being as large as it may with files of at most so many bytes, or 1 % less;
/// nothing if even the least size takes more.
template <class Make>
std::optional<DigestPair> largest_within(double bytes, const SizeRange& range, const Make& make) {
  constexpr double kNearEnough = 0.99;
  constexpr int kMostSteps = 12;
  std::optional<DigestPair> best;
  // `low` fits (0 stands for no row at all), `high` does not; bytes grow about evenly between them.
  Index low = 0, high = range.most + 1, size = range.guess;
  double low_bytes = range.header, high_bytes = INFINITY;
  for (int step = 0; step < kMostSteps && low_bytes < kNearEnough * bytes; ++step) {
    const Index least = std::max(low + 1, range.least);
    if (least >= high) break;
    size = std::clamp(size, least, high - 1);
    DigestPair pair = make(size);
    const double taken = pair.bytes();
    if (taken > bytes) {
      high = size;
      high_bytes = taken;
    } else {
      low = size;
      low_bytes = taken;
      best = std::move(pair);
    }
    const double room = bytes - low_bytes;
    if (high_bytes < INFINITY)
      size = low +
             static_cast<Index>(static_cast<double>(high - low) * room / (high_bytes - low_bytes));
    else if (low_bytes > range.header)
      size = low + static_cast<Index>(static_cast<double>(low) * room / (low_bytes - range.header));
    else
      size = 2 * low;
  }
  return best;
}

/// Errors are shares of ||A|| ||B||.
struct Trial {
  Index size = 0;
  double bytes = 0, error = 0, estimated = 0, bound = 0, apriori = 0;
  double digest_seconds = 0, product_seconds = 0;
};

Trial measured(const KnownProduct& known, const DigestPair& pair, double confidence,
               const Context& context);

}  // namespace prodigest::compare
