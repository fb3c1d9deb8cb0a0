#pragma once
// Refusing options that a format would silently ignore.

#include <initializer_list>
#include <string_view>

#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {

// first_row, presence and block_bytes are of use to every format.
enum class ReadOption {
  kKey,
  kKeyEncoding,
  kColumns,
  kMissing,
  kHeader,
  kWords,
  kVocabularySize,
  kVocabulary,
  kArray,
  kZeroBased,
  kFeatures,
};

// @param format such as "a Matrix Market file"
// @throws Error{kInvalidArgument} if an option that is not among `used` differs from its default
void refuse_unused_options(std::string_view name, std::string_view format,
                           const ReadOptions& options, std::initializer_list<ReadOption> used);

}  // namespace prodigest::io
