#pragma once
// Where a sparse embedding puts rows.

#include <span>
#include <vector>

#include "linear/add_rows.hpp"
#include "prodigest/linear/linear_spec.hpp"

namespace prodigest::linear {

/// The places of a block of rows in all bands, by groups of neighbouring sketch rows of a band; the
/// rows in one group are in order.
/// Row id i lies in row bounded(w, b) of band j, which has b rows, where w is the first word of
/// block j of Domain::kBucket; its factor is +1 or -1 as the highest bit of the second word is 0
/// or 1.
/// @complexity O(nonzeros * rows) for many rows, O(nonzeros * rows log rows) for few
class Placements {
 public:
  explicit Placements(const LinearSpec& spec) : spec_(spec) {}

  /// @shape -> [nonzeros * rows], valid until the next call
  std::span<const Placement> find(std::span<const RowId> row_ids, Index group_size);

 private:
  void find_in_band(Index band, std::span<const RowId> row_ids, std::span<Placement> found);

  LinearSpec spec_;
  Index group_size_ = 1;
  std::vector<std::uint64_t> buckets_, signs_;
  std::vector<std::size_t> next_;
  std::vector<Placement> found_;
};

}  // namespace prodigest::linear
