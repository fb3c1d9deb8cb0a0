#include "prodigest/core/spec_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/fail.hpp"

namespace prodigest {
namespace {

template <class Number>
Number parse(std::string_view spec, std::string_view key, std::string_view value,
             const char* expected) {
  Number number{};
  const char* const end = value.data() + value.size();
  const auto [last, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc{} || last != end)
    fail(ErrorCode::kInvalidArgument, "spec \"{}\": {} must be {}, got \"{}\"", spec, key, expected,
         value);
  return number;
}

}  // namespace

SpecText::SpecText(std::string_view text) : text_(text) {
  const std::size_t colon = text.find(':');
  name_ = text.substr(0, colon);
  if (name_.empty())
    fail(ErrorCode::kInvalidArgument,
         "spec \"{}\": expected a method first, as in \"priority:size=1000\"", text);
  std::size_t at = colon == std::string_view::npos ? text.size() + 1 : colon + 1;
  while (at <= text.size()) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string_view entry = text.substr(at, comma - at);
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == entry.size())
      fail(ErrorCode::kInvalidArgument, "spec \"{}\": expected key=value at character {}, got \"{}\"",
           text, at + 1, entry);
    std::string key(entry.substr(0, equals));
    for (const auto& [known, value] : entries_)
      if (known == key) fail(ErrorCode::kInvalidArgument, "spec \"{}\": {} is given twice", text, key);
    entries_.emplace_back(std::move(key), entry.substr(equals + 1));
    at = comma + 1;
  }
}

std::string SpecText::take(std::string_view key, std::string_view fallback) {
  const auto entry = std::ranges::find(entries_, key, &std::pair<std::string, std::string>::first);
  if (entry == entries_.end()) return std::string(fallback);
  std::string value = std::move(entry->second);
  entries_.erase(entry);
  return value;
}

Index SpecText::take_index(std::string_view key, Index fallback) {
  const std::string value = take(key, "");
  return value.empty() ? fallback : parse<Index>(text_, key, value, "a whole number");
}

std::uint64_t SpecText::take_unsigned(std::string_view key, std::uint64_t fallback) {
  const std::string value = take(key, "");
  return value.empty() ? fallback
                       : parse<std::uint64_t>(text_, key, value, "a whole number from 0 to 2^64 - 1");
}

double SpecText::take_number(std::string_view key, double fallback) {
  const std::string value = take(key, "");
  return value.empty() ? fallback : parse<double>(text_, key, value, "a number");
}

void SpecText::finish(std::string_view known) const {
  if (!entries_.empty())
    fail(ErrorCode::kInvalidArgument, "spec \"{}\": {} does not know \"{}\" (it knows {})", text_,
         name_, entries_.front().first, known);
}

SpecWriter& SpecWriter::put(std::string_view key, std::string_view value) {
  text_ += first_ ? ':' : ',';
  first_ = false;
  text_.append(key).append("=").append(value);
  return *this;
}

SpecWriter& SpecWriter::put(std::string_view key, std::uint64_t value) {
  return put(key, std::to_string(value));
}

SpecWriter& SpecWriter::put(std::string_view key, double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return put(key, std::string_view(text, end));
}

}  // namespace prodigest
