#pragma once
// Making bytes that are, or almost are, a digest file, and asking what the reader says about them.

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "prodigest/base/error.hpp"
#include "prodigest/io/container.hpp"

namespace prodigest::io {

using Bytes = std::vector<std::byte>;

inline Bytes bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

inline std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What parse says about these bytes; nothing if it takes them.
inline std::optional<Error> refusal(const Bytes& bytes) {
  try {
    Container::parse(bytes, "a.pdg");
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

inline void expect_refused(const Bytes& bytes, const std::string& message,
                           ErrorCode code = ErrorCode::kFormat) {
  const std::optional<Error> error = refusal(bytes);
  ASSERT_TRUE(error) << "accepted, expected: " << message;
  EXPECT_EQ(error->code(), code) << error->what();
  EXPECT_NE(std::string(error->what()).find(message), std::string::npos)
      << error->what() << "\nexpected: " << message;
}

inline std::string crc(std::string_view text) {
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08lx",
                crc32(0, reinterpret_cast<const Bytef*>(text.data()), uInt(text.size())));
  return digits;
}

// A file of this JSON, whose first run of "@@@@@@@@" becomes the checksum of the header.
inline Bytes sealed(std::string json, const std::string& payload = "") {
  json.resize((8 + json.size() + 63) / 64 * 64 - 8, ' ');
  const std::uint64_t length = json.size();
  std::string front(8, '\0');
  std::memcpy(front.data(), &length, 8);
  front += json;
  if (const std::size_t place = front.find("@@@@@@@@"); place != std::string::npos) {
    front.replace(place, 8, "00000000");
    front.replace(place, 8, crc(front));
  }
  return bytes_of(front + payload);
}

}  // namespace prodigest::io
