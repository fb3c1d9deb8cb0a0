#include "linear/placements.hpp"

#include <algorithm>

#include "core/draws.hpp"
#include "linear/bands.hpp"

namespace prodigest::linear {

std::span<const Placement> Placements::find(std::span<const RowId> row_ids, Index group_size) {
  group_size_ = group_size;
  const std::size_t rows = row_ids.size();
  buckets_.resize(rows);
  signs_.resize(rows);
  found_.resize(rows * static_cast<std::size_t>(spec_.nonzeros));
  for (Index band = 0; band < spec_.nonzeros; ++band)
    find_in_band(band, row_ids,
                 std::span(found_).subspan(static_cast<std::size_t>(band) * rows, rows));
  return found_;
}

void Placements::find_in_band(Index band, std::span<const RowId> row_ids,
                              std::span<Placement> found) {
  const Index first = band_begin(spec_, band);
  const auto size = static_cast<std::uint64_t>(band_begin(spec_, band + 1) - first);
  const auto block = static_cast<std::uint32_t>(band);
  random_words(spec_.seed, Domain::kBucket, row_ids, block, buckets_, signs_);
  for (std::size_t i = 0; i < row_ids.size(); ++i)
    buckets_[i] = bounded(buckets_[i], size, {spec_.seed, Domain::kBucket, row_ids[i], block, 0});
  const auto placement = [&](std::size_t i) {
    return Placement{static_cast<std::uint32_t>(first + static_cast<Index>(buckets_[i])),
                     static_cast<std::uint32_t>(i), signs_[i] >> 63 ? -1.0 : 1.0};
  };
  const auto group_size = static_cast<std::uint64_t>(group_size_);
  const std::uint64_t groups = (size + group_size - 1) / group_size;
  if (groups == 1 || row_ids.size() < groups / 8) {  // counting would cost more than comparing
    for (std::size_t i = 0; i < row_ids.size(); ++i) found[i] = placement(i);
    if (groups > 1)
      std::ranges::stable_sort(
          found, {}, [&](const Placement& p) { return (p.sketch_row - first) / group_size; });
    return;
  }
  next_.assign(groups + 1, 0);
  for (const std::uint64_t bucket : buckets_) ++next_[bucket / group_size + 1];
  for (std::size_t g = 1; g <= groups; ++g) next_[g] += next_[g - 1];
  for (std::size_t i = 0; i < row_ids.size(); ++i)
    found[next_[buckets_[i] / group_size]++] = placement(i);
}

}  // namespace prodigest::linear
