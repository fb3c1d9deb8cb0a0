#include "prodigest/core/key.hpp"

#include <utf8proc.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "base/fail.hpp"

namespace prodigest {
namespace {

// Bytes in normal form; ASCII, the usual case, is its own and is not copied.
class NormalForm {
 public:
  explicit NormalForm(std::string_view utf8) : bytes_(utf8) {
    if (std::all_of(utf8.begin(), utf8.end(), [](char c) { return static_cast<signed char>(c) >= 0; }))
      return;
    utf8proc_uint8_t* out = nullptr;
    const utf8proc_ssize_t size =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()),
                     static_cast<utf8proc_ssize_t>(utf8.size()), &out,
                     static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    owned_.reset(out);
    if (size < 0)
      fail(ErrorCode::kInvalidArgument, "key: text must be UTF-8, got other bytes ({}) (convert it with iconv)",
           utf8proc_errmsg(size));
    bytes_ = {reinterpret_cast<const char*>(out), static_cast<std::size_t>(size)};
  }
  std::string_view bytes() const { return bytes_; }

 private:
  struct Free {
    void operator()(utf8proc_uint8_t* p) const { std::free(p); }
  };
  std::unique_ptr<utf8proc_uint8_t, Free> owned_;
  std::string_view bytes_;
};

// The 64-bit pattern of a cell that is written exactly as an integer is printed.
std::optional<std::uint64_t> integer_cell(std::string_view cell) {
  const bool negative = cell.starts_with('-');
  const std::string_view digits = cell.substr(negative ? 1 : 0);
  if (digits.empty() || digits.size() > 20 || (digits[0] == '0' && (digits.size() > 1 || negative)))
    return std::nullopt;
  const char* const end = cell.data() + cell.size();
  if (negative) {
    std::int64_t value = 0;
    const auto [last, error] = std::from_chars(cell.data(), end, value);
    if (error != std::errc{} || last != end) return std::nullopt;
    return static_cast<std::uint64_t>(value);
  }
  std::uint64_t value = 0;
  const auto [last, error] = std::from_chars(cell.data(), end, value);
  if (error != std::errc{} || last != end) return std::nullopt;
  return value;
}

void append_little_endian(std::string& out, std::uint64_t value) {
  for (int byte = 0; byte < 8; ++byte) out.push_back(static_cast<char>(value >> (8 * byte)));
}

}  // namespace

RowId row_id_of_text(std::string_view utf8) {
  const NormalForm text(utf8);
  return XXH3_64bits(text.bytes().data(), text.bytes().size());
}

RowId row_id_of_cells(std::span<const std::string_view> parts, KeyEncoding encoding) {
  if (parts.empty()) fail(ErrorCode::kInvalidArgument, "key: expected one part or more, got none");
  const auto integer = [&](std::string_view cell) {
    return encoding == KeyEncoding::kTyped ? integer_cell(cell) : std::nullopt;
  };
  if (parts.size() == 1) {
    const auto value = integer(parts[0]);
    return value ? *value : row_id_of_text(parts[0]);
  }
  std::string bytes;
  for (const std::string_view part : parts) {
    if (const auto value = integer(part)) {
      bytes.push_back('i');
      append_little_endian(bytes, *value);
    } else {
      const NormalForm text(part);
      bytes.push_back('t');
      append_little_endian(bytes, text.bytes().size());
      bytes.append(text.bytes());
    }
  }
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace prodigest
