// Scripts branch on exit codes: 2 usage or bad argument, 3 bad file, 4 incompatible digests, 5 I/O,
// 6 too uncertain. Messages say where and what to do, and nothing is left behind.

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <limits>

#include "cli/run_prodigest.hpp"
#include "cli/tables.hpp"
#include "prodigest/io/npy.hpp"

namespace prodigest::cli {
namespace {

class ExitCode : public Command {
 protected:
  ExitCode() { write("t.csv", table(0, 200)); }
  void sketch(const std::string& output, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"sketch", "t.csv", "--key", "id", "-k", "50", "-o", output};
    words.insert(words.end(), more.begin(), more.end());
    run_well(words);
  }
  // A sketch of a matrix that must fail.
  void expect_sketch_refusal(int exit_code, const std::string& matrix,
                             const std::vector<std::string>& parts,
                             const std::vector<std::string>& more = {}) const {
    const auto before = files();
    std::vector<std::string> words = {"sketch", matrix, "-o", "x.pdg"};
    words.insert(words.end(), more.begin(), more.end());
    expect_refusal(exit_code, words, parts);
    EXPECT_EQ(files(), before);
  }
};

TEST_F(ExitCode, ABadSpecIs2BeforeTheMatrixIsOpened) {
  expect_sketch_refusal(2, "none.csv", {"priorty"}, {"--method", "priorty:size=10"});
  expect_sketch_refusal(2, "none.csv", {"size", "priority:size=1000"}, {"--method", "priority"});
  expect_sketch_refusal(2, "none.csv", {"does not know \"tau\""},
                        {"--method", "priority:size=10,tau=plain"});
  expect_sketch_refusal(2, "none.csv", {"size must be at least 2, got 1"}, {"-k", "1"});
  expect_sketch_refusal(2, "none.csv", {"mixture"}, {"--method", "priority:size=9,mixture=2"});
}

TEST_F(ExitCode, AnUnknownColumnIs2AndTheNearestIsNamed) {
  expect_sketch_refusal(2, packages("sizes.csv.gz"),
                        {"no column \"pakage\"", "nearest is \"package\""}, {"--key", "pakage"});
  expect_sketch_refusal(2, packages("sizes.csv.gz"),
                        {"no column \"instaled_kb\"", "nearest is \"installed_kb\""},
                        {"--key", "package", "--columns", "instaled_kb"});
  expect_sketch_refusal(2, packages("depends.csv.gz"), {"no column \"depend\"", "\"depends\""},
                        {"--key", "package", "--words", "depend"});
}

TEST_F(ExitCode, ACellThatIsNoNumberIs2WithItsLineAndColumn) {
  write("bad.csv", "id,size\nx,1\ny,2\nz,NaN\n");
  expect_sketch_refusal(2, "bad.csv", {"bad.csv", "line 4", "\"size\"", "NaN"}, {"--key", "id"});
  write("gap.csv", "id,size\nx,1\ny,\nz,4\n");
  expect_sketch_refusal(2, "gap.csv", {"line 3", "\"size\"", "--missing zero or --missing drop"},
                        {"--key", "id"});
}

TEST_F(ExitCode, ANanInAnArrayIs2WithItsRowAndColumn) {
  Matrix<double> a(3, 2);
  a(2, 1) = std::numeric_limits<double>::quiet_NaN();
  io::save_npy(path("a.npy"), a.view());
  expect_sketch_refusal(2, "a.npy", {"row 2", "column 1", "nan"});
}

TEST_F(ExitCode, ARowWithoutAKeyIs2WithItsLine) {
  write("bad.csv", "id,size\nx,1\n,2\n");
  expect_sketch_refusal(2, "bad.csv", {"bad.csv: line 3, column \"id\": the key is empty"},
                        {"--key", "id"});
}

TEST_F(ExitCode, AnOptionThatTheFormatHasNoUseForIs2) {
  io::save_npy(path("a.npy"), Matrix<double>(3, 2).view());
  expect_sketch_refusal(2, "a.npy", {"no use for --key"}, {"--key", "id"});
}

TEST_F(ExitCode, TwoMatricesAndNoDigestAre2) {
  expect_refusal(2, {"product", "t.csv", "t.csv"}, {"at least one digest", "prodigest sketch"});
}

TEST_F(ExitCode, AnOutputThatWouldReplaceItsOwnMatrixIs2) {
  const std::string before = read("t.csv");
  expect_refusal(2, {"sketch", "t.csv", "--key", "id", "-o", "./t.csv"},
                 {"would replace the matrix"});
  sketch("a.pdg");
  expect_refusal(2, {"product", "a.pdg", "t.csv", "-o", "t.csv"}, {"would replace the matrix"});
  expect_refusal(2, {"product", "a.pdg", "t.csv", "--deviations", "t.csv"}, {"would replace"});
  EXPECT_EQ(read("t.csv"), before);
}

TEST_F(ExitCode, ADigestDoesNotGrow) {
  sketch("a.pdg");
  expect_refusal(2, {"truncate", "a.pdg", "-k", "51", "-o", "b.pdg"}, {"50", "51", "sketch again"});
}

TEST_F(ExitCode, ADigestThatIsCutOffOrDamagedIs3) {
  sketch("a.pdg");
  const std::string whole = read("a.pdg");
  for (const std::size_t bytes :
       {std::size_t{0}, std::size_t{7}, whole.size() / 2, whole.size() - 1}) {
    write("cut.pdg", whole.substr(0, bytes));
    expect_refusal(3, {"info", "cut.pdg"}, {"cut.pdg"});
    expect_refusal(3, {"product", "cut.pdg", "a.pdg"}, {"cut.pdg"});
    expect_refusal(3, {"merge", "cut.pdg", "a.pdg", "-o", "x.pdg"}, {"cut.pdg"});
  }
  std::string flipped = whole;
  flipped[whole.size() - 5] ^= 1;
  write("flipped.pdg", flipped);
  expect_refusal(3, {"info", "flipped.pdg", "--check"}, {"flipped.pdg"});
  EXPECT_EQ(files(), (std::vector<std::string>{"a.pdg", "cut.pdg", "flipped.pdg", "t.csv"}));
}

TEST_F(ExitCode, ATextFileInPlaceOfADigestIs3) {
  expect_refusal(3, {"info", "t.csv"}, {"t.csv: not a prodigest digest", "text"});
  expect_refusal(3, {"truncate", "t.csv", "-k", "5", "-o", "x.pdg"}, {"not a prodigest digest"});
}

TEST_F(ExitCode, AMatrixThatCannotBeReadIs3) {
  write("c.mtx", "%%MatrixMarket matrix coordinate complex general\n2 2 1\n1 1 1 2\n");
  expect_sketch_refusal(3, "c.mtx", {"complex"});
  write("cut.mtx", "%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n");
  expect_sketch_refusal(3, "cut.mtx", {"cut.mtx"});
  write("ragged.csv", "id,x\na,1\nb,1,2\n");
  expect_sketch_refusal(3, "ragged.csv", {"line 3"}, {"--key", "id"});
  write("a.parquet", "PAR1");
  expect_sketch_refusal(3, "a.parquet", {".npy", ".csv"});
  write("latin1.csv", "id,\xe9\na,1\n");
  expect_sketch_refusal(3, "latin1.csv", {"UTF-8"}, {"--key", "id"});
}

TEST_F(ExitCode, DigestsOfDifferentSeedsAre4) {
  sketch("a.pdg");
  sketch("b.pdg", {"--seed", "1"});
  expect_refusal(4, {"product", "a.pdg", "b.pdg"}, {"seeds", "0 and 1", "seed=0"});
  expect_refusal(4, {"merge", "a.pdg", "b.pdg", "-o", "x.pdg"}, {"a.pdg and b.pdg", "seeds"});
  EXPECT_EQ(files(), (std::vector<std::string>{"a.pdg", "b.pdg", "t.csv"}));
}

TEST_F(ExitCode, PartsThatOverlapAre4) {
  write("u.csv", table(199, 40));  // the last row of t.csv and 39 more
  run_well({"sketch", "t.csv", "--key", "id", "-o", "t.pdg"});
  run_well({"sketch", "u.csv", "--key", "id", "-o", "u.pdg"});
  expect_refusal(4, {"merge", "t.pdg", "u.pdg", "-o", "x.pdg"},
                 {"t.pdg and u.pdg", "no row in common"});
  EXPECT_EQ(files(), (std::vector<std::string>{"t.csv", "t.pdg", "u.csv", "u.pdg"}));
}

TEST_F(ExitCode, DigestsOfDifferentColumnsOrMethodsDoNotMergeAndAre4) {
  sketch("a.pdg");
  sketch("x.pdg", {"--columns", "x"});
  sketch("n.pdg", {"--method", "priority:weight=norm"});
  expect_refusal(4, {"merge", "a.pdg", "x.pdg", "-o", "m.pdg"}, {"columns"});
  expect_refusal(4, {"merge", "a.pdg", "n.pdg", "-o", "m.pdg"}, {"weight"});
}

TEST_F(ExitCode, KeysThatCannotMeetAre4) {
  write("two.csv", "a,b,x\n1,2,3\n1,3,4\n2,3,5\n");
  run_well({"sketch", "two.csv", "--key", "a,b", "-o", "ab.pdg"});
  run_well({"sketch", "t.csv", "--key", "id", "-o", "id.pdg"});
  run_well({"sketch", "t.csv", "--key", "id", "--key-as", "text", "-o", "text.pdg"});
  expect_refusal(4, {"product", "ab.pdg", "id.pdg"}, {"keys", "2 and 1"});
  expect_refusal(4, {"product", "text.pdg", "id.pdg"}, {"text"});
}

TEST_F(ExitCode, AnInputThatIsNotThereIs5) {
  expect_sketch_refusal(5, "none.csv", {"none.csv", "No such file"});
  expect_refusal(5, {"info", "none.pdg"}, {"none.pdg", "No such file"});
  sketch("a.pdg");
  expect_refusal(5, {"product", "a.pdg", "none.pdg"}, {"none.pdg"});
  expect_refusal(5, {"merge", "a.pdg", "none.pdg", "-o", "x.pdg"}, {"none.pdg"});
  expect_sketch_refusal(5, "t.csv", {"none.txt"}, {"--words", "id", "--vocabulary", "none.txt"});
  expect_sketch_refusal(5, ".", {"folder"});
}

TEST_F(ExitCode, AnOutputThatCannotBeWrittenIs5AndLeavesNothing) {
  ASSERT_EQ(::mkdir(path("locked").c_str(), 0555), 0);
  const auto before = files();
  expect_refusal(5, {"sketch", "t.csv", "--key", "id", "-o", "none/x.pdg"},
                 {"none/x.pdg", "folder"});
  expect_refusal(5, {"sketch", "t.csv", "--key", "id", "-o", "t.csv/x.pdg"}, {"t.csv/x.pdg"});
  expect_refusal(5, {"sketch", "t.csv", "--key", "id", "-o", "locked"}, {"locked"});
  if (::geteuid() != 0)  // whom no folder keeps out
    expect_refusal(5, {"sketch", "t.csv", "--key", "id", "-o", "locked/x.pdg"}, {"locked/x.pdg"});
  EXPECT_EQ(files(), before);
  EXPECT_TRUE(std::filesystem::is_empty(path("locked")));
}

TEST_F(ExitCode, AFullDiskIs5) {
  expect_refusal(5, {"sketch", "t.csv", "--key", "id", "-o", "/dev/full"}, {"No space left"});
  sketch("a.pdg");
  expect_refusal(5, {"product", "a.pdg", "a.pdg", "-o", "/dev/full"}, {"No space left"});
  for (const char* const command : {"info a.pdg", "info a.pdg --json", "plan --epsilon 0.1"}) {
    const Outcome outcome = shell(std::string("prodigest ") + command + " > /dev/full");
    EXPECT_EQ(outcome.exit_code, 5) << command;
    EXPECT_NE(outcome.err.find("stdout"), std::string::npos) << outcome.err;
  }
  write("words.csv", [] {
    std::string words = "id,words\n1,";
    for (int w = 0; w < 500; ++w) words += fmt::format("word{} ", w);
    return words + "\n";
  }());
  run_well({"sketch", "words.csv", "--key", "id", "--words", "words", "-o", "w.pdg"});
  EXPECT_EQ(shell("prodigest info w.pdg --json > /dev/full").exit_code, 5) << "more than a buffer";
  EXPECT_EQ(shell("prodigest truncate a.pdg -k 9 -o - > /dev/full").exit_code, 5);
}

TEST_F(ExitCode, AnAnswerTooUncertainForRequireIs6AndStillPrinted) {
  sketch("a.pdg");
  const Outcome well = run_well({"product", "a.pdg", "a.pdg", "--json", "--require", "0.9"});
  const Outcome outcome =
      run({"product", "a.pdg", "a.pdg", "--json", "--require", "0.000001", "-o", "W.npy"});
  EXPECT_EQ(outcome.exit_code, 6);
  EXPECT_EQ(outcome.out, well.out);
  EXPECT_NE(outcome.err.find("--require 1e-06: the error bound is "), std::string::npos)
      << outcome.err;
  EXPECT_EQ(npy("W.npy").rows, 2);
  EXPECT_EQ(run({"product", "a.pdg", "a.pdg", "--require", "0"}).exit_code, 6);
}

TEST_F(ExitCode, ANormThatIsNotKnownIsTooUncertainForAnyRequire) {
  sketch("a.pdg", {"--method", "priority:totals=none"});
  const Outcome outcome = run({"product", "a.pdg", "a.pdg", "--require", "1000"});
  EXPECT_EQ(outcome.exit_code, 6);
  EXPECT_NE(outcome.err.find("totals=norm"), std::string::npos) << outcome.err;
  const auto error = run_well({"product", "a.pdg", "a.pdg", "--json", "--exact", "t.csv", "t.csv"})
                         .json()
                         .at("frobenius_error");
  EXPECT_TRUE(error.at("relative").is_null());
}

}  // namespace
}  // namespace prodigest::cli
