#pragma once
// Which keys a cell of queries takes.

#include <cstdint>
#include <span>
#include <vector>

#include "kernel/rate_table.hpp"
#include "kernel/scaled_columns.hpp"

namespace prodigest::kernel {

struct SampledKeys {
  std::vector<std::int32_t> keys{};
  std::vector<float> factors{};  ///< 1 / probability
};

/// Systematic sampling along the cells: one uniform number decides everything, a key is taken with
/// probability min(1, rate weight / lambda) and at most once.
/// @param distances of the cells of keys
/// @complexity O(cells + taken log(cell))
void sample_keys(const WeightedKeys& keys, std::span<const float> distances,
                 const RateTable& table, float lambda, double uniform, SampledKeys& out);

}  // namespace prodigest::kernel
