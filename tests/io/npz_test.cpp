#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "io/npy_bytes.hpp"
#include "io/npz_reader.hpp"
#include "io/reading.hpp"

namespace prodigest::io {
namespace {

using Rows = std::vector<std::vector<double>>;

// The matrix of the sparse files in data/.
const Rows kSparse{{0, 1.5, 0, -2}, {0, 0, 0, 0},     {4, 0, 0, 0},
                   {0, 0, 8, 0},    {16, 0, 0, 0.75}, {0, -32, 0, 0}};

AllRows read(const std::filesystem::path& path, const ReadOptions& options = {}) {
  const auto reader = open_npz(path, options);
  return read_all(*reader);
}

AllRows read_bytes(const std::string& bytes, const ReadOptions& options = {}) {
  const TemporaryFile file("a.npz", bytes);
  return read(file.path(), options);
}

// The members of a save_npz file, to be changed before they are packed.
struct SparseFile {
  std::map<std::string, std::string> members;

  explicit SparseFile(const std::string& format) {
    members["format.npy"] = npy_bytes("|S3", {}, std::vector<char>(format.begin(), format.end()));
    set<std::int64_t>("shape", {3, 4});
    set<double>("data", {1, 2, 3, 4});
    set<std::int32_t>("indices", {0, 3, 1, 2});
    if (format == "csr") set<std::int32_t>("indptr", {0, 2, 2, 4});
    if (format == "csc") set<std::int32_t>("indices", {0, 2, 1, 2});
    if (format == "csc") set<std::int32_t>("indptr", {0, 1, 1, 3, 4});
    if (format == "coo") set<std::int32_t>("row", {0, 0, 2, 2});
    if (format == "coo") set<std::int32_t>("col", {0, 3, 1, 2});
  }

