// One matrix and one spec give one digest, byte for byte, however it came about.

#include "cli/run_prodigest.hpp"
#include "cli/tables.hpp"
#include "prodigest/io/npy.hpp"

namespace prodigest::cli {
namespace {

// Every method whose digests merge.
const std::vector<std::string> kMergeable = {"priority:size=60",
                                             "priority:size=60,weight=norm,totals=norm",
                                             "priority:size=60,weight=uniform", "threshold:size=60",
                                             "threshold:size=60,tau=plain,weight=norm"};

class SameBytes : public Command {
 protected:
  void sketch(const std::string& input, const std::string& output,
              const std::string& method = "priority:size=60",
              const std::vector<std::string>& more = {"--key", "id"}) const {
    std::vector<std::string> words = {"sketch", input, "-o", output, "--method", method};
    words.insert(words.end(), more.begin(), more.end());
    run_well(words);
  }
};

TEST_F(SameBytes, MergedPartsAreTheWholeForEveryMergeableMethodInAnyOrder) {
  write("whole.csv", table(0, 900));
  write("a.csv", table(0, 100));
  write("b.csv", table(100, 500));
  write("c.csv", table(600, 300));
  for (const std::string& method : kMergeable) {
    for (const char* const name : {"whole", "a", "b", "c"})
      sketch(std::string(name) + ".csv", std::string(name) + ".pdg", method);
    run_well({"merge", "a.pdg", "b.pdg", "c.pdg", "-o", "abc.pdg"});
    EXPECT_EQ(read("abc.pdg"), read("whole.pdg")) << method;
    run_well({"merge", "c.pdg", "a.pdg", "-o", "ca.pdg"});
    run_well({"merge", "ca.pdg", "b.pdg", "-o", "cab.pdg"});
    EXPECT_EQ(read("cab.pdg"), read("whole.pdg")) << method;
  }
}

TEST_F(SameBytes, ADigestMergesWithADigestThatIsReplacedByTheResult) {
  write("whole.csv", table(0, 300));
  write("a.csv", table(0, 100));
  write("b.csv", table(100, 200));
  for (const char* const name : {"whole", "a", "b"})
    sketch(std::string(name) + ".csv", std::string(name) + ".pdg");
  run_well({"merge", "a.pdg", "b.pdg", "-o", "a.pdg"});
  EXPECT_EQ(read("a.pdg"), read("whole.pdg"));
}

TEST_F(SameBytes, PartsOfAnArrayMergeByTheNumberOfTheirFirstRow) {
  Matrix<double> a(700, 3);
  for (std::size_t i = 0; i < a.storage.size(); ++i)
    a.storage[i] = 1000.0 / static_cast<double>(1 + i * 7919 % 997);
  io::save_npy(path("whole.npy"), a.view());
  io::save_npy(path("a.npy"), a.view().slice(0, 250));
  io::save_npy(path("b.npy"), a.view().slice(250, 450));
  sketch("whole.npy", "whole.pdg", "priority:size=60", {});
  sketch("a.npy", "a.pdg", "priority:size=60", {});
  sketch("b.npy", "b.pdg", "priority:size=60", {"--first-row", "250"});
  run_well({"merge", "b.pdg", "a.pdg", "-o", "ab.pdg"});
  EXPECT_EQ(read("ab.pdg"), read("whole.pdg"));
  sketch("b.npy", "wrong.pdg", "priority:size=60", {"--first-row", "0"});
  EXPECT_NE(read("wrong.pdg"), read("b.pdg"));
}

TEST_F(SameBytes, ATruncatedDigestIsTheDigestOfThatSize) {
  write("t.csv", table(0, 900));
  for (const std::string& method : kMergeable) {
    sketch("t.csv", "large.pdg", method);
    std::string smaller = method;
    smaller.replace(smaller.find("=60"), 3, "=13");
    sketch("t.csv", "small.pdg", smaller);
    run_well({"truncate", "large.pdg", "-k", "13", "-o", "cut.pdg"});
    EXPECT_EQ(read("cut.pdg"), read("small.pdg")) << method;
  }
}

TEST_F(SameBytes, DigestsOfDifferentSizesMergeToTheSmaller) {
  write("whole.csv", table(0, 900));
  write("a.csv", table(0, 400));
  write("b.csv", table(400, 500));
  sketch("whole.csv", "whole.pdg", "priority:size=13");
  sketch("a.csv", "a.pdg", "priority:size=60");
  sketch("b.csv", "b.pdg", "priority:size=13");
  run_well({"merge", "a.pdg", "b.pdg", "-o", "ab.pdg"});
  EXPECT_EQ(read("ab.pdg"), read("whole.pdg"));
}

TEST_F(SameBytes, TheNumberOfThreadsChangesNothing) {
  for (const std::string method : {"priority:size=500", "threshold:size=500,mixture=0.5",
                                   "priority:size=500,weight=leverage"}) {
    for (const char* const threads : {"1", "2", "7"}) {
      sketch(packages("sizes.csv.gz"), std::string(threads) + ".pdg", method,
             {"--key", "package", "--threads", threads});
      run_well({"product", std::string(threads) + ".pdg", "1.pdg", "-o",
                std::string(threads) + ".npy", "--threads", threads});
    }
    EXPECT_EQ(read("2.pdg"), read("1.pdg")) << method;
    EXPECT_EQ(read("7.pdg"), read("1.pdg")) << method;
    EXPECT_EQ(read("2.npy"), read("1.npy")) << method;
    EXPECT_EQ(read("7.npy"), read("1.npy")) << method;
  }
}

TEST_F(SameBytes, CsvTsvAndTheirGzippedFormsAreOneTable) {
  write("t.csv", table(0, 900));
  write("t.tsv", table(0, 900, '\t'));
  write_gzipped("t.csv.gz", table(0, 900));
  write_gzipped("u.tsv.gz", table(0, 900, '\t'));
  sketch("t.csv", "t.pdg");
  for (const char* const name : {"t.tsv", "t.csv.gz", "u.tsv.gz"}) {
    sketch(name, "x.pdg");
    EXPECT_EQ(read("x.pdg"), read("t.pdg")) << name;
  }
}

TEST_F(SameBytes, TheOrderOfRowsChangesNothing) {
  write("t.csv", table(0, 900));
  write("u.csv", table(450, 450) + table_rows(0, 450));
  for (const std::string& method : kMergeable) {
    sketch("t.csv", "t.pdg", method);
    sketch("u.csv", "u.pdg", method);
    EXPECT_EQ(read("u.pdg"), read("t.pdg")) << method;
  }
}

TEST_F(SameBytes, AnExistingDigestIsReplacedWhole) {
  write("t.csv", table(0, 900));
  sketch("t.csv", "t.pdg");
  write("x.pdg", std::string(100000, 'x'));
  sketch("t.csv", "x.pdg");
  EXPECT_EQ(read("x.pdg"), read("t.pdg"));
  EXPECT_EQ(files(), (std::vector<std::string>{"t.csv", "t.pdg", "x.pdg"}));
}

}  // namespace
}  // namespace prodigest::cli
