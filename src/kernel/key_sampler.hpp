#pragma once
// Which keys a cell of queries takes.

#include <cstdint>
#include <span>
#include <vector>

#include "kernel/rate_table.hpp"
#include "kernel/scaled_columns.hpp"

namespace prodigest::kernel {

struct TakenKey {
  std::int32_t key = 0;
  float factor = 0;  ///< 1 / probability
  float mean = 0;    ///< of the kernel between the two cells
};

/// Systematic sampling along the cells: one uniform number decides everything, a key is taken with
/// probability min(1, deviation weight / lambda) and at most once.
/// @param distances of the cells of keys
/// @param means out, [cells]: of the kernel
/// @complexity O(cells + taken log(cell))
void sample_keys(const WeightedKeys& keys, std::span<const float> distances,
                 const RateTable& table, float lambda, double uniform,
                 std::vector<TakenKey>& taken, std::span<float> means);

}  // namespace prodigest::kernel