  template <class Element>
  void set(const std::string& name, const std::vector<Element>& elements) {
    const std::string dtype =
        (std::is_floating_point_v<Element> ? "<f" : "<i") + std::to_string(sizeof(Element));
    members[name + ".npy"] = npy_bytes(dtype, {static_cast<Index>(elements.size())}, elements);
  }
  AllRows rows(const ReadOptions& options = {}) const {
    return read_bytes(zip_bytes({members.begin(), members.end()}), options);
  }
};

TEST(Npz, TheOnlyArrayIsReadStoredOrCompressed) {
  const auto expect_counted = [](const AllRows& all) {
    EXPECT_EQ(all.values.rows, 5);
    EXPECT_EQ(all.values.cols, 3);
    EXPECT_EQ(all.values(4, 2), 34.5);
    EXPECT_FALSE(all.sparse);
  };
  const AllRows all = read(golden_path("one.npz"));
  expect_counted(all);
  EXPECT_TRUE(all.single_precision);
  for (const bool compress : {false, true}) {
    for (const std::size_t block_bytes : {0, 30, 1000}) {
      expect_counted(read_bytes(zip_bytes({{"x.npy", golden_bytes("f8.npy")}}, compress),
                                {.block_bytes = block_bytes}));
    }
  }
}

TEST(Npz, AnArrayIsChosenByName) {
  EXPECT_EQ(read(golden_path("two.npz"), {.array = "a"}).values.cols, 3);
  EXPECT_EQ(rows_of(read(golden_path("two.npz"), {.array = "b"})), (Rows{{0}, {1}, {2}, {3}}));
  EXPECT_EQ(read(golden_path("csr.npz"), {.array = "data"}).values.rows, 8);
}

TEST(Npz, WithoutAChoiceAmongSeveralTheNamesAreListed) {
  expect_error(ErrorCode::kInvalidArgument, {"two.npz", "got 2", "--array", "a, b"},
               [] { read(golden_path("two.npz")); });
  expect_error(ErrorCode::kInvalidArgument, {"two.npz", "\"c\"", "a, b"},
               [] { read(golden_path("two.npz"), {.array = "c"}); });
  expect_error(ErrorCode::kFormat, {"a.npz", "found none"}, [] {
    read_bytes(zip_bytes({{"readme.txt", "hello"}}));
  });
}

TEST(Npz, ArraysInFortranOrderAreRead) {
  const std::string bytes = zip_bytes({{"x.npy", golden_bytes("i8_fortran.npy")}});
  const AllRows all = read_bytes(bytes, {.columns = {"2", "1"}, .block_bytes = 40});
  ASSERT_EQ(all.values.rows, 5);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(all.values(i, 0), 10 * i - 5);
    EXPECT_EQ(all.values(i, 1), 10 * i - 6);
  }
}

TEST(Npz, SparseFilesOfScipyInAllFormatsHoldTheSameRows) {
  for (const char* name :
       {"csr.npz", "csr_i64.npz", "csr_f4.npz", "csr_array.npz", "csc.npz", "coo.npz"}) {
    for (const std::size_t block_bytes : {0, 8, 20, 50, 1 << 20}) {
      const AllRows all = read(golden_path(name), {.first_row = 5, .block_bytes = block_bytes});
      EXPECT_TRUE(all.sparse);
      EXPECT_EQ(rows_of(all), kSparse) << name << " " << block_bytes;
      EXPECT_EQ(all.stored, 7) << name;
      EXPECT_EQ(all.row_ids, (std::vector<RowId>{5, 6, 7, 8, 9, 10}));
      EXPECT_EQ(all.single_precision, std::string(name) == "csr_f4.npz");
    }
  }
  expect_error(ErrorCode::kUnsupported, {"bsr.npz", "got bsr", "tocsr()"},
               [] { read(golden_path("bsr.npz")); });
}

TEST(Npz, RowsOfASparseFileMayBeUnsortedAndRepeatedAndZero) {
  SparseFile file("csr");
  file.set<double>("data", {1, 2, 3, 7, 8, -1, 0, 5});
  file.set<std::int32_t>("indices", {2, 0, 2, 1, 1, 3, 1, 3});
  file.set<std::int32_t>("indptr", {0, 3, 5, 8});
  const AllRows all = file.rows();
  EXPECT_EQ(rows_of(all), (Rows{{2, 0, 4, 0}, {0, 15, 0, 0}, {0, 0, 0, 4}}));
  EXPECT_EQ(all.stored, 4);
}

TEST(Npz, ChosenColumnsOfASparseFileComeInTheirOrder) {
  const ReadOptions options{.columns = {"3", "0"}, .block_bytes = 40};
  for (const char* name : {"csr.npz", "csc.npz", "coo.npz"}) {
    const AllRows all = read(golden_path(name), options);
    EXPECT_EQ(rows_of(all), (Rows{{-2, 0}, {0, 0}, {0, 4}, {0, 0}, {0.75, 16}, {0, 0}})) << name;
    EXPECT_EQ(open_npz(golden_path(name), options)->column_names(), options.columns);
  }
  expect_error(ErrorCode::kInvalidArgument, {"csr.npz", "\"4\""},
               [] { read(golden_path("csr.npz"), {.columns = {"4"}}); });
}

TEST(Npz, RewindBeginsAgainFromAnywhere) {
  for (const char* name : {"csr.npz", "csc.npz", "one.npz"}) {
    const auto reader = open_npz(golden_path(name), {.block_bytes = 16});
    const AllRows first = read_all(*reader);
    for (const int blocks_before : {0, 1, 2}) {
      reader->rewind();
      RowBlock block;
      for (int i = 0; i < blocks_before; ++i) reader->next(block);
      reader->rewind();
      EXPECT_EQ(read_all(*reader).values, first.values) << name;
    }
  }
}

TEST(Npz, SparseMatricesOfNoRowsOrColumnsOrEntriesAreFine) {
  for (const std::string format : {"csr", "csc", "coo"}) {
    for (const auto& [rows, cols] :
         {std::pair(0, 4), std::pair(3, 0), std::pair(0, 0), std::pair(3, 4)}) {
      SparseFile file(format);
      file.set<std::int64_t>("shape", {rows, cols});
      file.set<double>("data", {});
      for (const char* name : {"indices", "row", "col"}) file.set<std::int32_t>(name, {});
      file.set<std::int32_t>("indptr",
                             std::vector<std::int32_t>((format == "csr" ? rows : cols) + 1));
      const AllRows all = file.rows();
      EXPECT_EQ(all.values.rows, rows) << format;
      EXPECT_EQ(all.values.cols, cols) << format;
    }
  }
}

TEST(Npz, CsrArraysThatDoNotFitEachOtherAreRefusedWithThePlace) {
  const auto expect_refusal = [](const std::string& name, auto elements,
                                 std::initializer_list<std::string_view> parts) {
    SparseFile file("csr");
    file.set(name, elements);
    expect_error(ErrorCode::kFormat, parts, [&] { file.rows({.block_bytes = 8}); });
  };
  using Ints = std::vector<std::int32_t>;
  using Longs = std::vector<std::int64_t>;
  expect_refusal("indptr", Ints{1, 2, 2, 4}, {"indptr.npy: element 0", "got 1"});
  expect_refusal("indptr", Ints{0, 2, 1, 4}, {"indptr.npy: element 2", "from 2 to 4, got 1"});
  expect_refusal("indptr", Ints{0, 2, 2, 5}, {"indptr.npy: element 3", "got 5"});
  expect_refusal("indptr", Ints{0, -2, 2, 4}, {"indptr.npy: element 1", "got -2"});
  expect_refusal("indptr", Ints{0, 2, 2, 3}, {"indices.npy: expected 3", "got 4"});
  expect_refusal("indptr", Ints{0, 2, 4}, {"indptr.npy: expected 4", "got 3"});
  expect_refusal("indptr", Ints{}, {"indptr.npy: expected 4", "got 0"});
  expect_refusal("indices", Ints{0, 3, 1, 4}, {"indices.npy: row 2", "from 0 to 3, got 4"});
  expect_refusal("indices", Ints{0, -1, 1, 2}, {"indices.npy: row 0", "got -1"});
  expect_refusal("indices", Longs{0, 3, 1, (std::int64_t{1} << 32) + 1}, {"indices.npy: row 2"});
  expect_refusal("indices", Ints{0, 3, 1}, {"data.npy: expected 3", "got 4"});
}

TEST(Npz, CscAndCooArraysThatDoNotFitAreRefused) {
  const auto expect_refusal = [](const std::string& format, const std::string& name,
                                 auto elements) {
    SparseFile file(format);
    file.set(name, elements);
    expect_error(ErrorCode::kFormat, {"a.npz"}, [&] { file.rows(); });
  };
  using Ints = std::vector<std::int32_t>;
  for (const Ints& indptr : {Ints{1, 1, 1, 3, 4}, Ints{0, 1, 0, 3, 4}, Ints{0, 1, 1, 3, 5},
                             Ints{0, 1, 1, 3, 3}, Ints{0, 1, 1, 4}, Ints{}}) {
    expect_refusal("csc", "indptr", indptr);
  }
  expect_refusal("csc", "indices", Ints{0, 2, 1, 3});
  expect_refusal("coo", "row", Ints{0, 0, 2, 3});
  expect_refusal("coo", "row", Ints{0, 0, 2, -1});
  expect_refusal("coo", "row", Ints{0, 0, 2});
  expect_refusal("coo", "col", Ints{0, 0, 2, 4});
  expect_refusal("coo", "data", std::vector<double>{1, 2, 3});
}

TEST(Npz, SparseFilesOfOtherShapesAndTypesAreRefused) {
  for (const std::string format : {"csr", "csc", "coo"}) {
    for (const std::vector<std::int64_t>& shape :
         std::vector<std::vector<std::int64_t>>{{3},
                                                {3, 4, 5},
                                                {-3, 4},
                                                {3, -4},
                                                {3, std::int64_t{1} << 31},
                                                {std::numeric_limits<std::int64_t>::max(), 4}}) {
      SparseFile file(format);
      file.set<std::int64_t>("shape", shape);
      expect_error(ErrorCode::kUnsupported, {"a.npz"}, [&] { file.rows(); });
    }
    SparseFile file(format);
    file.set<double>(format == "coo" ? "row" : "indices", {0, 1, 0, 1});
    expect_error(ErrorCode::kUnsupported, {"integers", "<f8"}, [&] { file.rows(); });
    file = SparseFile(format);
    file.members["data.npy"] = npy_bytes("<c16", {4}, std::vector<double>(8));
    expect_error(ErrorCode::kUnsupported, {"data.npy", "complex"}, [&] { file.rows(); });
    file = SparseFile(format);
    file.members.erase(format == "coo" ? "col.npy" : "indptr.npy");
    expect_error(ErrorCode::kFormat, {"is not in the archive"}, [&] { file.rows(); });
  }
}

TEST(Npz, EveryTruncationIsRefused) {
  for (const char* name : {"one.npz", "csr.npz", "coo.npz", "csr_f4.npz"}) {
    const std::string bytes = golden_bytes(name);
    const TemporaryFile file("a.npz", bytes);
    for (std::size_t size = bytes.size(); size-- > 0;) {
      std::filesystem::resize_file(file.path(), size);
      EXPECT_THROW(read(file.path()), Error) << name << " " << size;
    }
  }
}

TEST(Npz, AChangedByteIsRefusedOrHarmless) {
  for (const char* name : {"one.npz", "csr.npz", "csc.npz", "csr_f4.npz"}) {
    const std::string bytes = golden_bytes(name);
    const TemporaryFile file("a.npz", bytes);
    std::fstream in_place(file.path(), std::ios::binary | std::ios::in | std::ios::out);
    const auto put = [&](std::size_t place, char byte) {
      in_place.seekp(static_cast<std::streamoff>(place)).put(byte).flush();
    };
    const Rows expected = rows_of(read(file.path()));
    for (std::size_t place = 0; place < bytes.size(); ++place) {
      for (const int flip : {0x01, 0x80}) {
        put(place, static_cast<char>(bytes[place] ^ flip));
        try {
          EXPECT_EQ(rows_of(read(file.path())), expected) << name << " " << place << " " << flip;
        } catch (const Error&) {
        }
      }
      put(place, bytes[place]);
    }
  }
}

TEST(Npz, WhatIsNoArchiveIsRefused) {
  expect_error(ErrorCode::kFormat, {"a.npz", "zip"}, [] { read_bytes("not a zip archive"); });
  expect_error(ErrorCode::kFormat, {"a.npz"}, [] { read_bytes(""); });
}

}  // namespace
}  // namespace prodigest::io
