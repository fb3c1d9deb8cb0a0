#pragma once
// What the commands say about an estimated product.

#include <optional>
#include <string>
#include <vector>

#include "prodigest/core/estimate.hpp"
#include "prodigest/core/schema.hpp"
#include "session.hpp"

namespace prodigest::cli {

/// Shape, matched rows and errors. `scale`: ||A|| ||B||; `actual`: the error itself, where it is
/// known.
Json estimate_json(const ProductEstimate& estimate, double scale, std::optional<double> actual);

/// One entry of the product.
struct NamedEntry {
  std::string row, column;  ///< names of the columns of A and B, or their numbers
  std::size_t at = 0;       ///< place in the matrix' storage
  double value = 0;
  double deviation = 0;  ///< @pre the estimate has standard deviations
};

/// The entries of largest absolute value, `count` or all.
std::vector<NamedEntry> largest_entries(const ProductEstimate& estimate, const Schema& a,
                                        const Schema& b, Index count);

}  // namespace prodigest::cli
