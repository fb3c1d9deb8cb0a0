#pragma once
/// Names that every floor uses.

#include <concepts>
#include <cstdint>

namespace prodigest {

using Index = std::int64_t;   ///< every dimension and count; never 32-bit
using RowId = std::uint64_t;  ///< 64-bit name of a row, the same on every machine

/// The number all parties share. A strong type: a seed is not a size.
struct Seed {
  std::uint64_t value = 0;
  friend bool operator==(Seed, Seed) = default;
};

template <class T>
concept Real = std::same_as<T, float> || std::same_as<T, double>;

}  // namespace prodigest
