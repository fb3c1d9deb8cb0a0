#include "io/container_layout.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace prodigest::io {

namespace {

struct DTypeRow {
  std::string_view name;
  std::size_t size;
};

// In the order of the enumeration.
constexpr std::array<DTypeRow, 12> kDTypes = {{{"U8", 1},
                                               {"I8", 1},
                                               {"U16", 2},
                                               {"I16", 2},
                                               {"U32", 4},
                                               {"I32", 4},
                                               {"U64", 8},
                                               {"I64", 8},
                                               {"F16", 2},
                                               {"BF16", 2},
                                               {"F32", 4},
                                               {"F64", 8}}};

constexpr std::string_view kZeroDigits = "00000000";

uLong crc_of(uLong crc, std::span<const std::byte> bytes) {
  // zlib takes a null pointer as "give me the start value"
  if (bytes.empty()) return crc;
  return crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
}

}  // namespace

std::string_view dtype_name(DType dtype) noexcept {
  return kDTypes[static_cast<std::size_t>(dtype)].name;
}

std::size_t dtype_size(DType dtype) noexcept {
  return kDTypes[static_cast<std::size_t>(dtype)].size;
}

std::optional<DType> dtype_named(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kDTypes.size(); ++i) {
    if (kDTypes[i].name == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> byte_count(DType dtype, std::span<const Index> shape) noexcept {
  std::uint64_t count = dtype_size(dtype);
  for (const Index extent : shape) {
    if (extent < 0) return std::nullopt;
    if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(extent), &count)) {
      return std::nullopt;
    }
  }
  return count;
}

std::string crc_text(std::span<const std::byte> bytes) {
  return fmt::format("{:08x}", crc_of(0, bytes));
}

std::optional<std::size_t> header_crc_position(std::span<const std::byte> front) noexcept {
  const std::string_view text(reinterpret_cast<const char*>(front.data()), front.size());
  constexpr std::string_view kBefore = R"("prodigest.crc32":")";
  const std::size_t found = text.find(kBefore);
  if (found == std::string_view::npos) return std::nullopt;
  const std::size_t position = found + kBefore.size();
  if (text.size() - position < kZeroDigits.size()) return std::nullopt;
  return position;
}

std::string header_crc_text(std::span<const std::byte> front, std::size_t position) {
  uLong crc = crc_of(0, front.first(position));
  crc = crc_of(crc, std::as_bytes(std::span(kZeroDigits)));
  crc = crc_of(crc, front.subspan(position + kZeroDigits.size()));
  return fmt::format("{:08x}", crc);
}

std::string quote_name(std::string_view name) {
  constexpr std::size_t kShown = 80;
  std::string text(name.substr(0, kShown));
  if (name.size() > kShown) text += "...";
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string type_text(DType dtype, std::span<const Index> shape) {
  constexpr std::size_t kShown = 8;
  return fmt::format("{} [{}{}]", dtype_name(dtype),
                     fmt::join(shape.first(std::min(shape.size(), kShown)), ", "),
                     shape.size() > kShown ? ", ..." : "");
}

}  // namespace prodigest::io
