#pragma once
// The header of the .npy format, versions 1.0 to 3.0
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/byte_stream.hpp"
#include "prodigest/base/types.hpp"

namespace prodigest::io {

struct NpyHeader {
  std::string dtype;  ///< as numpy writes it, e.g. "<f8"
  bool fortran_order = false;
  std::vector<Index> shape;
  std::uint64_t payload_offset = 0;  ///< where the elements begin; set by read_npy_header
};

/// Element types that become numbers.
enum class NpyType { kBool, kI8, kI16, kI32, kI64, kU8, kU16, kU32, kU64, kF32, kF64 };

/// The element type that is stored as T lies in memory.
template <class T>
requires Real<T> || std::same_as<T, std::int64_t>
constexpr NpyType kNpyTypeOf = std::same_as<T, float>    ? NpyType::kF32
                               : std::same_as<T, double> ? NpyType::kF64
                                                         : NpyType::kI64;

/// Reads the header and leaves the stream at the first element.
/// @throws Error{kFormat} for anything that numpy does not write, Error{kUnsupported} for a
///         structured dtype
NpyHeader read_npy_header(ByteStream& stream);

/// The header in bytes, as numpy.save writes it.
std::string npy_header_bytes(const NpyHeader& header);

/// @param name stands for the array in the message
/// @throws Error{kUnsupported} with advice for a dtype that is not a little-endian real number
NpyType npy_type(std::string_view name, const std::string& dtype);

std::size_t size_of(NpyType type);
bool is_integer(NpyType type);

/// Number of elements, which times element_size fits Index.
/// @throws Error{kFormat} if it does not
Index element_count(std::string_view name, const NpyHeader& header, std::size_t element_size);

/// "(3, 4)"
std::string shape_text(const std::vector<Index>& shape);

}  // namespace prodigest::io
