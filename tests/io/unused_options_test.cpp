#include "io/unused_options.hpp"

#include <gtest/gtest.h>

#include "io/reading.hpp"

namespace prodigest::io {
namespace {

using Change = void (*)(ReadOptions&);
struct Case {
  const char* flag;
  ReadOption option;
  Change change;
};
const Case kCases[] = {
    {"--key", ReadOption::kKey, [](ReadOptions& o) { o.key = {"id"}; }},
    {"--key-as", ReadOption::kKeyEncoding,
     [](ReadOptions& o) { o.key_encoding = KeyEncoding::kText; }},
    {"--columns", ReadOption::kColumns, [](ReadOptions& o) { o.columns = {"a"}; }},
    {"--missing", ReadOption::kMissing, [](ReadOptions& o) { o.missing = MissingCells::kZero; }},
    {"--no-header", ReadOption::kHeader, [](ReadOptions& o) { o.header = false; }},
    {"--words", ReadOption::kWords, [](ReadOptions& o) { o.words = "text"; }},
    {"--vocabulary", ReadOption::kVocabularySize,
     [](ReadOptions& o) { o.vocabulary_size = 3; }},
    {"--vocabulary", ReadOption::kVocabulary, [](ReadOptions& o) { o.vocabulary = {"a"}; }},
    {"--array", ReadOption::kArray, [](ReadOptions& o) { o.array.push_back('x'); }},
    {"--zero-based", ReadOption::kZeroBased, [](ReadOptions& o) { o.zero_based = true; }},
    {"--features", ReadOption::kFeatures, [](ReadOptions& o) { o.features = 3; }},
};

TEST(UnusedOptions, RefusesEachOptionThatIsSetAndNotUsed) {
  for (const Case& c : kCases) {
    ReadOptions options;
    c.change(options);
    expect_error(ErrorCode::kInvalidArgument,
                 {"a.x: ", "a thing has no use for ", c.flag, "leave it out"},
                 [&] { refuse_unused_options("a.x", "a thing", options, {}); });
    EXPECT_NO_THROW(refuse_unused_options("a.x", "a thing", options, {c.option}));
  }
}

TEST(UnusedOptions, LeavesDefaultsAndTheOptionsOfAllFormatsAlone) {
  ReadOptions options;
  options.first_row = 7;
  options.block_bytes = 1;
  EXPECT_NO_THROW(refuse_unused_options("a.x", "a thing", options, {}));
}

}  // namespace
}  // namespace prodigest::io
