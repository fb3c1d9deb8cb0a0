#pragma once
/// The product as the paper has it: heavy pairs by locality-sensitive hashing, light ones by
/// sampling at rates from kernel density estimates. For study: the paper's constants make it slower
/// than the exact product at any size that fits a machine.

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::kernel {

struct HashedSpec {
  double bandwidth = 1;
  double epsilon = 0.1;
  double heavy = 1.0 / 3;  ///< alpha: kernels of at least n^-alpha are heavy, in (0, 1/2]
  double large = 0.109;    ///< gamma: entries with x² >= n^gamma mean(x²) are summed exactly
  Index tables = 0;        ///< hash tables, 0: as many as leave a heavy pair unmet with probability
                     ///< n^-10, 10 ln n / (chance that it meets in one), which is the paper's 10
                     ///< n^alpha ln n for its own hashes
  Index projections = 12;   ///< of a hash
  double width = 8;         ///< of a projection's interval, in bandwidths
  Index density_keys = 64;  ///< of a bucket of x² that its density is estimated from
  double samples = 10;      ///< factor of a row's samples, n s_i / epsilon²
  Index repetitions = 0;    ///< averages that the median is taken of, 0: 10 ln n
  Seed seed{};
};

/// What each step took.
struct HashedReport {
  Index tables = 0, repetitions = 0;
  Index large_keys = 0;          ///< |H1|
  Index density_structures = 0;  ///< buckets of x²
  double candidates = 0;         ///< keys met in the tables, a query
  double heavy_keys = 0;         ///< of these heavy, a query
  double density_pairs = 0;      ///< kernels evaluated for densities, a query
  double samples = 0;            ///< keys drawn, a query
  double exact_rows = 0;         ///< share of queries for which more than n would have been drawn
  double hash_seconds = 0, sum_seconds = 0;
};

/// y ≈ K x.  @shape queries: n_q x d, keys: n x d, x: n x 1, y: n_q x 1
/// @guarantee ||y - Kx|| <= epsilon ||x|| with probability 0.99 if sum(K) = O(n), with the default
/// parameters; whatever the tables miss is sampled
/// @source Indyk, Kapralov, Sheth, Wagner, ICLR 2025, algorithms 1 to 3, with the corrections of
/// docs/theory/kernel.md. Two parts are stand-ins: p-stable hashes (Datar, Immorlica, Indyk,
/// Mirrokni, SoCG 2004) for those of Andoni and Indyk, and for the density structures of Charikar
/// et al. a sample of each bucket, in which heavy keys are left out instead of subtracted
/// @complexity n d projections tables to hash, and a row's candidates and samples at d each; memory
/// O(n d) and 4 bytes a candidate
/// @throws Error{kInvalidArgument}, Error{kCancelled}
HashedReport hashed_product(MatrixView<const float> queries, MatrixView<const float> keys,
                            const HashedSpec& spec, MatrixView<const double> x,
                            MatrixView<double> y, const Context& context = {});

}  // namespace prodigest::kernel
