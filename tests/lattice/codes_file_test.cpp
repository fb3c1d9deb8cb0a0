#include "prodigest/lattice/codes_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "expect_error.hpp"
#include "lattice/codes.hpp"
#include "lattice/golden_codes.hpp"
#include "prodigest/base/version.hpp"
#include "prodigest/lattice/product.hpp"

namespace prodigest::lattice {
namespace {

namespace fs = std::filesystem;

void expect_equal(const LatticeCodes& got, const LatticeCodes& expected) {
  EXPECT_EQ(got.spec(), expected.spec());
  EXPECT_EQ(got.schema(), expected.schema());
  EXPECT_EQ(got.rows(), expected.rows());
  EXPECT_EQ(got.parts().row_set, expected.parts().row_set);
  EXPECT_EQ(got.parts().mean, expected.parts().mean);
  EXPECT_EQ(got.parts().scale, expected.parts().scale);
  EXPECT_EQ(got.parts().noise, expected.parts().noise);
  EXPECT_EQ(got.parts().norm, expected.parts().norm);
  EXPECT_EQ(got.parts().codes, expected.parts().codes);
}

TEST(CodesFile, KeepsEverySpecAndSize) {
  Normals normals(81);
  for (const char* options : kAllSpecs)
    for (const Index rows : {1, 2, 7, 8, 9, 63, 64, 65, 513, 1000}) {
      const LatticeSpec spec = spec_of(options);
      if (spec.size > rows) continue;
      SCOPED_TRACE(std::string(options) + " of " + std::to_string(rows));
      Matrix<double> a = normal_matrix(normals, rows, 3);
      for (Index i = 0; i < rows; ++i) a(i, 1) = 0;
      const LatticeCodes codes = encode_rows(a.view(), spec);
      const LatticeCodes read = lattice_codes_from(io::Container::parse(to_bytes(codes), "a.pdg"));
      expect_equal(read, codes);
      EXPECT_EQ(to_bytes(read), to_bytes(codes));
      EXPECT_EQ(decode(read), decode(codes));
      EXPECT_EQ(gram(read).value, gram(codes).value);
    }
}

TEST(CodesFile, KeepsNamesAndKeys) {
  Normals normals(82);
  const Matrix<double> a = normal_matrix(normals, 10, 2);
  for (const Schema& schema :
       {Schema{}, Schema{.columns = {"", ""}},
        Schema{.columns = {"größe", "a\nb,\"c\""}, .key = {"country", "", "year"}},
        Schema{.columns = {}, .key = {"id"}, .key_encoding = KeyEncoding::kText}}) {
    const LatticeCodes codes = encode_rows(a.view(), LatticeSpec{}, numbers(10, 7), schema);
    expect_equal(lattice_codes_from(io::Container::parse(to_bytes(codes), "a.pdg")), codes);
  }
}

// No bit that a product needs is left out of the count, and the file holds little else.
TEST(CodesFile, TakesTheBitsItSays) {
  Normals normals(83);
  const Matrix<double> a = normal_matrix(normals, 1000, 40);
  for (const char* options : kAllSpecs) {
    SCOPED_TRACE(options);
    const LatticeCodes codes = codes_of(a.view(), options);
    const std::vector<std::byte> file = to_bytes(codes);
    const io::Container container = io::Container::parse(file);
    double bytes = 0;
    for (const io::Tensor& tensor : container.tensors())
      bytes += static_cast<double>(tensor.bytes.size());
    EXPECT_DOUBLE_EQ(codes.bits_per_entry(), 8 * bytes / 1000 / 40);
    EXPECT_LT(static_cast<double>(file.size()) - bytes, 2048);
    const double kept = static_cast<double>(codes.size()) / 1000;
    EXPECT_GE(codes.bits_per_entry(), kept * coding::bits_per_entry(codes.spec().coding));
    EXPECT_LE(codes.bits_per_entry(), kept * coding::bits_per_entry(codes.spec().coding) +
                                          8 * (8 + 4 + 2 + 4 + 8) / 1000.0);
  }
}

TEST(CodesFile, IsSavedAndLoaded) {
  const fs::path path =
      fs::path(testing::TempDir()) / ("codes_" + std::to_string(::getpid()) + ".pdg");
  const LatticeCodes codes = golden_codes()[0].expected;
  save(codes, path);
  expect_equal(load_lattice_codes(path), codes);
  fs::remove(path);
  expect_refusal(ErrorCode::kIo, path.filename(), [&] { load_lattice_codes(path); });
}

TEST(CodesFile, OfAnotherKindIsRefused) {
  const io::Container other =
      io::Container::parse(io::container_bytes("row_sample", {}, {}), "a.pdg");
  expect_refusal(ErrorCode::kFormat,
                 "a.pdg: expected a digest of kind lattice_codes, got row_sample",
                 [&] { lattice_codes_from(other); });
}

TEST(GoldenCodes, HoldWhatTheyHeldAndAreWrittenAgainToTheByte) {
  for (const auto& [name, expected] : golden_codes()) {
    SCOPED_TRACE(name);
    const io::Container container = io::Container::open(golden_path(name));
    const LatticeCodes read = lattice_codes_from(container);
    EXPECT_LT(golden_bytes(name).size(), 4000u);
    expect_equal(read, expected);
    // the header names its writer, so a later version writes other bytes
    EXPECT_TRUE(to_bytes(read) == golden_bytes(name) ||
                container.writer() != std::string("prodigest ") + kVersion);
  }
}

TEST(GoldenCodes, DISABLED_WriteGoldenFiles) {
  for (const auto& [name, expected] : golden_codes())
    if (!fs::exists(golden_path(name))) save(expected, golden_path(name));
}

}  // namespace
}  // namespace prodigest::lattice
