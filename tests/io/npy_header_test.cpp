#include "io/npy_header.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "io/npy_bytes.hpp"
#include "io/reading.hpp"

namespace prodigest::io {
namespace {

NpyHeader parse(const std::string& bytes) {
  return read_npy_header(*memory_stream("a.npy", as_byte_vector(bytes)));
}

TEST(NpyHeader, OfNumpyIsReadAndWrittenByteForByte) {
  for (const char* name : {"f8.npy", "f4.npy", "i8_fortran.npy", "vector.npy"}) {
    const std::string bytes = golden_bytes(name);
    const NpyHeader header = parse(bytes);
    EXPECT_EQ(header.payload_offset, 128u) << name;
    EXPECT_EQ(npy_header_bytes(header), bytes.substr(0, header.payload_offset)) << name;
  }
  const NpyHeader header = parse(golden_bytes("i8_fortran.npy"));
  EXPECT_EQ(header.dtype, "<i8");
  EXPECT_TRUE(header.fortran_order);
  EXPECT_EQ(header.shape, (std::vector<Index>{5, 3}));
}

TEST(NpyHeader, OfEveryShapeRoundTripsAndEndsAtAMultipleOf64) {
  const Index most = std::numeric_limits<Index>::max();
  for (const std::vector<Index>& shape : std::vector<std::vector<Index>>{
           {}, {0}, {7}, {0, 3}, {1, 1}, {most, most}, {2, 3, 4}, std::vector<Index>(20, most)}) {
    const std::string bytes = npy_header_bytes({"<f4", true, shape, 0});
    EXPECT_EQ(bytes.size() % 64, 0u);
    EXPECT_EQ(bytes.back(), '\n');
    const NpyHeader header = parse(bytes);
    EXPECT_EQ(header.shape, shape);
    EXPECT_EQ(header.dtype, "<f4");
    EXPECT_TRUE(header.fortran_order);
    EXPECT_EQ(header.payload_offset, bytes.size());
  }
}

TEST(NpyHeader, IsReadInAllVersionsQuotesAndOrders) {
  const std::string text = "{\"shape\":(3,4),\"descr\":\"<f8\",\"fortran_order\":False}";
  for (const int major : {1, 2, 3}) {
    const NpyHeader header = parse(npy_with_header(text, major));
    EXPECT_EQ(header.dtype, "<f8");
    EXPECT_FALSE(header.fortran_order);
    EXPECT_EQ(header.shape, (std::vector<Index>{3, 4}));
    EXPECT_EQ(header.payload_offset, (major == 1 ? 10u : 12u) + text.size());
  }
}

TEST(NpyHeader, OfAnotherVersionIsRefused) {
  for (const auto& [major, minor] : {std::pair(0, 0), std::pair(1, 1), std::pair(4, 0)}) {
    expect_error(ErrorCode::kUnsupported, {"a.npy", "1.0, 2.0 or 3.0"},
                 [&] { parse(npy_with_header("{}", major, minor)); });
  }
}

TEST(NpyHeader, ThatNumpyWouldNotWriteIsRefused) {
  for (const std::string text : {
           "",
           "{}",
           "{'descr': '<f8', 'fortran_order': False}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), 'more': 1}",
           "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (3, 4)}",
           "{'descr': '<f8', 'fortran_order': false, 'shape': (3, 4)}",
           "{'descr': '<f8', 'fortran_order': 1, 'shape': (3, 4)}",
           "{'descr': <f8, 'fortran_order': False, 'shape': (3, 4)}",
           "{'descr': '<f8, 'fortran_order': False, 'shape': (3, 4)}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': [3, 4]}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3)}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3, -4)}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4.0)}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 9223372036854775808)}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (,)}",
           "{'descr': '<f8' 'fortran_order': False, 'shape': (3, 4)}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4)} more",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4)",
       }) {
    expect_error(ErrorCode::kFormat, {"a.npy", "header", "offset"},
                 [&] { parse(npy_with_header(text)); });
  }
}

TEST(NpyHeader, OfAnotherFileIsRefused) {
  expect_error(ErrorCode::kFormat, {"a.npy: not a .npy file"}, [] { parse("PK\3\4 something"); });
  expect_error(ErrorCode::kFormat, {"expected 8 bytes", "got 0"}, [] { parse(""); });
}

TEST(NpyHeader, ThatClaimsToBeHugeIsRefusedUnread) {
  const std::string bytes = std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12) + "{}";
  expect_error(ErrorCode::kFormat, {"at most 1048576 bytes, got 4294967295"},
               [&] { parse(bytes); });
}

TEST(NpyHeader, OfAStructuredDtypeIsRefusedWithAdvice) {
  expect_error(ErrorCode::kUnsupported, {"structured", "<f8"}, [] {
    parse(
        npy_with_header("{'descr': [('x', '<f8'), ('y', '<i4')], 'fortran_order': False, "
                        "'shape': (3,), }"));
  });
}

TEST(NpyHeader, DtypesThatAreNoRealNumbersAreRefusedWithAdvice) {
  for (const std::string dtype : {">f8", ">i4", "<f2", "<f16", "|O", "|S3", "<U5", "|V8", "<M8[ns]",
                                  "<m8[s]", "<f3", "<i16", "f8", "", "<", "nonsense"}) {
    expect_error(ErrorCode::kUnsupported, {"a.npy", "'" + dtype + "'", "arr.astype('<f8')"},
                 [&] { npy_type("a.npy", dtype); });
  }
  expect_error(ErrorCode::kUnsupported, {"complex", "arr.real"}, [] { npy_type("a.npy", "<c16"); });
}

TEST(NpyHeader, ShapesBeyond63BitsAreRefused) {
  const Index big = Index{1} << 32;
  expect_error(ErrorCode::kFormat, {"a.npy", "more elements"}, [&] {
    element_count("a.npy", {"<f8", false, {big, big}, 0}, 8);
  });
  expect_error(ErrorCode::kFormat, {"a.npy", "more bytes"}, [&] {
    element_count("a.npy", {"<f8", false, {big, big / 8}, 0}, 8);
  });
  EXPECT_EQ(element_count("a.npy", {"<f8", false, {}, 0}, 8), 1);
  EXPECT_EQ(element_count("a.npy", {"<f8", false, {3, 0}, 0}, 8), 0);
}

}  // namespace
}  // namespace prodigest::io
