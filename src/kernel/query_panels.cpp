#include "kernel/query_panels.hpp"

namespace prodigest::kernel {

QueryPanels::QueryPanels(const CentredPoints& points, std::span<const Index> members,
                         std::span<const Index> starts)
    : dim_(points.rows.view().cols) {
  for (std::size_t g = 0; g + 1 < starts.size(); ++g)
    first_vectors_.push_back(first_vectors_.back() +
                             (starts[g + 1] - starts[g] + kLanes - 1) / kLanes);
  points_.resize(static_cast<std::size_t>(first_vectors_.back() * kLanes * dim_));
  offsets_.resize(static_cast<std::size_t>(first_vectors_.back() * kLanes), kNoQuery);
  for (Index g = 0; g < groups(); ++g)
    for_panels(g, [&](const QueryPanel& panel, Index first_lane) {
      const Index first = starts[g] + first_lane;
      const Index count = std::min(panel.lanes(), starts[g + 1] - first);
      float* const to = points_.data() + (panel.points - points_.data());
      for (Index lane = 0; lane < count; ++lane) {
        const Index member = members[first + lane];
        offsets_[(panel.offsets - offsets_.data()) + lane] = points.offsets[member];
        const float* const row = points.rows.view().row_data(member);
        for (Index c = 0; c < dim_; ++c) to[c * panel.lanes() + lane] = row[c];
      }
    });
}

}  // namespace prodigest::kernel
