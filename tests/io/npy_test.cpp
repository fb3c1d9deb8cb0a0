#include "prodigest/io/npy.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "io/npy_bytes.hpp"
#include "io/npy_reader.hpp"
#include "io/reading.hpp"

namespace prodigest::io {
namespace {

using Rows = std::vector<std::vector<double>>;

AllRows read(const std::string& bytes, const ReadOptions& options = {}) {
  const auto reader = npy_rows(memory_stream("a.npy", as_byte_vector(bytes)), options);
  return read_all(*reader);
}

// Element (i, j) is 100 i + j, as type Element, stored in C or Fortran order.
template <class Element>
std::string counted(const std::string& dtype, Index rows, Index cols, bool fortran_order = false) {
  std::vector<Element> elements;
  for (Index e = 0; e < rows * cols; ++e) {
    const Index i = fortran_order ? e % rows : e / cols;
    const Index j = fortran_order ? e / rows : e % cols;
    elements.push_back(static_cast<Element>(100 * i + j));
  }
  return npy_bytes(dtype, {rows, cols}, elements, fortran_order);
}

template <class Element>
void expect_extremes(const std::string& dtype) {
  const std::vector<Element> elements{std::numeric_limits<Element>::lowest(), Element{0},
                                      Element{1}, std::numeric_limits<Element>::max()};
  const AllRows all = read(npy_bytes(dtype, {2, 2}, elements));
  const Rows expected{{static_cast<double>(elements[0]), 0}, {1, static_cast<double>(elements[3])}};
  EXPECT_EQ(rows_of(all), expected) << dtype;
  EXPECT_EQ(all.single_precision, dtype == "<f4") << dtype;
}

TEST(Npy, EveryRealTypeIsReadExactlyAndOnlyFloatStaysFloat) {
  expect_extremes<std::int8_t>("|i1");
  expect_extremes<std::int16_t>("<i2");
  expect_extremes<std::int32_t>("<i4");
  expect_extremes<std::uint8_t>("|u1");
  expect_extremes<std::uint16_t>("<u2");
  expect_extremes<std::uint32_t>("<u4");
  expect_extremes<float>("<f4");
  expect_extremes<double>("<f8");
  const std::string bools = npy_bytes("|b1", {2, 2}, std::vector<std::uint8_t>{0, 1, 1, 0});
  EXPECT_EQ(rows_of(read(bools)), (Rows{{0, 1}, {1, 0}}));
}

TEST(Npy, Integers64AreReadIfADoubleHoldsThem) {
  const std::int64_t most = std::int64_t{1} << 53;
  const std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(rows_of(read(npy_bytes("<i8", {2, 2}, std::vector{most, -most, lowest, most + 2}))),
            (Rows{{0x1p53, -0x1p53}, {-0x1p63, 0x1p53 + 2}}));
  EXPECT_EQ(rows_of(read(npy_bytes("<u8", {1}, std::vector{std::uint64_t{1} << 63}))),
            (Rows{{0x1p63}}));
}

TEST(Npy, Integers64ThatADoubleCannotHoldAreRefusedWithTheirPlace) {
  const auto expect_refusal = [](auto value, const std::string& dtype, bool fortran_order) {
    std::vector<decltype(value)> elements(6, 1);
    elements.back() = value;
    expect_error(ErrorCode::kInvalidArgument,
                 {"a.npy: row 2, column 1", std::to_string(value), "astype('<f8')"}, [&] {
                   read(npy_bytes(dtype, {3, 2}, elements, fortran_order), {.block_bytes = 16});
                 });
  };
  for (const bool fortran_order : {false, true}) {
    expect_refusal((std::int64_t{1} << 53) + 1, "<i8", fortran_order);
    expect_refusal(-(std::int64_t{1} << 53) - 1, "<i8", fortran_order);
    expect_refusal(std::numeric_limits<std::int64_t>::max(), "<i8", fortran_order);
    expect_refusal((std::uint64_t{1} << 53) + 1, "<u8", fortran_order);
    expect_refusal(std::numeric_limits<std::uint64_t>::max(), "<u8", fortran_order);
  }
}

TEST(Npy, FilesOfNumpyAreRead) {
  Rows expected;
  for (int i = 0; i < 5; ++i) expected.push_back({10 * i - 7.5, 10 * i - 6.5, 10 * i - 5.5});
  EXPECT_EQ(rows_of(read(golden_bytes("f8.npy"))), expected);
  EXPECT_EQ(rows_of(read(golden_bytes("f4.npy"))), expected);
  for (auto& row : expected) {
    for (double& x : row) x += 0.5;
  }
  EXPECT_EQ(rows_of(read(golden_bytes("i8_fortran.npy"))), expected);
}

TEST(Npy, AVectorIsOneColumn) {
  const AllRows all = read(golden_bytes("vector.npy"));
  EXPECT_EQ(all.values.cols, 1);
  EXPECT_EQ(rows_of(all), (Rows{{0}, {1}, {2}, {3}}));
}

TEST(Npy, OtherDimensionsAreRefusedWithTheShape) {
  expect_error(ErrorCode::kUnsupported, {"a.npy", "shape ()"},
               [] { read(npy_bytes("<f8", {}, std::vector{1.0})); });
  expect_error(ErrorCode::kUnsupported, {"a.npy", "shape (2, 1, 2)"}, [] {
    read(npy_bytes("<f8", {2, 1, 2}, std::vector<double>(4)));
  });
}

TEST(Npy, NoRowsOrNoColumnsAreFine) {
  for (const bool fortran_order : {false, true}) {
    const AllRows no_rows = read(counted<double>("<f8", 0, 3, fortran_order));
    EXPECT_EQ(no_rows.values.rows, 0);
    EXPECT_EQ(no_rows.values.cols, 3);
    const AllRows no_cols = read(counted<double>("<f8", 3, 0, fortran_order));
    EXPECT_EQ(no_cols.values.rows, 3);
    EXPECT_EQ(no_cols.values.cols, 0);
    EXPECT_EQ(read(counted<double>("<f8", 0, 0, fortran_order)).values.rows, 0);
  }
}

TEST(Npy, BlocksOfAnySizeInBothOrdersHoldTheSameRows) {
  const Index shapes[][2] = {{1, 1}, {1, 9}, {9, 1}, {37, 5}, {40, 33}};
  for (const auto& [rows, cols] : shapes) {
    const Rows expected = rows_of(read(counted<double>("<f8", rows, cols)));
    EXPECT_EQ(expected.back().back(), static_cast<double>(100 * (rows - 1) + cols - 1));
    for (const bool fortran_order : {false, true}) {
      for (const std::size_t block_bytes : {0, 1, 16, 100, 1000, 1 << 20}) {
        const ReadOptions options{.first_row = 7, .block_bytes = block_bytes};
        for (const std::string& bytes : {counted<double>("<f8", rows, cols, fortran_order),
                                         counted<float>("<f4", rows, cols, fortran_order),
                                         counted<std::int16_t>("<i2", rows, cols, fortran_order),
                                         counted<std::int64_t>("<i8", rows, cols, fortran_order)}) {
          const AllRows all = read(bytes, options);
          EXPECT_EQ(rows_of(all), expected);
          for (Index i = 0; i < rows; ++i) EXPECT_EQ(all.row_ids[i], static_cast<RowId>(i + 7));
          EXPECT_TRUE(block_bytes > 0 || all.blocks == rows);
        }
      }
    }
  }
}

TEST(Npy, ChosenColumnsComeInTheirOrderWithTheirNumbersAsNames) {
  for (const bool fortran_order : {false, true}) {
    for (const std::string& bytes : {counted<double>("<f8", 20, 5, fortran_order),
                                     counted<std::uint16_t>("<u2", 20, 5, fortran_order)}) {
      const ReadOptions options{.columns = {"3", "0"}, .block_bytes = 64};
      const auto reader = npy_rows(memory_stream("a.npy", as_byte_vector(bytes)), options);
      EXPECT_EQ(reader->cols(), 2);
      EXPECT_EQ(reader->column_names(), options.columns);
      const Rows rows = rows_of(read_all(*reader));
      ASSERT_EQ(rows.size(), 20u);
      for (int i = 0; i < 20; ++i) EXPECT_EQ(rows[i], (std::vector{100.0 * i + 3, 100.0 * i}));
    }
  }
}

TEST(Npy, ColumnsThatAreNotThereAreRefused) {
  const std::string bytes = counted<double>("<f8", 2, 3);
  for (const char* column : {"3", "-1", "size", "", "1.0", "1 ", "99999999999999999999"}) {
    expect_error(ErrorCode::kInvalidArgument, {"a.npy", "3 columns", std::string("\"") + column},
                 [&] { read(bytes, {.columns = {column}}); });
  }
  expect_error(ErrorCode::kInvalidArgument, {"column 1 is chosen twice"}, [&] {
    read(bytes, {.columns = {"1", "0", "1"}});
  });
}

TEST(Npy, ColumnsLeftOutMayHoldWhatADoubleCannot) {
  const std::vector<std::int64_t> elements{1, (std::int64_t{1} << 53) + 1};
  EXPECT_EQ(rows_of(read(npy_bytes("<i8", {1, 2}, elements), {.columns = {"0"}})), (Rows{{1}}));
}

TEST(Npy, RewindBeginsAgainFromAnywhere) {
  for (const bool fortran_order : {false, true}) {
    const TemporaryFile file("a.npy", counted<double>("<f8", 10, 2, fortran_order));
    const auto reader = open_npy(file.path(), {.block_bytes = 32});
    for (const int blocks_before : {0, 1, 3, 99}) {
      RowBlock block;
      for (int i = 0; i < blocks_before && reader->next(block); ++i) {
      }
      reader->rewind();
      const AllRows all = read_all(*reader);
      EXPECT_EQ(all.values.rows, 10);
      EXPECT_EQ(all.values(9, 1), 901);
      EXPECT_FALSE(reader->next(block));
      reader->rewind();
    }
  }
}

TEST(Npy, GzippedFilesAreReadInBothOrders) {
  for (const bool fortran_order : {false, true}) {
    const std::string bytes = counted<std::int32_t>("<i4", 30, 7, fortran_order);
    const TemporaryFile file("a.npy.gz", gzipped(bytes));
    const auto reader = open_npy(file.path(), {.block_bytes = 200});
    EXPECT_EQ(rows_of(read_all(*reader)), rows_of(read(bytes)));
    reader->rewind();
    EXPECT_EQ(rows_of(read_all(*reader)), rows_of(read(bytes)));
  }
}

TEST(Npy, AReaderMayGoWhileABlockIsBeingRead) {
  const TemporaryFile file("a.npy", counted<double>("<f8", 100, 100));
  for (int i = 0; i < 50; ++i) {
    const auto reader = open_npy(file.path(), {.block_bytes = 8000});
    RowBlock block;
    EXPECT_TRUE(i % 2 == 0 || reader->next(block));
  }
}

TEST(Npy, AnErrorComesWithItsBlockAndAgain) {
  std::vector<std::int64_t> elements(10, 1);
  elements[5] = std::numeric_limits<std::int64_t>::max();
  const auto bytes = as_byte_vector(npy_bytes("<i8", {10}, elements));
  const auto reader = npy_rows(memory_stream("a.npy", bytes), {.block_bytes = 16});
  RowBlock block;
  EXPECT_TRUE(reader->next(block));
  EXPECT_TRUE(reader->next(block));
  for (int i = 0; i < 3; ++i) {
    expect_error(ErrorCode::kInvalidArgument, {"a.npy: element 5"}, [&] { reader->next(block); });
  }
  reader->rewind();
  EXPECT_TRUE(reader->next(block));
}

TEST(Npy, OptionsOfTablesAreRefused) {
  const TemporaryFile file("a.npy", counted<double>("<f8", 2, 3));
  expect_error(ErrorCode::kInvalidArgument, {"a.npy", "--key"},
               [&] { open_npy(file.path(), {.key = {"id"}}); });
  expect_error(ErrorCode::kInvalidArgument, {"a.npy", "--array"},
               [&] { open_npy(file.path(), {.array = "x"}); });
}

TEST(SaveNpy, WritesWhatNumpyWrites) {
  Matrix<double> wide(5, 4);
  Matrix<float> narrow(5, 3);
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < 3; ++j) {
      wide(i, j) = 10 * i + j - 7.5;
      narrow(i, j) = static_cast<float>(wide(i, j));
    }
  }
  const TemporaryFile file("a.npy", "");
  save_npy(file.path(), MatrixView<const double>(wide.storage.data(), 5, 3, 4));
  EXPECT_EQ(file_bytes(file.path()), golden_bytes("f8.npy"));
  save_npy(file.path(), std::as_const(narrow).view());
  EXPECT_EQ(file_bytes(file.path()), golden_bytes("f4.npy"));
}

