#pragma once
/// From a table's key to the RowId that all machines agree on.
///
/// - An integer that fits 64 bits is its own RowId in two's complement, whatever its width, so that
///   the rows 0, 1, 2... of an array meet a key column that counts them.
/// - Text is the XXH3 64-bit hash of its UTF-8 bytes in Unicode normal form NFC: no trimming, no
///   change of case.
/// - A composite key is the XXH3 64-bit hash of its parts one after the other, each as a tag byte
///   ('i' or 't') and then 8 bytes of little-endian integer, or 8 bytes of little-endian length and
///   the NFC bytes.
/// - A cell of a text file is an integer exactly if it reads -?(0|[1-9][0-9]*) and fits (-0 is
///   text), so "7" meets 7 and "007" does not; KeyEncoding::kText takes every cell as text.

#include <cstdint>
#include <span>
#include <string_view>

#include "prodigest/base/types.hpp"

namespace prodigest {

enum class KeyEncoding {
  kTyped,  ///< integers are integers, the rest is text
  kText,   ///< everything is text, "7" and "007" alike
};

constexpr RowId row_id_of_integer(std::int64_t key) noexcept { return static_cast<RowId>(key); }

/// @throws Error{kInvalidArgument} if the bytes are not UTF-8.
RowId row_id_of_text(std::string_view utf8);

/// RowId of the key in one cell (parts.size() == 1) or several cells of a text file.
/// @throws Error{kInvalidArgument} if there is no part, or a part is not UTF-8.
RowId row_id_of_cells(std::span<const std::string_view> parts,
                      KeyEncoding encoding = KeyEncoding::kTyped);

}  // namespace prodigest
