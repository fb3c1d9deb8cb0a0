// Input that cannot be coded or multiplied, and what is said of it.

#include <gtest/gtest.h>

#include <cmath>
#include <algorithm>
#include <string>

#include "expect_error.hpp"
#include "lattice/codes.hpp"
#include "prodigest/lattice/codes_file.hpp"
#include "prodigest/lattice/product.hpp"

namespace prodigest::lattice {
namespace {

void expect_refused(const std::string& words, const auto& call) {
  expect_refusal(ErrorCode::kInvalidArgument, words, call);
}

class BadColumns : public testing::TestWithParam<const char*> {
 protected:
  static constexpr Index kRows = 40, kCols = 25;
  LatticeSpec spec_ = spec_of(GetParam());
  Normals normals_{7};
  Matrix<double> a_ = normal_matrix(normals_, kRows, kCols);
};
INSTANTIATE_TEST_SUITE_P(All, BadColumns, testing::ValuesIn(kAllSpecs));

TEST_P(BadColumns, AreRefusedWithRowAndColumnAndLeaveTheEncoderAsItWas) {
  std::vector<RowId> ids = numbers(kRows, 100);
  std::ranges::reverse(ids);
  for (const double bad : {double(NAN), double(INFINITY), -double(INFINITY), 1.1e18, -2e300}) {
    Matrix<double> a = a_;
    a(38, 21) = bad;
    const std::string words = std::isfinite(bad) ? "entries must be at most 1e+18 in size, got "
                              : std::isnan(bad)  ? "entries must be finite, got nan in "
                                                 : "entries must be finite, got ";
    LatticeEncoder encoder(spec_, kRows);
    encoder.append(a_.view());
    const CsrMatrix<double> sparse = csr_of(a);
    for (const RowsView& view : {RowsView(a.view()), RowsView(sparse.view())}) {
      expect_refused("lattice encoder: " + words, [&] { encoder.append(view); });
      expect_refused("in row 38, column 46 (", [&] { encoder.append(view); });
      expect_refused("encode_rows: " + words, [&] { encode_rows(view, spec_); });
      expect_refused("in row 101, column 21 (", [&] { encode_rows(view, spec_, ids); });
      expect_refused("in vector 38, entry 21 (",
                     [&] { LatticeEncoder(spec_, kCols).append_vectors(view); });
      EXPECT_EQ(encoder.cols(), kCols);
    }
    EXPECT_EQ(to_bytes(std::move(encoder).finish()), to_bytes(encode_rows(a_.view(), spec_)));
    const LatticeCodes codes = encode_rows(a_.view(), spec_);
    expect_refused("product: " + words, [&] { estimate_product(codes, a.view()); });
    expect_refused("in row 38, column 21 (", [&] { estimate_product(codes, sparse.view()); });
  }
}

TEST_P(BadColumns, OfTheLargestEntriesAreFine) {
  for (const double size : {1e18, -1e18}) {
    Matrix<double> a = a_;
    a(3, 3) = size;
    const Matrix<float> decoded = decode(encode_rows(a.view(), spec_));
    for (const float x : decoded.storage) ASSERT_TRUE(std::isfinite(x));
  }
}

TEST_P(BadColumns, AreRefusedForTheirShape) {
  LatticeEncoder encoder(spec_, kRows);
  expect_refused("lattice encoder: expected columns of 40 rows, got 39",
                 [&] { encoder.append(slice(a_.view(), 0, 39)); });
  expect_refused("lattice encoder: expected vectors of 40 entries, got 25",
                 [&] { encoder.append_vectors(a_.view()); });
  expect_refused("expected a row id for each of 40 rows, got 2",
                 [&] { encode_rows(a_.view(), spec_, numbers(2)); });
  expect_refused("lattice codes: expected 1 to 2^31 - 1 columns, got 0",
                 [&] { encoder.snapshot(); });
  expect_refused("encode_rows: expected 1 to 2^31 - 1 columns, got 0",
                 [&] { encode_rows(Matrix<double>(4, 0).view(), spec_); });
  expect_refused("column names must be as many as columns, got 1 and 25",
                 [&] { encode_rows(a_.view(), spec_, {}, {.columns = {"a"}}); });
  CsrMatrix<double> sparse = csr_of(a_);
  sparse.columns[1] = 0;
  expect_refused("columns of a CSR row must ascend within [0, 25), got 0 after 0 in row 0",
                 [&] { LatticeEncoder(spec_, kRows).append(sparse.view()); });
  expect_refused("encode_rows: columns of a CSR row must ascend",
                 [&] { encode_rows(sparse.view(), spec_); });
  expect_refused("product: columns of a CSR row must ascend",
                 [&] { estimate_product(encode_rows(a_.view(), spec_), sparse.view()); });
}

TEST_P(BadColumns, AreRefusedForKeysThatStandTwice) {
  std::vector<RowId> ids = shuffled_numbers(kRows, 3);
  ids[5] = ids[30] = 1000;
  expect_refused("encode_rows: row ids must differ, got 1000 twice",
                 [&] { encode_rows(a_.view(), spec_, ids); });
}

TEST(BadEncoder, HasNoRowsOrTooLargeASize) {
  expect_refused("lattice encoder: expected 1 to 2^31 - 1 rows, got 0",
                 [] { LatticeEncoder(LatticeSpec{}, 0); });
  expect_refused("lattice encoder: size must be at most the number of rows, got 5 and 4",
                 [] { LatticeEncoder(spec_of("size=5"), 4); });
  expect_refused("encode_rows: expected 1 to 2^31 - 1 rows, got 0",
                 [] { encode_rows(Matrix<double>(0, 4).view(), LatticeSpec{}); });
  expect_refused("decode: expected a range of the 2 columns, got 2 from column 1 on",
                 [] { decode(codes_of(Matrix<double>(3, 2).view(), "format=F4"), 1, 2); });
}

class BadProduct : public testing::Test {
 protected:
  void expect_incompatible(const std::string& words, const LatticeCodes& a, const LatticeCodes& b) {
    expect_refusal(ErrorCode::kIncompatible, words, [&] { estimate_product(a, b); });
  }
  LatticeCodes coded(const std::string& options, Index rows = 50, std::span<const RowId> ids = {},
                     const Schema& schema = {}) {
    const Matrix<double> a = normal_matrix(normals_, rows, 3);
    return encode_rows(a.view(), spec_of(options), ids, schema);
  }
  Normals normals_{9};
};

TEST_F(BadProduct, IsOfCodesThatDoNotFit) {
  const LatticeCodes a = coded("format=F4,seed=7");
  expect_incompatible("product: seeds must be equal, got 7 and 9", a, coded("seed=9"));
  expect_incompatible("product: inner dimensions differ: 50 and 49 rows", a, coded("seed=7", 49));
  expect_incompatible(
      "product: rotations must be equal, got lattice:format=F4,size=50,seed=7,"
      "gain=unbiased and lattice:format=F4,size=50,seed=7,rotation=none",
      a, coded("seed=7,rotation=none"));
  expect_incompatible("product: sizes must be equal, got 50 and 40", a, coded("size=40,seed=7"));
  expect_incompatible("product: the 50 rows of one side are not those of the other", a,
                      coded("seed=7", 50, numbers(50, 1)));
  expect_incompatible("keys must have equally many columns", a,
                      coded("seed=7", 50, {}, {.columns = {}, .key = {"a", "b"}}));
  // Formats, gains and means may differ.
  for (const char* other : {"format=F2,seed=7", "format=lloyd3,seed=7", "gain=mmse,seed=7",
                            "gain=plain,seed=7", "centre=no,seed=7"})
    EXPECT_EQ(estimate_product(a, coded(other)).value.cols, 3);
}

TEST_F(BadProduct, IsOfRowsThatDoNotFit) {
  const LatticeCodes a = coded("format=F4");
  const Matrix<double> b(49, 2);
  expect_refused("product: inner dimensions differ: 50 and 49 rows",
                 [&] { estimate_product(a, b.view()); });
  for (const double confidence : {0.0, 1.0, -1.0, double(NAN)}) {
    const ProductOptions options{.confidence = confidence};
    expect_refused("confidence must be in (0, 1)", [&] { gram(a, options); });
    expect_refused("confidence must be in (0, 1)",
                   [&] { estimate_product(a, Matrix<double>(50, 1).view(), options); });
  }
}

}  // namespace
}  // namespace prodigest::lattice
