// A column of ones in front of whatever a file holds.

#include "io/presence.hpp"

#include <gtest/gtest.h>

#include "io/memory_rows.hpp"
#include "io/npy_bytes.hpp"
#include "io/reading.hpp"
#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {
namespace {

using Names = std::vector<std::string>;
using Rows = std::vector<std::vector<double>>;

std::unique_ptr<RowReader> open(const TemporaryFile& file, ReadOptions options = {}) {
  options.presence = true;
  return open_rows(file.path(), options);
}

TEST(Presence, IsAOneInFrontOfEveryDenseRow) {
  const TemporaryFile file("a.csv", "id,x,y\nu,2,0\nv,0,0\nw,-1,5\n");
  const auto reader = open(file, {.key = {"id"}});
  EXPECT_EQ(reader->cols(), 3);
  EXPECT_EQ(reader->column_names(), (Names{"present", "x", "y"}));
  const AllRows all = read_all(*reader);
  EXPECT_EQ(rows_of(all), (Rows{{1, 2, 0}, {1, 0, 0}, {1, -1, 5}}));
  EXPECT_FALSE(all.sparse);
  const AllRows plain = read_all(*open_rows(file.path(), {.key = {"id"}}));
  EXPECT_EQ(all.row_ids, plain.row_ids);
  EXPECT_EQ(all.has_row_ids, plain.has_row_ids);
}

TEST(Presence, IsAOneInFrontOfEverySparseRowEmptyOnesToo) {
  const TemporaryFile file("a.mtx",
                           "%%MatrixMarket matrix coordinate real general\n3 2 2\n1 2 4\n3 1 5\n");
  const AllRows all = read_all(*open(file));
  EXPECT_TRUE(all.sparse);
  EXPECT_EQ(rows_of(all), (Rows{{1, 0, 4}, {1, 0, 0}, {1, 5, 0}}));
  EXPECT_EQ(all.stored, 5);
}

TEST(Presence, OfRowsThatDoNotBeginTheirArrayIsThatOfTheRows) {
  CsrMatrix<float> csr;
  csr.row_start = {0, 1, 1, 3};
  csr.columns = {0, 0, 1};
  csr.values = {9, 2, 3};
  csr.cols = 2;
  const auto sparse =
      with_presence(std::make_unique<MemoryRows>(RowsView(csr.view().slice(1, 2))), "a");
  const AllRows all = read_all(*sparse);
  EXPECT_EQ(rows_of(all), (Rows{{1, 0, 0}, {1, 2, 3}}));
  EXPECT_TRUE(all.single_precision);

  Matrix<float> dense(2, 3);
  dense.storage = {1, 2, 3, 4, 5, 6};
  const MatrixView<const float> narrow(dense.storage.data(), 2, 2, 3);
  const AllRows wide = read_all(*with_presence(std::make_unique<MemoryRows>(narrow), "a"));
  EXPECT_EQ(rows_of(wide), (Rows{{1, 1, 2}, {1, 4, 5}}));
  EXPECT_TRUE(wide.single_precision);
}

TEST(Presence, NumbersColumnsThatHaveNoNames) {
  const TemporaryFile file("a.npy", npy_bytes("<f8", {1, 2}, std::vector<double>{7, 8}));
  EXPECT_EQ(open(file)->column_names(), (Names{"present", "0", "1"}));
  EXPECT_EQ(open(file, {.columns = {"1"}})->column_names(), (Names{"present", "1"}));
  const TemporaryFile empty("a.npy", npy_bytes("<f8", {0, 2}, std::vector<double>{}));
  EXPECT_EQ(read_all(*open(empty)).values.rows, 0);
}

TEST(Presence, IsThereInEveryBlockAndAfterRewinding) {
  std::vector<double> values(1000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  const TemporaryFile file("a.npy", npy_bytes("<f8", {500, 2}, values));
  const auto reader = open(file, {.first_row = 7, .block_bytes = 320});
  const AllRows all = read_all(*reader);
  EXPECT_GT(all.blocks, 10);
  EXPECT_EQ(all.row_ids.front(), 7u);
  for (Index i = 0; i < 500; ++i) {
    EXPECT_EQ(all.values(i, 0), 1);
    EXPECT_EQ(all.values(i, 2), static_cast<double>(2 * i + 1));
  }
  reader->rewind();
  EXPECT_EQ(read_all(*reader).values, all.values);
}

TEST(Presence, IsRefusedWhereAColumnHasItsName) {
  const TemporaryFile file("a.csv", "id,present,y\nu,2,3\n");
  expect_error(ErrorCode::kInvalidArgument, {"a.csv", "--presence", "\"present\"", "--columns"},
               [&] { open(file, {.key = {"id"}}); });
  EXPECT_EQ(open(file, {.key = {"id"}, .columns = {"y"}})->cols(), 2);
  const TemporaryFile words("w.csv", "id,text\nu,past present\n");
  expect_error(ErrorCode::kInvalidArgument, {"w.csv", "\"present\""},
               [&] { open(words, {.key = {"id"}, .words = "text"}); });
}

TEST(Presence, IsInFrontOfWords) {
  const TemporaryFile file("w.csv", "id,text\nu,red green\nv,\n");
  const auto reader = open(file, {.key = {"id"}, .words = "text"});
  EXPECT_EQ(reader->column_names(), (Names{"present", "green", "red"}));
  EXPECT_EQ(rows_of(read_all(*reader)), (Rows{{1, 1, 1}, {1, 0, 0}}));
}

TEST(Presence, KeepsTheNotesOfTheReader) {
  const TemporaryFile file("a.csv", "name,x\nu,2\n");
  EXPECT_EQ(open(file)->notes(), open_rows(file.path())->notes());
  EXPECT_EQ(open(file)->notes().size(), 1u);
}

}  // namespace
}  // namespace prodigest::io
