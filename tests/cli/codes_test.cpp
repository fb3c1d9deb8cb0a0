// Lattice codes from the command line: making them, what they say of themselves, and reading the
// matrix back.

#include <cmath>

#include "cli/run_prodigest.hpp"
#include "cli/tables.hpp"
#include "prodigest/coding/rate_distortion.hpp"
#include "prodigest/io/npy.hpp"
#include "reference/matrices.hpp"

namespace prodigest::cli {
namespace {

using Words = std::vector<std::string>;

// A column that is all zeros but for one entry each, and small noise.
Matrix<double> spikes(Index rows, Index cols) {
  Normals normals(5);
  Matrix<double> matrix(rows, cols);
  for (double& x : matrix.storage) x = 1e-6 * normals();
  for (Index j = 0; j < cols; ++j) matrix(7 * j % rows, j) = 10;
  return matrix;
}

Matrix<double> turned(const Matrix<double>& matrix) {
  Matrix<double> result(matrix.cols, matrix.rows);
  for (Index i = 0; i < matrix.rows; ++i)
    for (Index j = 0; j < matrix.cols; ++j) result(j, i) = matrix(i, j);
  return result;
}

class Codes : public Command {
 protected:
  Codes()
      : a_([] {
          Normals normals(1);
          return normal_matrix(normals, kRows, kCols);
        }()) {
    save("a.npy", a_);
  }
  static constexpr Index kRows = 500, kCols = 12;

  void save(const std::string& name, const Matrix<double>& matrix) const {
    io::save_npy(path(name), converted<float>(matrix).view());
  }
  Outcome quantize(const std::string& input, const std::string& output,
                   const Words& more = {}) const {
    Words words = {"quantize", input, "-o", output};
    words.insert(words.end(), more.begin(), more.end());
    return run_well(words);
  }
  // ||decoded - matrix|| / ||matrix||
  double error_of(const std::string& name, const Matrix<double>& matrix) const {
    run_well({"decode", name, "-o", "decoded.npy"});
    return std::sqrt(squared_distance(npy("decoded.npy"), matrix) / squared_norm(matrix));
  }

