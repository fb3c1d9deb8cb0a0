// AᵀB from linear sketches: of two of them, and of one beside a matrix.

#include <cmath>

#include "cli/run_prodigest.hpp"
#include "cli/tables.hpp"

namespace prodigest::cli {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

class LinearProduct : public Command {
 protected:
  void sketch(const std::string& input, const std::string& output, const std::string& method,
              const Words& more = {"--key", "id"}) const {
    Words words = {"sketch", input, "-o", output, "--method", method};
    words.insert(words.end(), more.begin(), more.end());
    run_well(words);
  }
};

TEST_F(LinearProduct, OfTheTwoTablesHasTheErrorThatItEstimates) {
  const std::string sizes = packages("sizes.csv.gz"), depends = packages("depends.csv.gz");
  for (const std::string method : {"countsketch:size=1000", "osnap:size=1000"}) {
    sketch(sizes, "s.pdg", method, {"--key", "package"});
    sketch(depends, "d.pdg", method, {"--key", "package", "--words", "depends"});
    const Words words = {"product", "s.pdg", "d.pdg", "--exact", sizes, depends};
    const std::string text = run_well(words).out;
    EXPECT_TRUE(text.starts_with("A'B: 2 x 512 from sketches of 1,000 rows\n")) << text;
    EXPECT_EQ(text.find("matched"), std::string::npos) << text;
    EXPECT_NE(text.find("guaranteed before looking"), std::string::npos) << text;
    EXPECT_NE(text.find("largest entries"), std::string::npos) << text;

    Words in_json = words;
    in_json.push_back("--json");
    const Json json = run_well(in_json).json();
    EXPECT_EQ(json.at("matched_rows"), 0);
    EXPECT_EQ(json.at("sketch_rows"), 1000);
    EXPECT_EQ(json.at("norms_estimated"), false);
    const Json error = json.at("frobenius_error");
    const double actual = error.at("actual"), estimated = error.at("estimated");
    EXPECT_LT(actual, 3 * estimated) << method;
    EXPECT_GT(actual, estimated / 3) << method;
    EXPECT_LE(error.at("bound"), error.at("apriori")) << method;
    EXPECT_LE(actual, error.at("bound")) << method;
  }
}

TEST_F(LinearProduct, OfAMatrixOnEitherSideIsThatOfItsSketch) {
  write("a.csv", table(0, 300));
  write("b.csv", table(100, 300));
  for (const std::string method : {"countsketch:size=40", "osnap:size=40", "gaussian:size=40",
                                   "sign:size=40", "countsketch:size=40,rows=parts"}) {
    sketch("a.csv", "a.pdg", method);
    sketch("b.csv", "b.pdg", method);
    const std::string both = run_well({"product", "a.pdg", "b.pdg", "-o", "both.npy"}).out;
    EXPECT_EQ(run_well({"product", "a.pdg", "b.csv", "-o", "right.npy"}).out, both) << method;
    EXPECT_EQ(run_well({"product", "a.csv", "b.pdg", "-o", "left.npy"}).out, both) << method;
    EXPECT_EQ(run_well({"product", "-", "b.pdg"}, read("a.csv")).out, both) << method;
    EXPECT_EQ(read("right.npy"), read("both.npy")) << method;
    EXPECT_EQ(read("left.npy"), read("both.npy")) << method;
  }
}

// All rows of an orthogonal matrix lose nothing.
TEST_F(LinearProduct, OfAWholeHadamardMatrixIsExactAndSaysSo) {
  write("a.csv", "x,y\n1,2\n-3,4\n5,6\n0.5,-1\n");
  write("b.csv", "u\n2\n1\n0\n4\n");
  for (const std::string name : {"a", "b"}) sketch(name + ".csv", name + ".pdg", "srht:size=4", {});
  const Json json = run_well({"product", "a.pdg", "b.pdg", "-o", "W.npy", "--json", "--require",
                              "0.000001", "--exact", "a.csv", "b.csv"})
                        .json();
  const Matrix<double> w = npy("W.npy");
  EXPECT_NEAR(w(0, 0), 2 - 3 + 0.5 * 4, 1e-12);
  EXPECT_NEAR(w(1, 0), 4 + 4 - 4, 1e-12);
  EXPECT_NEAR(json.at("frobenius_error").at("apriori").get<double>(), 0, 1e-12);
  EXPECT_NEAR(json.at("frobenius_error").at("actual").get<double>(), 0, 1e-12);
}

TEST_F(LinearProduct, WithoutNormsSaysThatTheyAreEstimated) {
  write("t.csv", table(0, 300));
  sketch("t.csv", "parts.pdg", "countsketch:size=40,rows=parts");
  sketch("t.csv", "whole.pdg", "countsketch:size=40");
  for (const Words& sides : {Words{"parts.pdg", "parts.pdg"}, Words{"whole.pdg", "parts.pdg"}}) {
    const std::string text = run_well({"product", sides[0], sides[1]}).out;
    EXPECT_NE(text.find("|A||B| is estimated too"), std::string::npos) << text;
    EXPECT_NE(text.find("expected before looking"), std::string::npos) << text;
    EXPECT_EQ(text.find("guaranteed"), std::string::npos) << text;
    EXPECT_EQ(run_well({"product", sides[0], sides[1], "--json"}).json().at("norms_estimated"),
              true);
  }
}

TEST_F(LinearProduct, HasDeviationsConfidenceAndRequireAsSamplesHave) {
  write("t.csv", table(0, 300));
  sketch("t.csv", "t.pdg", "osnap:size=400");
  run_well({"product", "t.pdg", "t.pdg", "--deviations", "D.npy", "--top", "0"});
  for (const double deviation : npy("D.npy").storage) EXPECT_GT(deviation, 0);
  const auto bound = [&](const char* confidence) {
    return run_well({"product", "t.pdg", "t.pdg", "--json", "--confidence", confidence})
        .json()
        .at("frobenius_error")
        .at("bound")
        .get<double>();
  };
  EXPECT_LT(bound("0.8"), bound("0.95"));
  run_well({"product", "t.pdg", "t.pdg", "--require", "0.9"});
  const Outcome outcome = run({"product", "t.pdg", "t.pdg", "--require", "0.001"});
  EXPECT_EQ(outcome.exit_code, 6);
  EXPECT_TRUE(outcome.out.starts_with("A'B: 2 x 2")) << outcome.out;
  EXPECT_NE(outcome.err.find("--require 0.001: the error bound is"), std::string::npos);
}

TEST_F(LinearProduct, OfDigestsThatDoNotGoTogetherIs4) {
  write("t.csv", table(0, 100));
  sketch("t.csv", "a.pdg", "countsketch:size=40");
  const auto expect_no_product = [&](const std::string& method, const Words& parts,
                                     const Words& more = {"--key", "id"}) {
    sketch("t.csv", "b.pdg", method, more);
    expect_refusal(4, {"product", "a.pdg", "b.pdg"}, parts);
    expect_refusal(4, {"product", "b.pdg", "a.pdg"}, parts);
  };
  expect_no_product("priority:size=40", {"product: both digests must be of one method family",
                                         "priority:size=40", "countsketch:size=40"});
  expect_no_product("countsketch:size=41", {"size=40", "size=41"});
  expect_no_product("osnap:size=40", {"osnap", "countsketch"});
  expect_no_product("countsketch:size=40,seed=1", {"seeds"});
  expect_no_product("countsketch:size=40", {"text"}, {"--key", "id", "--key-as", "text"});
}

TEST_F(LinearProduct, ComparedWithOtherMatricesIsRefused) {
  write("t.csv", table(0, 100));
  sketch("t.csv", "t.pdg", "countsketch:size=40", {});
  write("a.mtx", "%%MatrixMarket matrix array real general\n2 3\n1\n2\n3\n4\n5\n6\n");
  sketch("a.mtx", "a.pdg", "countsketch:size=40", {});
  write("b.mtx", "%%MatrixMarket matrix array real general\n3 2\n1\n2\n3\n4\n5\n6\n");
  expect_refusal(2, {"product", "a.pdg", "a.pdg", "--exact", "b.mtx", "b.mtx"},
                 {"--exact", "of 3 and 3 columns, got 2 and 2"});
}

}  // namespace
}  // namespace prodigest::cli
