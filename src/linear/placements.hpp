#pragma once
// Where a sparse embedding puts rows.

#include <cstdint>
#include <span>
#include <vector>

#include "prodigest/linear/linear_spec.hpp"

namespace prodigest::linear {

/// A row of the matrix on its way into a row of the sketch.
struct Placement {
  std::uint32_t sketch_row;
  std::uint32_t row;  ///< within its block
  double sign;
};

/// The places of a block of rows in all bands. Row id i lies in row bounded(w, b) of band j, which
/// has b rows, where w is the first word of block j of Domain::kBucket; its sign is + or - as the
/// highest bit of the second word is 0 or 1.
class Placements {
 public:
  explicit Placements(const LinearSpec& spec) : spec_(spec) {}

  /// Divides the sketch's rows into `ranges` of about equal size and finds the placements of each,
  /// in the order of rows, then of bands.  @complexity O(nonzeros * rows + ranges)
  void find(std::span<const RowId> row_ids, Index ranges);

  /// Valid until the next call of find.
  std::span<const Placement> of_range(Index range) const {
    const auto at = static_cast<std::size_t>(range);
    return std::span(found_).subspan(begin_[at], begin_[at + 1] - begin_[at]);
  }

 private:
  void find_in_band(Index band, std::span<const RowId> row_ids);

  LinearSpec spec_;
  std::vector<std::uint64_t> buckets_, signs_;
  std::vector<Placement> found_, by_row_;
  std::vector<std::size_t> begin_;  // [ranges + 1]
};

}  // namespace prodigest::linear
