#pragma once
// How the error of a product falls as digests grow, measured over seeds.

#include <span>
#include <vector>

#include "prodigest/compare/known_product.hpp"
#include "prodigest/sampling/row_sample.hpp"
#include "session.hpp"

namespace prodigest::cli {

/// Digests of one size.
struct ErrorPoint {
  Index size = 0;
  double bytes = 0;  ///< of both digest files, mean over the seeds
  double low = 0, median = 0,
         high = 0;  ///< quartiles over the seeds of ||W - AᵀB|| / (||A|| ||B||)
};

/// The samples of both sides, of the spec with its seed.
sampling::RowSample sample_of(const sampling::RowSample& whole, const sampling::SampleSpec& spec,
                              const Session& session);

/// Bytes of the digest files of both.
std::uint64_t bytes_of(const sampling::RowSample& a, const sampling::RowSample& b);

/// Both sides digested with the spec at each of the sizes (ascending), for `seeds` seeds from the
/// spec's on.
std::vector<ErrorPoint> error_against_bytes(const compare::KnownProduct& known,
                                            sampling::SampleSpec spec, std::span<const Index> sizes,
                                            int seeds, const Session& session);

/// The median error that the points suggest for so many bytes: a straight line between two points
/// on logarithmic axes, the nearest point outside.
double median_at(std::span<const ErrorPoint> points, double bytes);

}  // namespace prodigest::cli
