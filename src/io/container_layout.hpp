#pragma once
// What the writer and the reader of digest files agree on; docs/format.md is the description.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "prodigest/io/container.hpp"

namespace prodigest::io {

static_assert(std::endian::native == std::endian::little,
              "digest files are little-endian and mapped as they are");

inline constexpr std::size_t kAlignment = 64;
inline constexpr std::size_t kLengthBytes = sizeof(std::uint64_t);
inline constexpr std::uint64_t kMaxHeaderBytes = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kFormatMajor = 1;
inline constexpr std::uint64_t kFormatMinor = 0;

// Every digest file of every version has these bytes after its length, then "major.minor".
inline constexpr std::string_view kMagic = R"({"__metadata__":{"prodigest.format":")";

inline constexpr std::string_view kOwnPrefix = "prodigest.";  // of metadata keys
inline constexpr std::string_view kKindKey = "prodigest.kind";
inline constexpr std::string_view kWriterKey = "prodigest.writer";
inline constexpr std::string_view kRequiresKey = "prodigest.requires";
inline constexpr std::array kFeatures = {std::string_view("coded_values")};
inline constexpr std::string_view kCrcKey = "prodigest.crc32";
inline constexpr std::string_view kTensorCrcPrefix = "prodigest.crc32.";
inline constexpr std::string_view kPadPrefix = "_pad";  // of tensor names
inline constexpr std::string_view kMetadataName = "__metadata__";

// Size of a tensor in bytes, or nothing if it is negative or does not fit 64 bits.
std::optional<std::uint64_t> byte_count(DType dtype, std::span<const Index> shape) noexcept;
std::optional<DType> dtype_named(std::string_view name) noexcept;

// Eight lower-case hexadecimal digits.
std::string crc_text(std::span<const std::byte> bytes);

// Where the eight digits of the header's checksum stand in the first bytes of a file (its length
// and header), or nothing.
std::optional<std::size_t> header_crc_position(std::span<const std::byte> front) noexcept;
// Checksum of these bytes with those eight digits read as zeros.
std::string header_crc_text(std::span<const std::byte> front, std::size_t position);

// A name of unknown origin, quoted for an error message: cut if long, control characters escaped.
std::string quote_name(std::string_view name);
// e.g. "F64 [3, 4]"
std::string type_text(DType dtype, std::span<const Index> shape);

}  // namespace prodigest::io
