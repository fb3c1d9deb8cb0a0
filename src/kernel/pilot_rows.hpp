#pragma once
// Queries of the pilot, group by group, and their kernel values.

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "kernel/pilot.hpp"

namespace prodigest::kernel {

inline constexpr Index kPilotRows = kLanes;  // of a group

class PilotRows {
 public:
  /// @param rows queries, kPilotRows of each group
  PilotRows(const PilotInput& input, std::vector<Index> rows);

  Index count() const { return std::ssize(rows_); }
  Index operator[](Index row) const { return rows_[static_cast<std::size_t>(row)]; }

  /// Some groups side by side, at most kMostVectors.
  QueryPanels side_by_side(std::span<const Index> groups) const;

  /// visit(values, first, count) for keys [first, first + count) that cover a cell, values
  /// [count x lanes] of the groups in `panels`. Those of near keys are 0.
  template <class Visit>
  void for_values(std::span<const Index> groups, const QueryPanels& panels, Index cell,
                  const Visit& visit) const {
    std::array<float, kKeysAtOnce * kMostVectors * kPilotRows> values;
    const Index end = in_.keys.starts[cell + 1];
    for (Index first = in_.keys.starts[cell]; first < end; first += kKeysAtOnce) {
      const Index count = std::min(kKeysAtOnce, end - first);
      evaluate(groups, panels, first, count, values.data());
      visit(values.data(), first, count);
    }
  }

 private:
  static constexpr Index kKeysAtOnce = 128;  // whose values are in the first cache

  void evaluate(std::span<const Index> groups, const QueryPanels& panels, Index first, Index count,
                float* values) const;

  const PilotInput& in_;
  std::vector<Index> rows_;
  std::vector<std::vector<Index>> near_;  // of groups: key * kPilotRows + row, ascending
};

}  // namespace prodigest::kernel
