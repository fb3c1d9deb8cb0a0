// One matrix in every format: the digest holds the same rows.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "cli/run_prodigest.hpp"
#include "io/npy_bytes.hpp"
#include "prodigest/io/npy.hpp"

namespace prodigest::cli {
namespace {

// The matrix of the sparse files in tests/io/data.
const std::vector<std::vector<double>> kRows{{0, 1.5, 0, -2}, {0, 0, 0, 0},     {4, 0, 0, 0},
                                             {0, 0, 8, 0},    {16, 0, 0, 0.75}, {0, -32, 0, 0}};

class Formats : public Command {
 protected:
  Formats() : matrix_(6, 4) {
    for (Index i = 0; i < 6; ++i) std::ranges::copy(kRows[i], matrix_.view().row(i).begin());
    io::save_npy(path("c.npy"), matrix_.view());
    std::vector<double> by_column;
    for (Index j = 0; j < 4; ++j)
      for (Index i = 0; i < 6; ++i) by_column.push_back(matrix_(i, j));
    write("fortran.npy", io::npy_bytes("<f8", {6, 4}, by_column, true));
    for (const char* const name : {"csr.npz", "csc.npz", "coo.npz"})
      std::filesystem::copy_file(PRODIGEST_SOURCE_DIR "/tests/io/data/" + std::string(name),
                                 path(name));

    std::string sparse = "%%MatrixMarket matrix coordinate real general\n6 4 7\n", svm, rows;
    for (Index i = 0; i < 6; ++i) {
      svm += "1";
      for (Index j = 0; j < 4; ++j) {
        if (matrix_(i, j) != 0) {
          sparse += fmt::format("{} {} {}\n", i + 1, j + 1, matrix_(i, j));
          svm += fmt::format(" {}:{}", j + 1, matrix_(i, j));
        }
      }
      svm += "\n";
      rows += fmt::format("{}\n", fmt::join(kRows[i], ","));
    }
    write("sparse.mtx", sparse);
    write("array.mtx", fmt::format("%%MatrixMarket matrix array real general\n6 4\n{}\n",
                                   fmt::join(by_column, "\n")));
    write("a.svm", svm);
    write("a.csv", "a,b,c,d\n" + rows);
    write("bare.csv", rows);
    write_gzipped("c.npy.gz", read("c.npy"));
    write_gzipped("sparse.mtx.gz", sparse);
    write_gzipped("a.svm.gz", svm);
  }
  Matrix<double> matrix_;
};

TEST_F(Formats, AllGiveTheSameRows) {
  for (const char* const size : {"3", "10"}) {
    run_well({"sketch", "c.npy", "-k", size, "-o", "npy.pdg"});
    const sampling::RowSample expected = digest("npy.pdg");
    EXPECT_EQ(expected.size(), std::min(std::stoi(size), 5));  // a zero row is never kept
    for (const std::string name :
         {"fortran.npy", "csr.npz", "csc.npz", "coo.npz", "sparse.mtx", "array.mtx", "a.svm",
          "a.csv", "c.npy.gz", "sparse.mtx.gz", "a.svm.gz"}) {
      run_well({"sketch", name, "-k", size, "-o", "x.pdg"});
      const sampling::RowSample got = digest("x.pdg");
      EXPECT_TRUE(std::ranges::equal(got.row_ids(), expected.row_ids())) << name;
      EXPECT_EQ(dense_rows(got), dense_rows(expected)) << name;
      EXPECT_EQ(got.tau(), expected.tau()) << name;
      EXPECT_EQ(got.rows(), 6) << name;
      EXPECT_EQ(got.cols(), 4) << name;
      EXPECT_EQ(got.squared_norm(), expected.squared_norm()) << name;
      if (name != "a.csv") {  // which has names of columns
        EXPECT_EQ(read("x.pdg"), read("npy.pdg")) << name;
      }
    }
  }
}

TEST_F(Formats, ATableWithoutHeaderHasTheSameRowsAndNumbersForNames) {
  run_well({"sketch", "bare.csv", "--no-header", "-k", "3", "-o", "x.pdg"});
  EXPECT_EQ(digest("x.pdg").schema().columns, (std::vector<std::string>{"0", "1", "2", "3"}));
  run_well({"sketch", "c.npy", "-k", "3", "-o", "npy.pdg"});
  EXPECT_EQ(dense_rows(digest("x.pdg")), dense_rows(digest("npy.pdg")));
}

TEST_F(Formats, MeetInAProductAndTheExactOneReadsEachAsItsDigestWasRead) {
  run_well({"sketch", "sparse.mtx", "-o", "a.pdg"});
  run_well({"sketch", "a.csv", "--columns", "d,b", "-o", "b.pdg"});
  const auto json = run_well({"product", "a.pdg", "b.pdg", "-o", "W.npy", "--json", "--exact",
                              "sparse.mtx", "a.csv"})
                        .json();
  EXPECT_EQ(json.at("frobenius_error").at("actual"), 0);
  const Matrix<double> w = npy("W.npy");
  ASSERT_EQ(w.cols, 2);
  EXPECT_EQ(w(0, 0), 16 * 0.75);            // columns 0 and d
  EXPECT_EQ(w(1, 1), 1.5 * 1.5 + 32 * 32);  // columns 1 and b
  EXPECT_EQ(w(3, 1), -2 * 1.5);
}

TEST_F(Formats, SvmlightLabelsAreAColumnAndZeroBasedFeaturesAreReadWhenAsked) {
  write("l.svm", "1 0:2 2:4\n-1 1:1\n1 2:1\n");
  run_well({"sketch", "l.svm", "--zero-based", "--features", "5", "-o", "a.pdg"});
  run_well({"sketch", "l.svm", "--zero-based", "--columns", "label", "-o", "label.pdg"});
  EXPECT_EQ(digest("a.pdg").cols(), 5);
  run_well({"product", "a.pdg", "label.pdg", "-o", "W.npy"});
  EXPECT_EQ(npy("W.npy").storage, (std::vector<double>{2, -1, 5, 0, 0}));
}

TEST_F(Formats, SinglePrecisionStaysSo) {
  run_well({"sketch", "c.npy", "-o", "c.pdg"});
  EXPECT_EQ(run_well({"info", "c.pdg", "--json"}).json().at("value_type"), "f64");
  write("f.npy", io::npy_bytes<float>("<f4", {2, 1}, {1.5F, 2}));
  run_well({"sketch", "f.npy", "-o", "f.pdg"});
  EXPECT_EQ(run_well({"info", "f.pdg", "--json"}).json().at("value_type"), "f32");
}

}  // namespace
}  // namespace prodigest::cli
