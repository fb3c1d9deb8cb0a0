#pragma once
// Pieces of a line: numbers, tokens between blanks, and how to show them in a message.

#include <string>
#include <string_view>

#include "prodigest/base/types.hpp"

namespace prodigest::io {

inline bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) noexcept;

// Takes the next run of characters that are not blank off the front of `rest`; empty at its end.
std::string_view next_token(std::string_view& rest) noexcept;

// The double nearest to a decimal number, perhaps with "+" before it or blanks around it; also
// "nan" and "inf". False, and value undefined, if the text is anything else.
bool parse_number(std::string_view text, double& value) noexcept;

// A decimal integer that fits, without blanks.
bool parse_integer(std::string_view text, Index& value) noexcept;

bool is_utf8(std::string_view text) noexcept;

// The text in quotes, shortened, with control characters as \xNN.
std::string shown(std::string_view text);

}  // namespace prodigest::io
