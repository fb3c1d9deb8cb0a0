#pragma once
// Arrays in the narrowest element type that holds every value exactly, as files store them.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "prodigest/io/container.hpp"

namespace prodigest::io {

/// An array of another element type than the one it was made from.
struct NarrowArray {
  DType dtype = DType::kU8;
  Index size = 0;
  std::vector<std::byte> bytes;

  Tensor tensor(std::string name, std::vector<Index> shape) const;
};

/// Values: counts, 0/1 and other small whole numbers become U8, doubles that a float holds F32.
template <Real T>
NarrowArray narrow(std::span<const T> values);
/// Column numbers below `limit` (row sizes up to limit - 1): U8, U16 or U32 by the limit alone.
template <std::integral T>
NarrowArray narrow_below(std::span<const T> values, Index limit);

/// Reads either back.  @throws Error{kFormat} if there is no such tensor or it has another shape
template <class T>
std::vector<T> widen(const Container& container, const std::string& name,
                     std::initializer_list<Index> shape);

}  // namespace prodigest::io
