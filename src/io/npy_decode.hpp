#pragma once
// From the stored elements of a .npy array to float, double or index numbers.

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "io/npy_header.hpp"
#include "prodigest/base/types.hpp"

namespace prodigest::io {

/// Where elements lie: (r, c) at data + r * row_step + columns[c] * column_step bytes, and at
/// c * column_step instead if no columns are chosen.
struct ElementGrid {
  const std::byte* data = nullptr;
  std::size_t row_step = 0;
  std::size_t column_step = 0;
  std::span<const Index> columns;
  Index rows = 0;
  Index cols = 0;
};

/// An element that the wanted type cannot hold exactly.
struct InexactElement {
  Index row = 0;
  Index col = 0;
  std::string value;
};

/// Whether decode<T> takes elements of this type: all for double, float32 only for float, integers
/// for integers.
template <class T>
bool can_decode(NpyType type);

/// Writes the grid row-major to `out`; stops at an element that T cannot hold and returns it.
/// @pre can_decode<T>(type); T is float, double or std::int64_t
template <class T>
std::optional<InexactElement> decode(NpyType type, const ElementGrid& grid, T* out);

}  // namespace prodigest::io
