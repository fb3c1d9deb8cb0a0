// What cannot be done with lattice codes, and bad input: each with its exit code and what to do.

#include <limits>

#include "cli/run_prodigest.hpp"
#include "cli/tables.hpp"
#include "prodigest/io/npy.hpp"
#include "reference/matrices.hpp"

namespace prodigest::cli {
namespace {

using Words = std::vector<std::string>;

class CodesRefusals : public Command {
 protected:
  CodesRefusals() {
    Normals normals(1);
    io::save_npy(path("a.npy"), normal_matrix(normals, 100, 4).view());
    run_well({"quantize", "a.npy", "-o", "a.pdg"});
  }
  // quantize and sketch must both refuse it, and leave nothing behind.
  void expect_none(int exit_code, const std::string& matrix, const Words& parts,
                   const Words& more = {}, const Words& commands = {"quantize", "sketch"}) const {
    const auto before = files();
    for (const std::string& command : commands) {
      Words words = {command, matrix, "-o", "x.pdg"};
      if (command == "sketch" && std::ranges::find(more, "--method") == more.end())
        words.insert(words.end(), {"--method", "lattice"});
      words.insert(words.end(), more.begin(), more.end());
      expect_refusal(exit_code, words, parts);
      EXPECT_EQ(files(), before);
    }
  }
};

TEST_F(CodesRefusals, ABadSpecIs2BeforeTheMatrixIsOpened) {
  expect_none(2, "none.npy", {"F5", "nearest is F4"}, {"--method", "lattice:format=F5"});
  expect_none(2, "none.npy", {"int9"}, {"--method", "lattice:format=int9"});
  expect_none(2, "none.npy", {"lloyd7"}, {"--method", "lattice:format=lloyd7"});
  expect_none(2, "none.npy", {"group1"}, {"--method", "lattice:format=group1"});
  expect_none(2, "none.npy", {"rotation", "hadamard", "none"},
              {"--method", "lattice:format=F4,rotation=fourier"});
  expect_none(2, "none.npy", {"does not know \"weight\""}, {"--method", "lattice:weight=norm"});
  expect_none(2, "none.npy", {"seed is given both", "give it once"},
              {"--method", "lattice:seed=1", "--seed", "2"});
}

TEST_F(CodesRefusals, QuantizeTakesLatticeMethodsOnly) {
  expect_none(2, "none.npy",
              {"expected --method lattice:format=NAME, got priority:size=10", "prodigest sketch"},
              {"--method", "priority:size=10"}, {"quantize"});
  expect_refusal(2, {"quantize", "a.npy", "-o", "x.pdg", "--format", "F4", "--method", "lattice"},
                 {"quantize: --format and --method both name the method"});
}

TEST_F(CodesRefusals, MoreCoordinatesThanRowsAre2) {
  expect_none(2, "a.npy", {"size", "101", "100"}, {"--method", "lattice:size=101"});
  expect_none(2, "a.npy", {"rotation=hadamard"}, {"--method", "lattice:size=50,rotation=none"});
}

TEST_F(CodesRefusals, ANanIs2WithItsRowAndColumn) {
  Matrix<double> bad(100, 4);
  bad(37, 2) = std::numeric_limits<double>::quiet_NaN();
  io::save_npy(path("bad.npy"), bad.view());
  expect_none(2, "bad.npy", {"row 37", "column 2", "nan"});
  expect_none(2, "bad.npy", {"37", "2", "nan"}, {"--vectors"}, {"quantize"});
  bad(37, 2) = 1e200;
  io::save_npy(path("bad.npy"), bad.view());
  expect_none(2, "bad.npy", {"row 37", "column 2", "1e+200", "1e+18"});
}

TEST_F(CodesRefusals, AnEmptyMatrixIs2) {
  write("empty.csv", "x,y\n");
  expect_none(2, "empty.csv", {"rows", "got 0"});
  io::save_npy(path("empty.npy"), Matrix<double>(0, 3).view());
  expect_none(2, "empty.npy", {"rows", "got 0"});
  expect_none(2, "empty.npy", {"columns", "got 0"}, {"--vectors"}, {"quantize"});
}

TEST_F(CodesRefusals, AKeyThatRepeatsIs2) {
  write("twice.csv", "id,x\na,1\nb,2\na,3\n");
  expect_none(2, "twice.csv", {"twice"}, {"--key", "id"});
}

TEST_F(CodesRefusals, VectorsHaveNoKeys) {
  write("t.csv", table(0, 9));
  for (const Words& option :
       {Words{"--key", "id"}, Words{"--presence"}, Words{"--first-row", "5"}}) {
    Words more = {"--vectors"};
    more.insert(more.end(), option.begin(), option.end());
    expect_none(2, "t.csv", {"--vectors: rows of the file are columns", option[0]}, more,
                {"quantize"});
  }
}

TEST_F(CodesRefusals, OptionsOfSamplesAreRefused) {
  expect_none(2, "a.npy", {"--weights goes with", "weight=user"},
              {"--method", "lattice", "--weights", "w.npy"}, {"sketch"});
}

TEST_F(CodesRefusals, CodesAreNotMergedSubtractedTruncatedOrRegressed) {
  expect_refusal(3, {"merge", "a.pdg", "a.pdg", "-o", "x.pdg"},
                 {"lattice codes", "cannot be merged", "quantize the whole matrix"});
  expect_refusal(2, {"subtract", "a.pdg", "a.pdg", "-o", "x.pdg"},
                 {"subtract: a.pdg: expected a linear sketch, got lattice codes, lattice:format=F4",
                  "--method countsketch"});
  expect_refusal(2, {"truncate", "a.pdg", "-k", "9", "-o", "x.pdg"},
                 {"truncate: a.pdg: expected a sample, got lattice codes, lattice:format=F4",
                  "format of fewer bits"});
  for (const Words& sides :
       {Words{"a.pdg", "a.pdg"}, Words{"a.pdg", "a.npy"}, Words{"a.npy", "a.pdg"}})
    expect_refusal(2, {"regress", sides[0], sides[1], "--target", "0"},
                   {"regress: a.pdg: expected a sample or a linear sketch, got lattice codes"});
  expect_refusal(3, {"compare", "a.pdg", "a.pdg", "--method", "auto"},
                 {"compare: a.pdg: expected a sample, got lattice codes"});
  EXPECT_EQ(files(), (Words{"a.npy", "a.pdg"}));
}

TEST_F(CodesRefusals, OnlyCodesAreDecoded) {
  run_well({"sketch", "a.npy", "-o", "s.pdg", "-k", "9"});
  run_well({"sketch", "a.npy", "-o", "l.pdg", "-m", "countsketch:size=9"});
  expect_refusal(2, {"decode", "s.pdg", "-o", "x.npy"},
                 {"decode: s.pdg: expected lattice codes, got a sample, priority:size=9",
                  "prodigest quantize"});
  expect_refusal(2, {"decode", "l.pdg", "-o", "x.npy"},
                 {"got a linear sketch, countsketch:size=9"});
  expect_refusal(3, {"decode", "a.npy", "-o", "x.npy"}, {"a.npy: not a prodigest digest"});
  expect_refusal(5, {"decode", "none.pdg", "-o", "x.npy"}, {"none.pdg"});
}

TEST_F(CodesRefusals, AnOutputThatWouldReplaceItsInputIs2) {
  const std::string codes = read("a.pdg"), matrix = read("a.npy");
  expect_refusal(2, {"decode", "a.pdg", "-o", "./a.pdg"}, {"would replace the codes"});
  expect_refusal(2, {"quantize", "a.npy", "-o", "a.npy"}, {"would replace the matrix"});
  expect_refusal(2, {"quantize", "a.npy", "-o", "-", "--json"}, {"both take stdout"});
  EXPECT_EQ(read("a.pdg"), codes);
  EXPECT_EQ(read("a.npy"), matrix);
}

TEST_F(CodesRefusals, AFileThatIsCutOffOrDamagedIs3) {
  const std::string whole = read("a.pdg");
  const auto expect_damaged = [&] {
    expect_refusal(3, {"info", "bad.pdg"}, {"bad.pdg"});
    expect_refusal(3, {"decode", "bad.pdg", "-o", "x.npy"}, {"bad.pdg"});
    expect_refusal(3, {"product", "bad.pdg", "a.pdg"}, {"bad.pdg"});
  };
  for (const std::size_t bytes : {std::size_t{0}, whole.size() / 2, whole.size() - 1}) {
    write("bad.pdg", whole.substr(0, bytes));
    expect_damaged();
  }
  for (const std::size_t at : {std::size_t{60}, whole.size() / 3, whole.size() - 5}) {
    std::string flipped = whole;
    flipped[at] ^= 1;
    write("bad.pdg", flipped);
    expect_damaged();
  }
  EXPECT_EQ(files(), (Words{"a.npy", "a.pdg", "bad.pdg"}));
}

}  // namespace
}  // namespace prodigest::cli
