// Linear sketches from the command line: making, adding and subtracting them, and what they say.

#include <cmath>
#include <filesystem>

#include "cli/run_prodigest.hpp"
#include "cli/tables.hpp"
#include "prodigest/io/npy.hpp"

namespace prodigest::cli {
namespace {

using Words = std::vector<std::string>;

// Sizes at which the scale of a sketch is a power of two, so that sums of whole numbers are exact.
const Words kExactSpecs = {"countsketch:size=64,seed=0", "osnap:size=64,seed=0,nonzeros=4",
                           "sign:size=64,seed=0"};

class LinearDigests : public Command {
 protected:
  LinearDigests() { write("t.csv", table(0, 300)); }
  void sketch(const std::string& input, const std::string& output, const std::string& method,
              const Words& more = {"--key", "id"}) const {
    Words words = {"sketch", input, "-o", output, "--method", method};
    words.insert(words.end(), more.begin(), more.end());
    run_well(words);
  }
  std::vector<double> values(const std::string& name) const {
    return linear_digest(name).parts().values.storage;
  }
};

TEST_F(LinearDigests, SizeAndSeedMayBeGivenEitherWayForEveryMethod) {
  for (const std::string method : {"countsketch", "osnap", "gaussian", "sign"}) {
    sketch("t.csv", "a.pdg", method, {"--key", "id", "-k", "32", "--seed", "5"});
    sketch("t.csv", "b.pdg", method + ":size=32,seed=5");
    EXPECT_EQ(read("a.pdg"), read("b.pdg")) << method;
    const auto json = run_well({"info", "a.pdg", "--json"}).json();
    EXPECT_EQ(json.at("operator"), method);
    EXPECT_EQ(json.at("seed"), 5);
    EXPECT_EQ(json.at("sketch_rows"), 32);
    EXPECT_TRUE(json.value("spec", "").starts_with(method + ":size=32,seed=5"));
  }
  expect_refusal(2, {"sketch", "t.csv", "--key", "id", "-o", "x.pdg", "-m", "countsketch"},
                 {"size", "countsketch:size=1000"});
  expect_refusal(2, {"sketch", "none.csv", "-o", "x.pdg", "-m", "countsketsh:size=9"},
                 {"no method \"countsketsh\"", "nearest is \"countsketch\"", "priority", "srht"});
}

TEST_F(LinearDigests, TellWhatTheyHold) {
  const auto made = run_well({"sketch", "t.csv", "--key", "id", "-o", "a.pdg", "--json", "-m",
                              "countsketch:size=64"})
                        .json();
  EXPECT_EQ(made.at("spec"), "countsketch:size=64,seed=0");
  EXPECT_EQ(made.at("rows"), 300);
  EXPECT_EQ(made.at("sketch_rows"), 64);
  EXPECT_FALSE(made.contains("kept_rows"));
  EXPECT_EQ(made.at("bytes"), read("a.pdg").size());

  sketch("t.csv", "whole.pdg", "priority:size=300");
  const double norm = run_well({"info", "whole.pdg", "--json"}).json().at("frobenius_norm");
  const auto json = run_well({"info", "a.pdg", "--check", "--json"}).json();
  EXPECT_EQ(json.at("kind"), "linear_sketch");
  EXPECT_EQ(json.at("row_updates"), "whole");
  EXPECT_EQ(json.at("value_type"), "f64");
  EXPECT_EQ(json.at("frobenius_norm"), norm);
  EXPECT_EQ(json.at("norm_estimated"), false);
  EXPECT_EQ(json.at("key"), nlohmann::json{"id"});
  EXPECT_EQ(json.at("columns"), (nlohmann::json{"x", "y"}));
  EXPECT_EQ(json.at("check"), "ok");
  const std::string text = run_well({"info", "a.pdg"}).out;
  for (const char* const part : {"linear_sketch", "operator        countsketch", "300 rows x 2",
                                 "64 x 2 double", "Frobenius norm", "x, y"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  EXPECT_EQ(text.find("estimated"), std::string::npos) << text;
}

TEST_F(LinearDigests, OfRowsInPartsSayThatTheirNormIsEstimated) {
  sketch("t.csv", "a.pdg", "countsketch:size=64,rows=parts,values=f32");
  const auto json = run_well({"info", "a.pdg", "--json"}).json();
  EXPECT_EQ(json.at("row_updates"), "parts");
  EXPECT_EQ(json.at("value_type"), "f32");
  EXPECT_EQ(json.at("norm_estimated"), true);
  double square = 0;
  for (const double value : values("a.pdg")) square += value * value;
  EXPECT_NEAR(json.at("frobenius_norm").get<double>(), std::sqrt(square), 1e-12 * square);
  const std::string text = run_well({"info", "a.pdg"}).out;
  EXPECT_NE(text.find(", estimated from the sketch"), std::string::npos) << text;
  EXPECT_NE(text.find("300 rows or parts of rows x 2"), std::string::npos) << text;
}

TEST_F(LinearDigests, OfOneTableInEveryTextFormHaveTheSameBytes) {
  write("t.tsv", table(0, 300, '\t'));
  write_gzipped("z.csv.gz", table(0, 300));
  for (const std::string method :
       {"countsketch:size=50", "osnap:size=50", "gaussian:size=20", "sign:size=20"}) {
    sketch("t.csv", "t.pdg", method);
    for (const char* const name : {"t.tsv", "z.csv.gz"}) {
      sketch(name, "x.pdg", method);
      EXPECT_EQ(read("x.pdg"), read("t.pdg")) << name << method;
    }
    for (const char* const threads : {"1", "2", "7"}) {
      sketch("t.csv", "x.pdg", method, {"--key", "id", "--threads", threads});
      EXPECT_EQ(read("x.pdg"), read("t.pdg")) << threads << method;
    }
  }
}

TEST_F(LinearDigests, OfOneMatrixInEveryArrayFormHaveTheSameBytesWhereSumsAreExact) {
  const std::string data = PRODIGEST_SOURCE_DIR "/tests/io/data/";
  Matrix<double> dense(6, 4);  // the matrix of those files
  for (const auto& [i, j, value] : {std::tuple(0, 1, 1.5),
                                    {0, 3, -2.},
                                    {2, 0, 4.},
                                    {3, 2, 8.},
                                    {4, 0, 16.},
                                    {4, 3, 0.75},
                                    {5, 1, -32.}})
    dense(i, j) = value;
  io::save_npy(path("dense.npy"), dense.view());
  for (const std::string method :
       {"countsketch:size=3", "osnap:size=16,nonzeros=4", "sign:size=4", "srht:size=4"}) {
    sketch("dense.npy", "dense.pdg", method, {});
    for (const char* const name : {"csr.npz", "csc.npz", "coo.npz"}) {
      sketch(data + name, "x.pdg", method, {});
      EXPECT_EQ(read("x.pdg"), read("dense.pdg")) << name << method;
    }
  }
}

TEST_F(LinearDigests, OfPartsMergeToThatOfTheWhole) {
  write("a.csv", table(0, 100));
  write("b.csv", table(100, 200));
  for (const std::string& method : kExactSpecs) {
    for (const char* const name : {"t", "a", "b"})
      sketch(std::string(name) + ".csv", std::string(name) + ".pdg", method);
    run_well({"merge", "b.pdg", "a.pdg", "-o", "ab.pdg"});
    EXPECT_EQ(read("ab.pdg"), read("t.pdg")) << method;
  }
}

TEST_F(LinearDigests, OfOtherKindsMethodsSeedsOrColumnsDoNotMergeAndAre4) {
  sketch("t.csv", "a.pdg", "countsketch:size=64");
  const auto expect_no_merge = [&](const std::string& method, const Words& parts,
                                   const Words& more = {"--key", "id"}) {
    sketch("t.csv", "b.pdg", method, more);
    expect_refusal(4, {"merge", "a.pdg", "b.pdg", "-o", "x.pdg"}, parts);
  };
  expect_no_merge("priority:size=64", {"a.pdg and b.pdg", "one method family", "other's method"});
  expect_no_merge("countsketch:size=32", {"size=64", "size=32"});
  expect_no_merge("countsketch:size=64,rows=parts", {"rows="});
  expect_no_merge("countsketch:size=64,seed=1", {"seeds"});
  expect_no_merge("countsketch:size=64", {"columns"}, {"--key", "id", "--columns", "x"});
}

// A table of updates: k1 comes twice, k2 is taken back.
TEST_F(LinearDigests, OfRowsInPartsAreThoseOfTheirSums) {
  write("updates.csv", "id,x\nk1,3\nk2,5\nk1,4\nk2,-5\nk3,1\n");
  write("sums.csv", "id,x\nk1,7\nk3,1\n");
  for (const std::string& method : kExactSpecs) {
    sketch("updates.csv", "updates.pdg", method + ",rows=parts");
    sketch("sums.csv", "sums.pdg", method + ",rows=parts");
    EXPECT_EQ(values("updates.pdg"), values("sums.pdg")) << method;
    run_well({"product", "updates.pdg", "updates.pdg", "-o", "W.npy"});
    run_well({"product", "sums.pdg", "sums.pdg", "-o", "V.npy"});
    EXPECT_EQ(read("W.npy"), read("V.npy")) << method;
  }
}

TEST_F(LinearDigests, OfUpdatesAreAddedByMergeAndTakenBackBySubtract) {
  write("first.csv", "id,x\nk1,3\nk2,5\n");
  write("then.csv", "id,x\nk1,4\nk2,-5\nk3,1\n");
  write("sums.csv", "id,x\nk1,7\nk3,1\n");
  for (const char* const name : {"first", "then", "sums"})
    sketch(std::string(name) + ".csv", std::string(name) + ".pdg",
           "countsketch:size=64,rows=parts");
  run_well({"merge", "first.pdg", "then.pdg", "-o", "all.pdg"});
  EXPECT_EQ(values("all.pdg"), values("sums.pdg"));
  const auto json = run_well({"subtract", "all.pdg", "then.pdg", "-o", "x.pdg", "--json"}).json();
  EXPECT_EQ(json.at("spec"), "countsketch:size=64,seed=0,rows=parts");
  EXPECT_EQ(values("x.pdg"), values("first.pdg"));
  run_well({"subtract", "x.pdg", "first.pdg", "-o", "zero.pdg"});
  for (const double value : values("zero.pdg")) EXPECT_EQ(value, 0);
}

TEST_F(LinearDigests, OfWholeRowsHavePartsOnceTheyAreSubtracted) {
  write("part.csv", table(0, 100));
  write("rest.csv", table(100, 200));
  for (const char* const name : {"t", "part", "rest"})
    sketch(std::string(name) + ".csv", std::string(name) + ".pdg", "countsketch:size=64");
  run_well({"subtract", "t.pdg", "part.pdg", "-o", "x.pdg"});
  EXPECT_EQ(values("x.pdg"), values("rest.pdg"));
  EXPECT_EQ(linear_digest("x.pdg").spec().rows, linear::RowUpdates::kParts);
}

TEST_F(LinearDigests, SubtractTakesLinearSketchesThatGoTogether) {
  sketch("t.csv", "a.pdg", "countsketch:size=64");
  sketch("t.csv", "sample.pdg", "priority:size=64");
  expect_refusal(2, {"subtract", "sample.pdg", "a.pdg", "-o", "x.pdg"},
                 {"subtract: sample.pdg: expected a linear sketch, got a sample",
                  "priority:size=64,seed=0", "--method countsketch"});
  expect_refusal(2, {"subtract", "a.pdg", "sample.pdg", "-o", "x.pdg"}, {"sample.pdg"});
  sketch("t.csv", "b.pdg", "countsketch:size=64,seed=1");
  expect_refusal(4, {"subtract", "a.pdg", "b.pdg", "-o", "x.pdg"}, {"subtract: ", "seeds"});
  sketch("t.csv", "c.pdg", "countsketch:size=64", {"--key", "id", "--columns", "x"});
  expect_refusal(4, {"subtract", "a.pdg", "c.pdg", "-o", "x.pdg"}, {"columns"});
  expect_refusal(2, {"subtract", "a.pdg", "-o", "x.pdg"}, {"subtract: b is required"});
  expect_refusal(2, {"subtract", "a.pdg", "a.pdg", "-o", "-", "--json"}, {"stdout"});
}

TEST_F(LinearDigests, DoNotGetSmaller) {
  sketch("t.csv", "a.pdg", "sign:size=64");
  expect_refusal(2, {"truncate", "a.pdg", "-k", "9", "-o", "x.pdg"},
                 {"truncate: a.pdg: expected a sample, got a linear sketch, sign:size=64,seed=0",
                  "sketch again with -k 9"});
}

TEST_F(LinearDigests, OptionsOfSamplesAreRefusedBeforeTheMatrixIsOpened) {
  const Words start = {"sketch", "none.csv", "-o", "x.pdg", "-m"};
  const auto expect_sketch_refusal = [&](const Words& more, const Words& parts) {
    Words words = start;
    words.insert(words.end(), more.begin(), more.end());
    expect_refusal(2, words, parts);
  };
  expect_sketch_refusal({"countsketch:size=9", "--weights", "w.npy"},
                        {"--weights goes with", "weight=user"});
  expect_sketch_refusal({"countsketch:size=9,weight=norm"}, {"does not know \"weight\""});
  expect_sketch_refusal({"countsketch:size=9,rows=parts", "--unique-check"},
                        {"rows=parts", "--unique-check"});
}

TEST_F(LinearDigests, UniqueCheckIsForWholeRows) {
  write("twice.csv", "id,x\na,1\nb,2\na,3\n");
  expect_refusal(2,
                 {"sketch", "twice.csv", "--key", "id", "-o", "x.pdg", "--unique-check", "-m",
                  "countsketch:size=9"},
                 {"row 2", "repeats an earlier key"});
  sketch("t.csv", "x.pdg", "countsketch:size=9", {"--key", "id", "--unique-check"});
}

TEST_F(LinearDigests, OfAHadamardMatrixCountTheirRowsOnceUnlessToldTheLength) {
  write("n.csv", "x\n1\n2\n3\n4\n5\n");
  sketch("n.csv", "n.pdg", "srht:size=4", {});
  EXPECT_EQ(linear_digest("n.pdg").spec().length, 8);
  const Words from_pipe = {"sketch", "-", "-o", "x.pdg", "-m"};
  const auto with = [&](const std::string& method) {
    Words words = from_pipe;
    words.push_back(method);
    return words;
  };
  expect_refusal(3, with("srht:size=4"), {"pipe can be read only once"}, read("n.csv"));
  run_well(with("srht:size=4,length=8"), read("n.csv"));
  EXPECT_EQ(read("x.pdg"), read("n.pdg"));
  expect_refusal(2, {"sketch", "t.csv", "--key", "id", "-o", "y.pdg", "-m", "srht:size=4"},
                 {"srht", "another method"});
}

}  // namespace
}  // namespace prodigest::cli