TEST(SaveNpyVector, WritesAVectorAndNotAMatrixOfOneColumn) {
  const TemporaryFile file("a.npy", "");
  for (const std::vector<double>& vector : {std::vector<double>{}, std::vector<double>{1.5, -2}}) {
    save_npy_vector(file.path(), vector);
    EXPECT_EQ(file_bytes(file.path()),
              npy_bytes("<f8", {static_cast<Index>(vector.size())}, vector));
    EXPECT_EQ(load_npy_vector(file.path()), vector);
  }
}

TEST(LoadNpy, GivesBackWhatWasSaved) {
  const TemporaryFile file("a.npy", "");
  for (const Matrix<double>& matrix :
       {Matrix<double>(0, 0), Matrix<double>(0, 4), Matrix<double>(3, 0), Matrix<double>(300, 7)}) {
    save_npy(file.path(), matrix.view());
    EXPECT_EQ(load_npy(file.path()), matrix);
  }
}

TEST(LoadNpyVector, TakesOneColumnAndNoMore) {
  EXPECT_EQ(load_npy_vector(golden_path("vector.npy")), (std::vector<double>{0, 1, 2, 3}));
  const TemporaryFile file("a.npy", counted<float>("<f4", 2, 1));
  EXPECT_EQ(load_npy_vector(file.path()), (std::vector<double>{0, 100}));
  expect_error(ErrorCode::kInvalidArgument, {"f8.npy", "got 3 columns"},
               [] { load_npy_vector(golden_path("f8.npy")); });
}