  Matrix<double> a_;
};

TEST_F(Codes, SayHowManyBitsTheyTakeAndHowFarTheyErr) {
  const auto json = quantize("a.npy", "a.pdg", {"--json"}).json();
  EXPECT_EQ(json.at("command"), "quantize");
  EXPECT_EQ(json.at("spec"), "lattice:format=F4,size=500,seed=0,gain=unbiased");
  EXPECT_EQ(json.at("rows"), kRows);
  EXPECT_EQ(json.at("cols"), kCols);
  EXPECT_EQ(json.at("coded_coordinates"), kRows);
  EXPECT_EQ(json.at("bytes"), read("a.pdg").size());
  EXPECT_EQ(json.at("input_bytes"), read("a.npy").size());
  const double bits = json.at("bits_per_entry");
  EXPECT_DOUBLE_EQ(bits, 8.0 * static_cast<double>(read("a.pdg").size()) / (kRows * kCols));
  EXPECT_NEAR(json.at("relative_error").get<double>(), error_of("a.pdg", a_), 0.002);
  EXPECT_NEAR(json.at("relative_error").get<double>(), 0.0655, 0.003);  // sqrt(1.55 / 4^4.25)

  const std::string text = quantize("a.npy", "a.pdg").out;
  for (const char* const part :
       {"a.pdg: 500 rows, 12 columns, ", " bits an entry, relative error 6."})
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST_F(Codes, AreMadeBySketchAndShortFormsAlike) {
  quantize("a.npy", "a.pdg", {"--method", "lattice:format=F3,seed=7"});
  const std::string bytes = read("a.pdg");
  for (const Words& words :
       {Words{"sketch", "a.npy", "--method", "lattice:format=F3,seed=7"},
        Words{"sketch", "a.npy", "--method", "lattice:format=f3", "--seed", "7"},
        Words{"quantize", "a.npy", "--format", "F3", "--seed", "7"},
        Words{"quantize", "a.npy", "--format", "f3,seed=7", "--threads", "1"}}) {
    Words all = words;
    all.insert(all.end(), {"-o", "x.pdg"});
    run_well(all);
    EXPECT_EQ(read("x.pdg"), bytes) << words[0] << words[3];
  }
  quantize("a.npy", "x.pdg", {"--method", "lattice:format=F2,size=64"});
  quantize("a.npy", "y.pdg", {"--format", "F2", "-k", "64"});
  EXPECT_EQ(read("x.pdg"), read("y.pdg"));
  EXPECT_EQ(codes("y.pdg").size(), 64);
}

TEST_F(Codes, OfOneTableInEveryFormHaveTheSameBytes) {
  write("t.csv", table(0, 300));
  write_gzipped("t.csv.gz", table(0, 300));
  write("t.tsv", table(0, 300, '\t'));
  quantize("t.csv", "t.pdg", {"--key", "id"});
  for (const char* const name : {"t.csv.gz", "t.tsv"}) {
    quantize(name, "x.pdg", {"--key", "id"});
    EXPECT_EQ(read("x.pdg"), read("t.pdg")) << name;
  }
  run_well({"quantize", "-", "--key", "id", "-o", "x.pdg"}, read("t.csv"));
  EXPECT_EQ(read("x.pdg"), read("t.pdg"));
  EXPECT_EQ(run_well({"quantize", "-", "--key", "id", "-o", "-"}, read("t.csv")).out,
            read("t.pdg"));
  EXPECT_EQ(codes("t.pdg").schema().columns, (Words{"x", "y"}));
}

TEST_F(Codes, OfRowsWithKeysDoNotDependOnTheirOrderInTheFile) {
  write("up.csv", "id," + table_rows(0, 0) + "x\n1,5\n2,-7\n3,9\n10,1\n");
  write("down.csv", "id,x\n10,1\n3,9\n1,5\n2,-7\n");
  quantize("up.csv", "up.pdg", {"--key", "id"});
  quantize("down.csv", "down.pdg", {"--key", "id"});
  EXPECT_EQ(read("up.pdg"), read("down.pdg"));
  const Outcome outcome = run_well({"decode", "down.pdg", "-o", "d.npy"});
  EXPECT_EQ(outcome.err,
            "down.pdg: rows are in the order of their ids, not of the file that was coded\n");
  EXPECT_EQ(run_well({"decode", "down.pdg", "-o", "d.npy", "-q"}).err, "");
  const Matrix<double> decoded = npy("d.npy");
  for (const auto& [row, value] : {std::pair(0, 5.), {1, -7.}, {2, 9.}, {3, 1.}})
    EXPECT_NEAR(decoded(row, 0), value, 1.5) << row;
}

TEST_F(Codes, OfVectorsAreThoseOfTheColumnsOfTheTransposedFile) {
  save("rows.npy", turned(a_));
  quantize("a.npy", "a.pdg");
  const auto json = quantize("rows.npy", "v.pdg", {"--vectors", "--json"}).json();
  EXPECT_EQ(json.at("rows"), kRows);
  EXPECT_EQ(json.at("cols"), kCols);
  EXPECT_EQ(read("v.pdg"), read("a.pdg"));
  run_well({"decode", "a.pdg", "-o", "a.decoded.npy"});
  run_well({"decode", "a.pdg", "-o", "v.decoded.npy", "--vectors"});
  EXPECT_EQ(turned(npy("v.decoded.npy")), npy("a.decoded.npy"));
}

TEST_F(Codes, OfVectorsInManyBlocksHaveEachOfThemOnceAndInOrder) {
  Normals normals(2);
  const Matrix<double> vectors = normal_matrix(normals, 40000, 56);  // 9 MB: two blocks
  save("v.npy", vectors);
  quantize("v.npy", "v.pdg", {"--vectors", "--format", "F2"});
  const lattice::LatticeCodes all = codes("v.pdg");
  ASSERT_EQ(all.cols(), 40000);
  for (const Index at : {0, 1, 20000, 39999}) {
    save("one.npy", rows_at(vectors, numbers(1, static_cast<RowId>(at))));
    quantize("one.npy", "one.pdg", {"--vectors", "--format", "F2"});
    const lattice::LatticeCodes one = codes("one.pdg");
    EXPECT_EQ(all.parts().scale[static_cast<std::size_t>(at)], one.parts().scale[0]) << at;
    EXPECT_EQ(all.parts().noise[static_cast<std::size_t>(at)], one.parts().noise[0]) << at;
  }
}

TEST_F(Codes, OfColumnsThatARotationHarmsAreRemarkedOnAndWhatToTypeErrsLess) {
  const Matrix<double> sparse = spikes(1024, 16);
  save("s.npy", sparse);
  save("s.rows.npy", turned(sparse));
  const Outcome rotated = quantize("s.npy", "s.pdg");
  const std::string advice = "--method lattice:format=group4,seed=0";
  EXPECT_TRUE(rotated.err.starts_with("s.npy: ")) << rotated.err;
  EXPECT_NE(rotated.err.find(advice), std::string::npos) << rotated.err;
  EXPECT_NE(rotated.err.find("rotation=none"), std::string::npos) << rotated.err;
  EXPECT_NE(quantize("s.rows.npy", "x.pdg", {"--vectors"}).err.find(advice), std::string::npos);
  EXPECT_NE(run_well({"sketch", "s.npy", "-o", "x.pdg", "-m", "lattice"}).err.find(advice),
            std::string::npos);
  EXPECT_NE(quantize("s.npy", "x.pdg", {"--format", "F3"}).err.find("format=group3"),
            std::string::npos);
  EXPECT_EQ(quantize("s.npy", "x.pdg", {"-q"}).err, "");

  const Outcome unrotated =
      quantize("s.npy", "g.pdg", {"--method", "lattice:format=group4,seed=0"});
  EXPECT_EQ(unrotated.err, "");
  EXPECT_LT(error_of("g.pdg", sparse), 0.1 * error_of("s.pdg", sparse));
  EXPECT_EQ(quantize("a.npy", "a.pdg").err, "");
}

TEST_F(Codes, TellWhatTheyHold) {
  quantize("a.npy", "a.pdg");
  const auto json = run_well({"info", "a.pdg", "--check", "--json"}).json();
  EXPECT_EQ(json.at("kind"), "lattice_codes");
  EXPECT_EQ(json.at("format"), "F4");
  EXPECT_EQ(json.at("format_bits"), 4.25);
  EXPECT_EQ(json.at("rotation"), "hadamard");
  EXPECT_EQ(json.at("gain"), "unbiased");
  EXPECT_EQ(json.at("centred"), true);
  EXPECT_EQ(json.at("coded_coordinates"), kRows);
  EXPECT_EQ(json.at("check"), "ok");
  const double file = json.at("bits_per_entry"), bits = json.at("bits_without_names");
  EXPECT_DOUBLE_EQ(file, 8.0 * static_cast<double>(read("a.pdg").size()) / (kRows * kCols));
  // Mean, scale and noise: 14 bytes a column. 500 coordinates are 63 blocks: 504 coordinates.
  EXPECT_DOUBLE_EQ(bits, codes("a.pdg").bits_per_entry());
  EXPECT_NEAR(bits, 4.25 + 8.0 * 14 / kRows, 0.05);
  EXPECT_LT(bits, file);
  const double noise = std::pow(json.at("relative_error").get<double>(), 2);
  EXPECT_NEAR(json.at("product_error").get<double>(), 2 * noise + noise * noise, 1e-9);
  EXPECT_DOUBLE_EQ(json.at("limit").get<double>(), coding::gamma(bits));
  EXPECT_DOUBLE_EQ(json.at("above_limit").get<double>(),
                   json.at("product_error").get<double>() / coding::gamma(bits));
  const double norm = std::sqrt(squared_norm(a_));
  EXPECT_NEAR(json.at("frobenius_norm").get<double>(), norm, 1e-3 * norm);
  EXPECT_EQ(json.at("norm_estimated"), false);

  const std::string text = run_well({"info", "a.pdg"}).out;
  for (const char* const part :
       {"lattice_codes", "500 x 12", "F4, 4.25 bits an entry", "hadamard", "kept apart", "unbiased",
        "500 of 500", "% of a column", "times the least that "})
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
}

TEST_F(Codes, OfSomeCoordinatesSayThatTheirNormIsEstimated) {
  quantize("a.npy", "a.pdg", {"--method", "lattice:format=F2,size=250"});
  const auto json = run_well({"info", "a.pdg", "--json"}).json();
  EXPECT_EQ(json.at("gain"), "mmse");  // 1 bit an entry
  EXPECT_EQ(json.at("coded_coordinates"), 250);
  EXPECT_EQ(json.at("norm_estimated"), true);
  const double norm = std::sqrt(squared_norm(a_));
  EXPECT_NEAR(json.at("frobenius_norm").get<double>(), norm, 0.1 * norm);
  EXPECT_NEAR(json.at("relative_error").get<double>(), error_of("a.pdg", a_), 0.03);
  const double error = json.at("product_error");
  EXPECT_GT(error, json.at("limit").get<double>());
  EXPECT_LT(error, 1);
  EXPECT_NE(run_well({"info", "a.pdg"}).out.find("250 of 500"), std::string::npos);
}

TEST_F(Codes, OfUnrotatedColumnsSayThat) {
  quantize("a.npy", "a.pdg", {"--format", "int4"});
  const auto json = run_well({"info", "a.pdg", "--json"}).json();
  EXPECT_EQ(json.at("format"), "int4");
  EXPECT_EQ(json.at("rotation"), "none");
  EXPECT_EQ(json.at("gain"), "plain");
  EXPECT_EQ(json.at("centred"), false);
  const std::string text = run_well({"info", "a.pdg"}).out;
  EXPECT_NE(text.find("coded with the rest"), std::string::npos) << text;
}

TEST_F(Codes, OfEveryFormatErrAsTheySay) {
  for (const std::string format : {"F4", "F4pair", "F4fast", "F3", "F2", "F2,gain=mmse", "I8",
                                   "int4", "int8", "group4", "group8", "lloyd2", "lloyd6"}) {
    const auto json = quantize("a.npy", "a.pdg", {"--format", format, "--json"}).json();
    const double said = json.at("relative_error"), seen = error_of("a.pdg", a_);
    EXPECT_NEAR(seen, said, 0.02 * said) << format;
  }
}

TEST_F(Codes, OfOneRowOrOneColumnAreRead) {
  for (const auto& [rows, cols] : {std::pair<Index, Index>{1, 3}, {5, 1}, {1, 1}}) {
    Normals normals(3);
    const Matrix<double> small = normal_matrix(normals, rows, cols);
    save("small.npy", small);
    quantize("small.npy", "small.pdg", {"--format", "I8"});
    EXPECT_LT(error_of("small.pdg", small), 0.02) << rows << " x " << cols;
    quantize("small.npy", "small.pdg", {"--format", "I8", "--vectors"});
    run_well({"decode", "small.pdg", "-o", "d.npy", "--vectors"});
    EXPECT_LT(std::sqrt(squared_distance(npy("d.npy"), small)),
              0.02 * std::sqrt(squared_norm(small)));
  }
}

TEST_F(Codes, OfConstantColumnsAreExact) {
  write("ones.csv", "x,y\n3,-1e9\n3,-1e9\n3,-1e9\n");
  const auto json = quantize("ones.csv", "ones.pdg", {"--json"}).json();
  EXPECT_EQ(json.at("relative_error"), 0);
  run_well({"decode", "ones.pdg", "-o", "d.npy"});
  for (Index i = 0; i < 3; ++i) {
    EXPECT_EQ(npy("d.npy")(i, 0), 3);
    EXPECT_EQ(npy("d.npy")(i, 1), -1e9);
  }
}

TEST_F(Codes, OfConstantColumnsDoNotCountAmongTheErrors) {
  const auto error = [&](const std::string& columns) {
    return quantize("t.csv", "t.pdg", {"--columns", columns, "--json"}).json().at("relative_error");
  };
  write("t.csv", "x,one\n1,1\n-4,1\n2,1\n9,1\n0,1\n");
  EXPECT_GT(error("x"), 0);
  EXPECT_EQ(error("x,one"), error("x"));
}

TEST_F(Codes, AreDecodedThroughPipesToo) {
  quantize("a.npy", "a.pdg");
  const auto json = run_well({"decode", "a.pdg", "-o", "d.npy", "--json"}).json();
  EXPECT_EQ(json.at("command"), "decode");
  EXPECT_EQ(json.at("output"), "d.npy");
  EXPECT_EQ(json.at("rows"), kRows);
  EXPECT_EQ(json.at("cols"), kCols);
  EXPECT_EQ(run_well({"decode", "a.pdg", "-o", "d.npy"}).out, "d.npy: 500 x 12 float\n");
  EXPECT_EQ(run_well({"decode", "a.pdg", "-o", "-"}).out, read("d.npy"));
  EXPECT_EQ(run_well({"decode", "-", "-o", "-"}, read("a.pdg")).out, read("d.npy"));
  expect_refusal(2, {"decode", "a.pdg", "-o", "-", "--json"}, {"both take stdout"});
  const Outcome outcome =
      shell("prodigest quantize a.npy -o - | prodigest decode - -o - > piped.npy");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(read("piped.npy"), read("d.npy"));
}

}  // namespace
}  // namespace prodigest::cli
