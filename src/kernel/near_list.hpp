#pragma once
// The list of near keys of one query while it is being made, in no order.

#include <cstdint>
#include <span>
#include <vector>

#include "prodigest/base/types.hpp"

namespace prodigest::kernel {

/// Of values that are kept.
struct NearLimits {
  float least = 0;  ///< positive
  float share = 0;  ///< of the largest of a query
};

/// Keys and their kernel values, room for whole vectors behind them.
struct ListScratch {
  std::vector<std::int32_t> keys{};
  std::vector<float> values{};
  Index count = 0;

  explicit ListScratch(Index most)
      : keys(static_cast<std::size_t>(most + kMostLanes)),
        values(static_cast<std::size_t>(most + kMostLanes)) {}
  void push(std::int32_t key, float value) {
    keys[static_cast<std::size_t>(count)] = key;
    values[static_cast<std::size_t>(count++)] = value;
  }

  static constexpr Index kMostLanes = 16;
};

/// Appends the entries with a value of at least `least`.
void append_at_least(std::span<const std::int32_t> keys, const float* values, float least,
                     ListScratch& list);

/// Places of keys in a permutation, and a range of places.
struct PlaceRange {
  const std::int32_t* places = nullptr;
  Index first = 0, size = 0;
};
/// The same of those whose keys are not in the range.
void append_elsewhere(std::span<const std::int32_t> keys, const float* values, float least,
                      const PlaceRange& range, ListScratch& list);

struct Extremes {
  float smallest = 0, largest = 0;
};
/// Both 0 if there are no values.
Extremes extremes_of(std::span<const float> values);

/// Keeps the `most` entries with the largest values; of equal ones those that come first.
/// Values are at least 0.  @complexity O(count log(range of values / gap at the cut))
void keep_largest(Index most, ListScratch& list);

/// Writes the entries in the order of their keys, no two of which are equal.
/// @complexity O(count²), and fast up to some hundred: each counts the keys before it
void write_by_key(const ListScratch& list, std::int32_t* keys, float* values);

}  // namespace prodigest::kernel