TEST(FloatArray, OfAnyShapeComesBackAsItWasSaved) {
  const TemporaryFile file("a.npy", "");
  for (const FloatArray& array :
       {FloatArray{{2, 3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12.5f}},
        FloatArray{{1, 2, 1, 2}, {1, -2, 3, 0}}, FloatArray{{4}, {1, 2, 3, 4}},
        FloatArray{{}, {7}}, FloatArray{{2, 0, 3}, {}}}) {
    save_npy(file.path(), array);
    EXPECT_EQ(load_npy_floats(file.path()), array);
    EXPECT_EQ(file_bytes(file.path()), npy_bytes("<f4", array.shape, array.values));
  }
}

TEST(FloatArray, RoundsWhatIsWider) {
  const TemporaryFile doubles("a.npy", npy_bytes("<f8", {1, 1, 2}, std::vector<double>{0.1, 3}));
  EXPECT_EQ(load_npy_floats(doubles.path()), (FloatArray{{1, 1, 2}, {0.1f, 3}}));
  const TemporaryFile integers("b.npy",
                               npy_bytes("<i4", {2, 1, 1}, std::vector<std::int32_t>{-5, 7}));
  EXPECT_EQ(load_npy_floats(integers.path()), (FloatArray{{2, 1, 1}, {-5, 7}}));
}

