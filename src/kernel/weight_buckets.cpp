#include "kernel/weight_buckets.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/draws.hpp"

namespace prodigest::kernel {
namespace {

// The keys whose random numbers are smallest.
void keep_some(std::vector<std::int32_t>& keys, Index room, Seed seed) {
  if (std::ssize(keys) <= room) return;
  const auto rank = [seed](std::int32_t key) {
    return uniform(seed, Domain::kKernelPartition, static_cast<RowId>(key) + (RowId{1} << 41));
  };
  const auto end = keys.begin() + room;
  std::ranges::nth_element(keys, end, {}, rank);
  keys.erase(end, keys.end());
  std::ranges::sort(keys);
}

}  // namespace

WeightBuckets sort_weights(MatrixView<const double> x, double large, double epsilon, Index room,
                           Seed seed) {
  const auto n = static_cast<double>(x.rows);
  WeightBuckets made;
  double most = 0, squares = 0;
  for (Index j = 0; j < x.rows; ++j) most = std::max(most, std::abs(x(j, 0)));
  if (most == 0) return made;
  for (Index j = 0; j < x.rows; ++j) squares += (x(j, 0) / most) * (x(j, 0) / most);
  made.scale = most * std::sqrt(squares / n);
  made.is_large.assign(static_cast<std::size_t>(x.rows), false);
  const double most_square = std::pow(n, large), step = std::log1p(epsilon);
  const auto least = static_cast<Index>(std::floor(-4 * std::log(n) / step));
  std::map<Index, std::vector<std::int32_t>> by_size;
  for (Index j = 0; j < x.rows; ++j) {
    const double entry = x(j, 0) / made.scale, square = entry * entry;
    made.x.push_back(entry);
    if (square == 0) continue;
    if (square >= most_square) {
      made.large.push_back(static_cast<std::int32_t>(j));
      made.is_large[static_cast<std::size_t>(j)] = true;
    } else {
      const auto level = static_cast<Index>(std::floor(std::log(square) / step));
      by_size[std::max(level, least)].push_back(static_cast<std::int32_t>(j));
    }
  }
  for (auto& [level, keys] : by_size) {
    const Index size = std::ssize(keys);
    keep_some(keys, room, seed);
    made.buckets.push_back(
        {std::exp(static_cast<double>(level + 1) * step), size, std::move(keys)});
  }
  return made;
}

}  // namespace prodigest::kernel
