#include "io/npy_decode.hpp"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "base/fail.hpp"

namespace prodigest::io {

namespace {

template <class Visitor>
decltype(auto) visit_type(NpyType type, Visitor&& visitor) {
  switch (type) {
    case NpyType::kBool:
      return visitor.template operator()<bool>();
    case NpyType::kI8:
      return visitor.template operator()<std::int8_t>();
    case NpyType::kI16:
      return visitor.template operator()<std::int16_t>();
    case NpyType::kI32:
      return visitor.template operator()<std::int32_t>();
    case NpyType::kI64:
      return visitor.template operator()<std::int64_t>();
    case NpyType::kU8:
      return visitor.template operator()<std::uint8_t>();
    case NpyType::kU16:
      return visitor.template operator()<std::uint16_t>();
    case NpyType::kU32:
      return visitor.template operator()<std::uint32_t>();
    case NpyType::kU64:
      return visitor.template operator()<std::uint64_t>();
    case NpyType::kF32:
      return visitor.template operator()<float>();
    case NpyType::kF64:
      break;
  }
  return visitor.template operator()<double>();
}

template <class Stored, class T>
constexpr bool kDecodable = std::same_as<T, double> || std::same_as<T, Stored> ||
                            (std::integral<T> && std::integral<Stored> &&
                             !std::same_as<Stored, bool>);

template <class Stored>
Stored load(const std::byte* from) {
  if constexpr (std::same_as<Stored, bool>) {
    return *from != std::byte{0};  // any other byte than 0 and 1 would be no bool
  } else {
    Stored value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
}

template <class Stored, class T>
bool convert(Stored stored, T& value) {
  if constexpr (std::integral<T>) {
    value = static_cast<T>(stored);
    return std::in_range<T>(stored);
  } else {
    value = static_cast<T>(stored);
    if constexpr (std::integral<Stored> && sizeof(Stored) == 8) {
      // The largest integers round up to a power of two that does not convert back.
      constexpr T kEnd = static_cast<T>(std::numeric_limits<Stored>::max());
      return value < kEnd && static_cast<Stored>(value) == stored;
    }
    return true;
  }
}

template <class Stored, class T>
std::optional<InexactElement> decode_list(const std::byte* from, Index size, T* out) {
  for (Index i = 0; i < size; ++i, from += sizeof(Stored)) {
    const auto stored = load<Stored>(from);
    if (!convert(stored, out[i])) return InexactElement{i, 0, fmt::to_string(stored)};
  }
  return std::nullopt;
}

template <class Stored, class T>
std::optional<InexactElement> decode_grid(const ElementGrid& grid, T* out) {
  // Some rows at a time, so that a grid stored by columns is read a cache line at a time.
  constexpr Index kTile = 16;
  for (Index first = 0; first < grid.rows; first += kTile) {
    const Index end = std::min(first + kTile, grid.rows);
    for (Index c = 0; c < grid.cols; ++c) {
      const Index column = grid.columns.empty() ? c : grid.columns[static_cast<std::size_t>(c)];
      const std::byte* from = grid.data + static_cast<std::size_t>(column) * grid.column_step;
      for (Index r = first; r < end; ++r) {
        const auto stored = load<Stored>(from + static_cast<std::size_t>(r) * grid.row_step);
        if (!convert(stored, out[r * grid.cols + c])) {
          return InexactElement{r, c, fmt::to_string(stored)};
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace

template <class T>
bool can_decode(NpyType type) {
  return visit_type(type, []<class Stored>() { return kDecodable<Stored, T>; });
}

template <class T>
std::optional<InexactElement> decode(NpyType type, const ElementGrid& grid, T* out) {
  return visit_type(type, [&]<class Stored>() -> std::optional<InexactElement> {
    if constexpr (kDecodable<Stored, T>) {
      const bool is_list =
          grid.cols == 1 && grid.columns.empty() && grid.row_step == sizeof(Stored);
      return is_list ? decode_list<Stored>(grid.data, grid.rows, out)
                     : decode_grid<Stored>(grid, out);
    }
    return std::nullopt;
  });
}

template bool can_decode<float>(NpyType);
template bool can_decode<double>(NpyType);
template bool can_decode<std::int64_t>(NpyType);
template std::optional<InexactElement> decode(NpyType, const ElementGrid&, float*);
template std::optional<InexactElement> decode(NpyType, const ElementGrid&, double*);
template std::optional<InexactElement> decode(NpyType, const ElementGrid&, std::int64_t*);

}  // namespace prodigest::io
