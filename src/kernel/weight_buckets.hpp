#pragma once
// Entries of x by size, as the paper sorts them.

#include <cstdint>
#include <vector>

#include "prodigest/base/matrix.hpp"

namespace prodigest::kernel {

/// Keys whose x² is about the same, and some of them that stand for all.
struct WeightBucket {
  double square = 0;               ///< x² is at most so large, and less than (1 + epsilon) of it
  Index size = 0;                  ///< keys in all
  std::vector<std::int32_t> keys;  ///< all of them or a random sample
};

/// Of x scaled to a mean square of 1.
struct WeightBuckets {
  double scale = 0;  ///< x / scale has mean square 1; 0 if x is 0
  std::vector<double> x;
  std::vector<std::int32_t> large;  ///< x² >= n^large, in no bucket
  std::vector<bool> is_large;
  std::vector<WeightBucket> buckets;  ///< of the others, but for zeros; all squares below n^-4 are
                                      ///< in one
};
/// @param room keys of a bucket that are kept
WeightBuckets sort_weights(MatrixView<const double> x, double large, double epsilon, Index room,
                           Seed seed);

}  // namespace prodigest::kernel
