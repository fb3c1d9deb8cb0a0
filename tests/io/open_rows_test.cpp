#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "io/npy_bytes.hpp"
#include "io/reading.hpp"
#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {
namespace {

AllRows open_and_read(const std::string& name, const std::string& bytes) {
  const TemporaryFile file(name, bytes);
  const auto reader = open_rows(file.path());
  return read_all(*reader);
}

TEST(OpenRows, TheExtensionInAnyCaseSaysTheFormat) {
  const std::string npy = npy_bytes("<f8", {2, 2}, std::vector<double>{1, 0, 3, 4});
  const std::string mtx =
      "%%MatrixMarket matrix coordinate real general\n2 2 3\n1 1 1\n2 1 3\n2 2 4\n";
  const std::string svm = "0 1:1\n0 1:3 2:4\n";
  const std::string csv = "a,b\n1,0\n3,4\n";
  const std::string tsv = "a\tb\n1\t0\n3\t4\n";
  for (const auto& [name, bytes, sparse] :
       {std::tuple("x.npy", npy, false), std::tuple("x.NPY", npy, false),
        std::tuple("x.y.Npy", npy, false), std::tuple("x.mtx", mtx, true),
        std::tuple("x.svm", svm, true), std::tuple("x.libsvm", svm, true),
        std::tuple("x.SvmLight", svm, true), std::tuple("x.csv", csv, false),
        std::tuple("x.TSV", tsv, false)}) {
    const AllRows plain = open_and_read(name, bytes);
    EXPECT_EQ(rows_of(plain), (std::vector<std::vector<double>>{{1, 0}, {3, 4}})) << name;
    EXPECT_EQ(plain.sparse, sparse) << name;
    EXPECT_EQ(open_and_read(std::string(name) + ".gz", gzipped(bytes)).values, plain.values)
        << name;
    EXPECT_EQ(open_and_read(std::string(name) + ".GZ", gzipped(bytes)).values, plain.values)
        << name;
  }
  EXPECT_EQ(open_and_read("x.NPZ", zip_bytes({{"a.npy", npy}})).values.rows, 2);
}

TEST(OpenRows, ADashIsATableOnStandardInput) {
  const PipedInput input("a,b\n1,2\n3,4\n");
  const auto reader = open_rows("-");
  EXPECT_EQ(rows_of(read_all(*reader)), (std::vector<std::vector<double>>{{1, 2}, {3, 4}}));
}

TEST(OpenRows, AnUnknownExtensionIsAnsweredWithTheKnownOnes) {
  for (const char* name : {"x.txt", "x", "x.gz", "x.npy.zip", ".npy"}) {
    expect_error(ErrorCode::kUnsupported, {name, ".npy, .npz, .mtx, .svm", ".csv", ".gz"},
                 [&] { open_and_read(name, ""); });
  }
}

TEST(OpenRows, AMissingFileIsAnsweredInTheSystemsWords) {
  for (const char* name : {"missing.npy", "missing.npz", "missing.csv", "missing"}) {
    const std::string path = testing::TempDir() + "prodigest-no-such-folder/" + name;
    expect_error(ErrorCode::kIo, {path, "No such file or directory"}, [&] { open_rows(path); });
  }
}

TEST(OpenRows, AFolderIsRefused) {
  const TemporaryFile file("x.npy", "");
  const std::filesystem::path folder = file.path().parent_path();
  expect_error(ErrorCode::kIo, {folder.string(), "folder"}, [&] { open_rows(folder); });
}

TEST(OpenRows, ADigestIsNoMatrix) {
  expect_error(ErrorCode::kUnsupported, {"a.pdg", "is a digest, not a matrix"},
               [] { open_and_read("a.pdg", ""); });
}

TEST(OpenRows, AGzippedArchiveIsRefusedWithAdvice) {
  expect_error(ErrorCode::kUnsupported, {"a.npz.gz", "gunzip"},
               [] { open_and_read("a.npz.gz", ""); });
}

}  // namespace
}  // namespace prodigest::io
