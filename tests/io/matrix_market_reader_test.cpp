#include "io/matrix_market_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "io/reading.hpp"

namespace prodigest::io {
namespace {

using Rows = std::vector<std::vector<double>>;

constexpr std::uintmax_t kNeverStream = ~std::uintmax_t{0};

AllRows read(const std::string& text, const ReadOptions& options = {},
             std::uintmax_t stream_above_bytes = kNeverStream) {
  const TemporaryFile file("a.mtx", text);
  const auto reader = open_matrix_market(file.path(), options, stream_above_bytes);
  EXPECT_TRUE(reader->column_names().empty());
  return read_all(*reader);
}

Rows rows(const std::string& text) {
  const AllRows whole = read(text);
  const AllRows streamed = read(text, {}, 0);
  EXPECT_EQ(whole.values, streamed.values);
  EXPECT_EQ(whole.stored, streamed.stored);
  return rows_of(whole);
}

void expect_format_error(const std::string& text, std::initializer_list<std::string_view> parts) {
  for (const std::uintmax_t stream_above_bytes : {kNeverStream, std::uintmax_t{0}})
    expect_error(ErrorCode::kFormat, parts, [&] { read(text, {}, stream_above_bytes); });
}

const std::string kGeneral = "%%MatrixMarket matrix coordinate real general\n";

TEST(MatrixMarket, ReadsCoordinateFiles) {
  EXPECT_EQ(rows(kGeneral + "% comment\n\n 2 3 3\n2 3 -1.5\n 1 1 2\n1\t2 3e1\n"),
            (Rows{{2, 30, 0}, {0, 0, -1.5}}));
  EXPECT_EQ(rows("%%matrixmarket MATRIX Coordinate Integer GENERAL\r\n1 1 1\r\n1 1 7\r\n"),
            (Rows{{7}}));
  EXPECT_EQ(rows("%%MatrixMarket matrix coordinate pattern general\n2 2 2\n1 2\n2 1"),
            (Rows{{0, 1}, {1, 0}}));
  EXPECT_TRUE(read(kGeneral + "1 1 1\n1 1 7").sparse);
}

TEST(MatrixMarket, CompletesSymmetricMatrices) {
  EXPECT_EQ(rows("%%MatrixMarket matrix coordinate real symmetric\n3 3 3\n1 1 1\n2 1 2\n3 2 3\n"),
            (Rows{{1, 2, 0}, {2, 0, 3}, {0, 3, 0}}));
  EXPECT_EQ(rows("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 5\n"),
            (Rows{{0, -5}, {5, 0}}));
  EXPECT_EQ(rows("%%MatrixMarket matrix coordinate pattern symmetric\n2 2 2\n1 1\n2 1\n"),
            (Rows{{1, 1}, {1, 0}}));
}

TEST(MatrixMarket, ReadsArrayFilesByColumns) {
  EXPECT_EQ(rows("%%MatrixMarket matrix array real general\n2 3\n1\n2\n3\n4\n5\n6\n"),
            (Rows{{1, 3, 5}, {2, 4, 6}}));
  EXPECT_EQ(rows("%%MatrixMarket matrix array integer symmetric\n2 2\n1\n2\n3\n"),
            (Rows{{1, 2}, {2, 3}}));
  EXPECT_EQ(rows("%%MatrixMarket matrix array real skew-symmetric\n3 3\n1\n2\n3\n"),
            (Rows{{0, -1, -2}, {1, 0, -3}, {2, 3, 0}}));
  EXPECT_FALSE(read("%%MatrixMarket matrix array real general\n1 1\n1\n").sparse);
}

TEST(MatrixMarket, AddsDuplicatesAndDropsZeros) {
  const std::string text = kGeneral + "2 2 6\n1 1 0.5\n1 2 1\n1 1 0.25\n1 2 -1\n2 1 0\n2 2 1\n";
  EXPECT_EQ(rows(text), (Rows{{0.75, 0}, {0, 1}}));
  EXPECT_EQ(read(text).stored, 2);
}

TEST(MatrixMarket, ReadsEmptyRowsAndMatrices) {
  EXPECT_EQ(rows(kGeneral + "4 1 1\n3 1 1\n"), (Rows{{0}, {0}, {1}, {0}}));
  EXPECT_EQ(rows(kGeneral + "0 5 0\n"), Rows{});
  EXPECT_EQ(rows(kGeneral + "2 2 0\n"), (Rows{{0, 0}, {0, 0}}));
  EXPECT_EQ(read(kGeneral + "0 5 0\n").values.cols, 5);
  EXPECT_EQ(rows("%%MatrixMarket matrix array real general\n0 3\n"), Rows{});
}

TEST(MatrixMarket, ReadsGzip) {
  EXPECT_EQ(rows(gzipped(kGeneral + "1 1 1\n1 1 7\n")), (Rows{{7}}));
}

TEST(MatrixMarket, RefusesComplexMatrices) {
  for (const std::string field : {"complex general", "complex hermitian", "real hermitian"})
    expect_error(ErrorCode::kUnsupported,
                 {"a.mtx", "complex", "real and the imaginary part as two matrices"},
                 [&] { read("%%MatrixMarket matrix coordinate " + field + "\n1 1 1\n1 1 7 0\n"); });
}

TEST(MatrixMarket, RefusesOtherFiles) {
  for (const std::string text :
       {"", "5 0 0.0045\n6 0 0.24\n", "%%MatrixMarket vector coordinate real general\n",
        "% MatrixMarket matrix coordinate real general\n1 1 0\n"})
    expect_format_error(
        text, {"a.mtx", "not a Matrix Market file", "first line must be", "%%MatrixMarket matrix"});
  expect_format_error("%%MatrixMarket matrix sparse real general\n1 1 0\n",
                      {"coordinate or array", "\"sparse\""});
  expect_format_error("%%MatrixMarket matrix coordinate text general\n1 1 0\n",
                      {"pattern", "\"text\""});
  expect_format_error("%%MatrixMarket matrix array pattern general\n1 1\n",
                      {"real or integer", "\"pattern\""});
  expect_format_error("%%MatrixMarket matrix coordinate real\n1 1 0\n", {"skew-symmetric", "\"\""});
}

TEST(MatrixMarket, RefusesWrongSizes) {
  expect_format_error(kGeneral, {"sizes", "end of the file"});
  for (const std::string sizes : {"2 2", "2 2 2 2", "a 2 2", "-1 2 0", "2 2 99999999999999999999"})
    expect_format_error(kGeneral + sizes + "\n",
                        {"line 2", "numbers of rows, columns and entries", sizes});
  expect_format_error("%%MatrixMarket matrix array real general\n2 2 2\n",
                      {"numbers of rows and columns"});
  expect_format_error("%%MatrixMarket matrix coordinate real symmetric\n2 3 0\n",
                      {"as many rows as columns"});
  expect_format_error("%%MatrixMarket matrix array real general\n9223372036854775807 3\n",
                      {"cannot be"});
  expect_error(ErrorCode::kUnsupported, {"2147483647 columns", "2147483648"},
               [] { read(kGeneral + "1 2147483648 0\n"); });
}

TEST(MatrixMarket, RefusesWrongCounts) {
  expect_format_error(kGeneral + "2 2 2\n1 1 1\n", {"a.mtx", "expected 2 entries", "got 1"});
  expect_format_error(kGeneral + "2 2 1\n1 1 1\n2 2 2\n",
                      {"line 4", "expected 1 entries", "got more"});
  expect_format_error("%%MatrixMarket matrix array real general\n1000000000 1000000000\n1\n",
                      {"expected 1000000000000000000 entries", "got 1"});
}

TEST(MatrixMarket, RefusesIndicesOutOfRange) {
  for (const std::string entry : {"0 1 5", "1 0 5", "3 1 5", "1 4 5", "-1 1 5"})
    expect_format_error(kGeneral + "2 3 2\n1 1 1\n" + entry + "\n",
                        {"a.mtx: line 4", "row from 1 to 2", "column from 1 to 3"});
}

TEST(MatrixMarket, RefusesWrongEntries) {
  for (const std::string entry : {"1", "1 1 1 1", "x 1 1", "1.0 1 1"})
    expect_format_error(kGeneral + "2 2 1\n" + entry + "\n",
                        {"line 3", "row, column and value", entry});
  expect_format_error(kGeneral + "2 2 1\n1 1\n", {"line 3", "a value"});
  expect_format_error(kGeneral + "2 2 1\n1 1 a\n", {"line 3", "a value", "1 1 a"});
  for (const std::string value : {"nan", "inf", "-1e999"})
    expect_format_error(kGeneral + "2 2 1\n1 1 " + value + "\n", {"line 3", "finite", value});
  expect_format_error("%%MatrixMarket matrix coordinate pattern general\n2 2 1\n1 1 1\n",
                      {"line 3", "row and column"});
  expect_format_error("%%MatrixMarket matrix array real general\n1 1\n1 1\n",
                      {"line 3", "one value"});
}

TEST(MatrixMarket, RefusesTheOtherTriangle) {
  expect_format_error("%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n1 2 5\n",
                      {"line 3", "on or below the diagonal"});
  expect_format_error("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n1 1 5\n",
                      {"line 3", "below the diagonal"});
}

TEST(MatrixMarket, RefusesOptionsItHasNoUseFor) {
  ReadOptions options;
  options.key = {"id"};
  expect_error(ErrorCode::kInvalidArgument, {"a.mtx", "a Matrix Market file has no use for --key"},
               [&] { read(kGeneral + "1 1 0\n", options); });
}

std::string sorted_file(int row_count) {
  std::ostringstream text;
  text << kGeneral << row_count << " 50 " << 3 * row_count << "\n";
  for (int i = 0; i < row_count; ++i)
    for (int j = 0; j < 3; ++j)
      text << i + 1 << " " << (i * 7 + 40 - 17 * j) % 50 + 1 << " " << i + j + 0.5 << "\n";
  return text.str();
}

TEST(MatrixMarket, IsTheSameInBlocksOfAnySizeStreamedOrNot) {
  const std::string text = sorted_file(200);
  const AllRows whole = read(text);
  EXPECT_EQ(whole.blocks, 1);
  EXPECT_EQ(whole.stored, 600);
  for (const std::size_t bytes : {0u, 100u, 1000u})
    for (const std::uintmax_t stream_above_bytes : {kNeverStream, std::uintmax_t{0}}) {
      ReadOptions options;
      options.block_bytes = bytes;
      options.first_row = 9;
      const AllRows parts = read(text, options, stream_above_bytes);
      EXPECT_EQ(parts.values, whole.values);
      EXPECT_GT(parts.blocks, 5);
      EXPECT_FALSE(parts.has_row_ids);
      EXPECT_EQ(parts.row_ids.front(), 9u);
      EXPECT_EQ(parts.row_ids.back(), 208u);
    }
  ReadOptions options;
  options.block_bytes = 9;
  EXPECT_EQ(read("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n", options).blocks, 2);
}

TEST(MatrixMarket, Rewinds) {
  for (const std::uintmax_t stream_above_bytes : {kNeverStream, std::uintmax_t{0}}) {
    for (const std::string& text :
         {sorted_file(20), std::string("%%MatrixMarket matrix array real general\n2 1\n1\n2\n")}) {
      const TemporaryFile file("a.mtx", text);
      ReadOptions options;
      options.block_bytes = 8;
      const auto reader = open_matrix_market(file.path(), options, stream_above_bytes);
      RowBlock block;
      reader->next(block);
      reader->rewind();
      const AllRows first = read_all(*reader);
      EXPECT_EQ(first.values, read(text).values);
      reader->rewind();
      EXPECT_EQ(read_all(*reader).values, first.values);
    }
  }
}

TEST(MatrixMarket, TakesFilesThatAreNotSortedWholeThoughLarge) {
  EXPECT_EQ(rows_of(read(kGeneral + "2 1 2\n2 1 5\n1 1 4\n", {}, 0)), (Rows{{4}, {5}}));
}

struct RealFile {
  const char* name;
  Index rows, cols, stored;
};

class MatrixMarketCollection : public testing::TestWithParam<RealFile> {};

TEST_P(MatrixMarketCollection, IsRead) {
  const RealFile& expected = GetParam();
  const auto text = shared_data("matrixmarket/" + std::string(expected.name) + ".mtx.xz");
  if (!text) GTEST_SKIP() << "shared/data/matrixmarket is not there";
  const AllRows all = read(*text);
  EXPECT_EQ(all.values.rows, expected.rows);
  EXPECT_EQ(all.values.cols, expected.cols);
  EXPECT_EQ(all.stored, expected.stored);
}

// Counted by a few lines of Python.
const RealFile kRealFiles[] = {
    {"Erdos971", 472, 472, 2628},    {"Franz6_id1959_aug", 10592, 3016, 48472},
    {"bcsstk13", 2003, 2003, 83883}, {"dwt_878", 878, 878, 7448},
    {"lp_afiro", 27, 51, 102},       {"sparse-images-1024_subset", 1200, 1024, 122713},
    {"west0479", 479, 479, 1888},    {"zenios", 2873, 2873, 1314},
};
INSTANTIATE_TEST_SUITE_P(Files, MatrixMarketCollection, testing::ValuesIn(kRealFiles),
                         [](const auto& file) {
                           std::string name = file.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(MatrixMarket, ReadsARealFileAlikeInAnyOrder) {
  auto plain = shared_data("matrixmarket/comments_west0067.mtx.xz");
  const auto jumbled = shared_data("matrixmarket/west0067_jumbled.mtx.xz");
  if (!plain || !jumbled) GTEST_SKIP() << "shared/data/matrixmarket is not there";
  expect_format_error(*plain, {"a.mtx: line 6", "finite", "1 1 nan"});
  plain->replace(plain->find("67 67 295\n1 1 nan\n"), 18, "67 67 294\n");
  EXPECT_EQ(read(*plain).values, read(*jumbled).values);
}

TEST(MatrixMarket, ReadsATransposedFile) {
  const auto plain = shared_data("matrixmarket/lp_e226.mtx.xz");
  const auto transposed = shared_data("matrixmarket/lp_e226_transposed.mtx.xz");
  if (!plain || !transposed) GTEST_SKIP() << "shared/data/matrixmarket is not there";
  const Matrix<double> a = read(*plain).values;
  const Matrix<double> b = read(*transposed).values;
  ASSERT_EQ(a.rows, b.cols);
  ASSERT_EQ(a.cols, b.rows);
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < a.cols; ++j) ASSERT_EQ(a(i, j), b(j, i));
}

TEST(MatrixMarket, RefusesRealFilesThatAreComplexOrHeaderless) {
  const auto complex = shared_data("matrixmarket/young1c.mtx.xz");
  const auto headerless = shared_data("matrixmarket/mbeacxc.xz");
  if (!complex || !headerless) GTEST_SKIP() << "shared/data/matrixmarket is not there";
  expect_error(ErrorCode::kUnsupported, {"complex"}, [&] { read(*complex); });
  expect_format_error(*headerless, {"not a Matrix Market file"});
}

}  // namespace
}  // namespace prodigest::io