TEST(FloatArray, IsNotReadByColumnsUnlessThatIsTheSame) {
  const TemporaryFile row("a.npy", npy_bytes("<f4", {1, 3, 1}, std::vector<float>{1, 2, 3}, true));
  EXPECT_EQ(load_npy_floats(row.path()), (FloatArray{{1, 3, 1}, {1, 2, 3}}));
  const TemporaryFile matrix("b.npy", npy_bytes("<f4", {2, 1, 2}, std::vector<float>(4), true));
  expect_error(ErrorCode::kUnsupported, {"b.npy", "Fortran order", "ascontiguousarray"},
               [&] { load_npy_floats(matrix.path()); });
}

TEST(FloatArray, DoesNotTakeAFileThatIsTooLongOrTooShort) {
  const std::string bytes = npy_bytes("<f4", {2, 1, 2}, std::vector<float>(4));
  const TemporaryFile cut("a.npy", bytes.substr(0, bytes.size() - 1));
  expect_error(ErrorCode::kFormat, {"a.npy", "truncated"}, [&] { load_npy_floats(cut.path()); });
  const TemporaryFile more("b.npy", bytes + "x");
  expect_error(ErrorCode::kFormat, {"b.npy"}, [&] { load_npy_floats(more.path()); });
}

}  // namespace
}  // namespace prodigest::io
