#include "kernel/pilot_rows.hpp"

#include <utility>

namespace prodigest::kernel {

PilotRows::PilotRows(const PilotInput& input, std::vector<Index> rows)
    : in_(input), rows_(std::move(rows)), near_(rows_.size() / kPilotRows) {
  const NearKeys& lists = in_.near;
  for (Index row = 0; row < count(); ++row)
    for (Index i = 0; i < lists.counts[rows_[row]]; ++i)
      near_[row / kPilotRows].push_back(
          Index{lists.keys[rows_[row] * lists.near + i]} * kPilotRows + row % kPilotRows);
  for (auto& places : near_) std::ranges::sort(places);
}

QueryPanels PilotRows::side_by_side(std::span<const Index> groups) const {
  std::vector<Index> members;
  for (const Index a : groups)
    members.insert(members.end(), rows_.begin() + a * kPilotRows,
                   rows_.begin() + (a + 1) * kPilotRows);
  return {in_.points.of_queries(), members, std::array{Index{0}, std::ssize(members)}};
}

void PilotRows::evaluate(std::span<const Index> groups, const QueryPanels& panels, Index first,
                         Index count, float* values) const {
  const KeyList keys{in_.key_rows.data() + first, in_.points.keys.offsets.data() + first, count};
  panels.for_panels(0, [&](const QueryPanel& panel, Index) {
    kernel_values_by_vector(panel, keys, in_.points.dim, values);
  });
  for (const Index a : groups) {
    auto next = std::ranges::lower_bound(near_[a], first * kPilotRows);
    for (; next != near_[a].end() && *next < (first + count) * kPilotRows; ++next)
      values[(*next / kPilotRows - first) * panels.lanes(0) + *next % kPilotRows] = 0;
    values += kPilotRows;
  }
}

}  // namespace prodigest::kernel
