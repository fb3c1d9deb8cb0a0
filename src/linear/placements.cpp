#include "linear/placements.hpp"

#include <numeric>

#include "core/draws.hpp"
#include "linear/bands.hpp"

namespace prodigest::linear {

void Placements::find(std::span<const RowId> row_ids, Index ranges) {
  found_.resize(row_ids.size() * static_cast<std::size_t>(spec_.nonzeros));
  buckets_.resize(row_ids.size());
  signs_.resize(row_ids.size());
  for (Index band = 0; band < spec_.nonzeros; ++band) find_in_band(band, row_ids);
  begin_.assign(static_cast<std::size_t>(ranges) + 1, 0);
  begin_.back() = found_.size();
  if (ranges == 1) return;

  const auto range_of = [&](const Placement& placement) {
    return static_cast<std::size_t>(Index{placement.sketch_row} * ranges / spec_.size);
  };
  std::vector<std::size_t> next(static_cast<std::size_t>(ranges) + 1);
  for (const Placement& placement : found_) ++next[range_of(placement) + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  begin_ = next;
  by_row_.swap(found_);
  found_.resize(by_row_.size());
  for (const Placement& placement : by_row_) found_[next[range_of(placement)]++] = placement;
}

void Placements::find_in_band(Index band, std::span<const RowId> row_ids) {
  const auto block = static_cast<std::uint32_t>(band);
  const auto first = static_cast<std::uint64_t>(band_begin(spec_, band));
  const auto size = static_cast<std::uint64_t>(band_begin(spec_, band + 1)) - first;
  random_words(spec_.seed, Domain::kBucket, row_ids, block, buckets_, signs_);
  for (std::size_t i = 0; i < row_ids.size(); ++i) {
    const std::uint64_t bucket =
        bounded(buckets_[i], size, {spec_.seed, Domain::kBucket, row_ids[i], block, 0});
    found_[i * static_cast<std::size_t>(spec_.nonzeros) + static_cast<std::size_t>(band)] = {
        static_cast<std::uint32_t>(first + bucket), static_cast<std::uint32_t>(i),
        signs_[i] >> 63 ? -1.0 : 1.0};
  }
}

}  // namespace prodigest::linear
