#include "io/svmlight_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "io/reading.hpp"

namespace prodigest::io {
namespace {

using Rows = std::vector<std::vector<double>>;
using Names = std::vector<std::string>;

AllRows read(const std::string& text, const ReadOptions& options = {}) {
  const TemporaryFile file("a.svm", text);
  const auto reader = open_svmlight(file.path(), options);
  return read_all(*reader);
}

ReadOptions labels() {
  ReadOptions options;
  options.columns = {"label"};
  return options;
}

ReadOptions features(Index count, bool zero_based = false) {
  ReadOptions options;
  options.features = count;
  options.zero_based = zero_based;
  return options;
}

void expect_format_error(const std::string& text, std::initializer_list<std::string_view> parts,
                         const ReadOptions& options = {}) {
  expect_error(ErrorCode::kFormat, parts, [&] { read(text, options); });
}

const std::string kText = "# data\n+1 qid:3 1:0.5 3:-2 # a comment 9:9\n\n-1\n2.5\t2:1e3 3:0\r\n";
const Rows kRows = {{0.5, 0, -2}, {0, 0, 0}, {0, 1000, 0}};

TEST(Svmlight, ReadsFeatures) {
  const AllRows all = read(kText);
  EXPECT_EQ(rows_of(all), kRows);
  EXPECT_TRUE(all.sparse);
  EXPECT_EQ(all.stored, 3);  // no explicit zero
  EXPECT_EQ(all.row_ids, (std::vector<RowId>{0, 1, 2}));
  EXPECT_EQ(rows_of(read(gzipped(kText))), kRows);
  EXPECT_EQ(rows_of(read("1 1:2")), (Rows{{2}}));
}

TEST(Svmlight, ReadsLabels) {
  const TemporaryFile file("a.svm", kText);
  const auto reader = open_svmlight(file.path(), labels());
  EXPECT_EQ(reader->column_names(), Names{"label"});
  const AllRows all = read_all(*reader);
  EXPECT_FALSE(all.sparse);
  EXPECT_EQ(rows_of(all), (Rows{{1}, {-1}, {2.5}}));
}

TEST(Svmlight, TakesIndicesFromZeroIfTold) {
  EXPECT_EQ(rows_of(read("1 0:5 2:6\n", features(0, true))), (Rows{{5, 0, 6}}));
  expect_format_error("1 1:1\n1 0:5 2:6\n",
                      {"a.svm: line 2", "indices from 1", "--zero-based", "\"0:5\""});
}

TEST(Svmlight, TakesTheNumberOfFeaturesGiven) {
  EXPECT_EQ(rows_of(read("1 2:5\n", features(4))), (Rows{{0, 5, 0, 0}}));
  EXPECT_EQ(rows_of(read("1 3:5\n", features(4, true))), (Rows{{0, 0, 0, 5}}));
  EXPECT_EQ(read("", features(4)).values.cols, 4);
  expect_format_error("1 1:1\n1 5:5\n", {"line 2", "index from 1 to 4", "\"5:5\""}, features(4));
  expect_format_error("1 4:5\n", {"index from 0 to 3"}, features(4, true));
  for (const Index count : {Index{-1}, Index{1} << 31})
    expect_error(ErrorCode::kInvalidArgument, {"--features", std::to_string(count)},
                 [&] { read(kText, features(count)); });
}

TEST(Svmlight, RefusesAFileWithoutFeatures) {
  for (const std::string text : {"", "\n", "1\n-1\n"})
    expect_format_error(text, {"no feature", "--features"});
}

TEST(Svmlight, RefusesIndicesThatDoNotAscend) {
  expect_format_error("1 1:1\n1 2:1 1:5\n", {"line 2", "index above 2", "sort", "\"1:5\""});
  expect_format_error("1 2:1 2:5\n", {"line 1", "index above 2", "\"2:5\""});
}

TEST(Svmlight, RefusesWrongTokens) {
  for (const std::string token : {"1", ":", "1:", ":1", "a:1", "1:a", "1:2:3", "1.0:2"})
    expect_format_error("1 1:1\n1 " + token + "\n", {"line 2", "index:value", "\"" + token + "\""});
  expect_format_error("1 -1:2\n", {"index from 1"});
  expect_format_error("1 2147483648:2\n", {"index from 1 to 2147483647"});
  expect_format_error("1 99999999999999999999:2\n", {"index:value"});
  for (const std::string value : {"nan", "inf", "1e999"})
    expect_format_error("1 1:" + value + "\n", {"line 1", "finite value", value});
  expect_format_error("1,2 1:1\n", {"line 1", "number as label", "\"1,2\""});
  expect_format_error("inf 1:1\n", {"line 1", "finite label"});
  expect_format_error(std::string("1 1:1\0 2:1\n", 11), {"index:value", "1:1\\x00"});
}

TEST(Svmlight, RefusesOtherColumnsAndOptions) {
  ReadOptions options;
  options.columns = {"f1"};
  expect_error(ErrorCode::kInvalidArgument, {"a.svm", "\"label\"", "\"f1\""},
               [&] { read(kText, options); });
  options.columns = {"label", "f1"};
  expect_error(ErrorCode::kInvalidArgument, {"\"label\"", "\"label, f1\""},
               [&] { read(kText, options); });
  options = {};
  options.missing = MissingCells::kZero;
  expect_error(ErrorCode::kInvalidArgument, {"an svmlight file has no use for --missing"},
               [&] { read(kText, options); });
}

TEST(Svmlight, ReadsAPipeOnlyWithTheNumberOfFeatures) {
  {
    const PipedInput pipe(kText);
    expect_error(ErrorCode::kInvalidArgument, {"<stdin>", "--features"},
                 [] { open_svmlight("-", {}); });
    EXPECT_EQ(rows_of(read_all(*open_svmlight("-", features(3)))), kRows);
  }
  const PipedInput pipe(kText);
  EXPECT_EQ(read_all(*open_svmlight("-", labels())).values.rows, 3);
}

TEST(Svmlight, IsTheSameInBlocksOfAnySizeAndTwice) {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += std::to_string(i) + " " + std::to_string(i % 5 + 1) + ":1.5 " +
            std::to_string(i % 7 + 9) + ":2\n";
  const std::string long_line = "1 " + [] {
    std::string tokens;
    for (int i = 1; i <= 60'000; ++i) tokens += std::to_string(i) + ":" + std::to_string(i) + " ";
    return tokens;
  }();
  EXPECT_EQ(read(long_line).values(0, 59'999), 60'000.0);
  for (ReadOptions options : {ReadOptions{}, labels()}) {
    const AllRows whole = read(text, options);
    EXPECT_EQ(whole.blocks, 1);
    for (const std::size_t bytes : {0u, 60u, 500u}) {
      options.block_bytes = bytes;
      options.first_row = 4;
      const TemporaryFile file("a.svm", text);
      const auto reader = open_svmlight(file.path(), options);
      RowBlock block;
      reader->next(block);
      reader->rewind();
      for (int pass = 0; pass < 2; ++pass) {
        const AllRows parts = read_all(*reader);
        EXPECT_EQ(parts.values, whole.values);
        EXPECT_GT(parts.blocks, 3);
        EXPECT_EQ(parts.row_ids.front(), 4u);
        EXPECT_EQ(parts.row_ids.back(), 303u);
        reader->rewind();
      }
    }
  }
}

TEST(Svmlight, ReadsA9a) {
  const auto text = shared_data("libsvm/a9a.xz");
  if (!text) GTEST_SKIP() << "shared/data/libsvm is not there";
  const AllRows all = read(*text);
  EXPECT_EQ(all.values.rows, 32'560);
  EXPECT_LE(all.values.cols, 123);
  for (const double value : all.values.storage) ASSERT_TRUE(value == 0 || value == 1);
  const AllRows label = read(*text, labels());
  EXPECT_EQ(label.values.rows, 32'560);
}

}  // namespace
}  // namespace prodigest::io
