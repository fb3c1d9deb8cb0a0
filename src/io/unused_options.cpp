#include "io/unused_options.hpp"

#include <algorithm>

#include "base/fail.hpp"

namespace prodigest::io {

void refuse_unused_options(std::string_view name, std::string_view format,
                           const ReadOptions& options, std::initializer_list<ReadOption> used) {
  const ReadOptions unset;
  const auto check = [&](ReadOption option, bool is_set, std::string_view flag) {
    if (is_set && std::find(used.begin(), used.end(), option) == used.end())
      fail(ErrorCode::kInvalidArgument, "{}: {} has no use for {} (leave it out)", name, format,
           flag);
  };
  check(ReadOption::kKey, !options.key.empty(), "--key");
  check(ReadOption::kKeyEncoding, options.key_encoding != unset.key_encoding, "--key-as");
  check(ReadOption::kColumns, !options.columns.empty(), "--columns");
  check(ReadOption::kMissing, options.missing != unset.missing, "--missing");
  check(ReadOption::kHeader, options.header != unset.header, "--no-header");
  check(ReadOption::kWords, !options.words.empty(), "--words");
  check(ReadOption::kVocabularySize, options.vocabulary_size != unset.vocabulary_size,
        "--vocabulary");
  check(ReadOption::kVocabulary, !options.vocabulary.empty(), "--vocabulary");
  check(ReadOption::kArray, !options.array.empty(), "--array");
  check(ReadOption::kZeroBased, options.zero_based, "--zero-based");
  check(ReadOption::kFeatures, options.features != 0, "--features");
}

}  // namespace prodigest::io
