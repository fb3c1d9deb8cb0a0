#include "io/text_fields.hpp"

#include <fast_float/fast_float.h>
#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace prodigest::io {

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view next_token(std::string_view& rest) noexcept {
  while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
  const std::size_t size =
      static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), is_blank) - rest.begin());
  const std::string_view token = rest.substr(0, size);
  rest.remove_prefix(size);
  return token;
}

bool parse_number(std::string_view text, double& value) noexcept {
  const auto parse_all = [&] {
    const char* const end = text.data() + text.size();
    const auto [last, error] = fast_float::from_chars(text.data(), end, value);
    return error == std::errc{} && last == end;
  };
  if (parse_all()) return true;
  const std::string_view given = text;
  text = trimmed(text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return text.size() < given.size() && parse_all();
}

bool parse_integer(std::string_view text, Index& value) noexcept {
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && last == end;
}

bool is_utf8(std::string_view text) noexcept {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t size = utf8proc_iterate(bytes, left, &code_point);
    if (size < 0) return false;
    bytes += size;
    left -= size;
  }
  return true;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 40;
  std::string out = "\"";
  for (const char c : text.substr(0, kMost)) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out.push_back(c);
  }
  return out + (text.size() > kMost ? "...\"" : "\"");
}

}  // namespace prodigest::io
