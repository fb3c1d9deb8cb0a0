// prodigest regress on tables small enough to know the answer.

#include <fmt/format.h>

#include <cmath>

#include "cli/run_prodigest.hpp"
#include "prodigest/io/npy.hpp"

namespace prodigest::cli {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

// z = 2 x - 3 y + 5 where both tables have the key; each has keys of its own, where nothing holds.
class Regress : public Command {
 protected:
  Regress() {
    std::string a = "id,x,y\n", b = "id,z,w\n";
    for (int r = 0; r < 60; ++r) {
      const int x = r * 37 % 41 - 20, y = r * 13 % 29;
      if (r < 50) a += fmt::format("k{},{},{}\n", r, x, y);
      if (r >= 10) b += fmt::format("k{},{},{}\n", r, r < 50 ? 2 * x - 3 * y + 5 : 999, r % 7);
    }
    write("a.csv", a);
    write("b.csv", b);
    for (const std::string name : {"a", "b"}) sketch(name + ".csv", name + ".pdg");
  }
  void sketch(const std::string& input, const std::string& output,
              const std::string& method = "priority:size=1000",
              const Words& more = {"--key", "id"}) const {
    Words words = {"sketch", input, "-o", output, "--method", method, "-q"};
    words.insert(words.end(), more.begin(), more.end());
    run_well(words);
  }
  Json fit(Words words) const {
    words.insert(words.begin(), "regress");
    words.insert(words.end(), {"--json", "-q"});
    return run_well(words).json();
  }
  static void expect_exact(const Json& json) {
    ASSERT_EQ(json.at("coefficients").size(), 2u);
    EXPECT_EQ(json.at("coefficients")[0].at("name"), "x");
    EXPECT_NEAR(json.at("coefficients")[0].at("value").get<double>(), 2, 1e-10);
    EXPECT_EQ(json.at("coefficients")[1].at("name"), "y");
    EXPECT_NEAR(json.at("coefficients")[1].at("value").get<double>(), -3, 1e-10);
    EXPECT_NEAR(json.at("intercept").at("value").get<double>(), 5, 1e-9);
  }
  static bool warns(const Json& json, const std::string& kind) {
    for (const Json& warning : json.at("warnings"))
      if (warning.at("kind") == kind) return true;
    return false;
  }
};

TEST_F(Regress, FindsTheCoefficientsOfAnExactRelationOnTheJoin) {
  const Json json = fit({"a.pdg", "b.pdg", "--target", "z", "--ridge", "0", "-o", "x.npy"});
  expect_exact(json);
  EXPECT_EQ(json.at("target"), "z");
  EXPECT_EQ(json.at("estimator"), "joint");
  EXPECT_EQ(json.at("matched_rows"), 40);
  EXPECT_NEAR(json.at("join_rows").get<double>(), 40, 1e-9);
  EXPECT_EQ(json.at("rank"), 2);
  EXPECT_EQ(json.at("ridge"), 0);
  EXPECT_EQ(json.at("scaled_ridge"), false);
  EXPECT_EQ(json.at("confidence"), 0.95);
  EXPECT_NEAR(json.at("r_squared").get<double>(), 1, 1e-9);
  EXPECT_GT(json.at("r_squared_interval")[0], 0.99);
  for (const Json& c : json.at("coefficients"))
    EXPECT_NEAR(c.at("standard_error").get<double>(), 0, 1e-9);
  const std::vector<double> x = io::load_npy_vector(path("x.npy"));
  ASSERT_EQ(x.size(), 2u);
  EXPECT_EQ(x[0], json.at("coefficients")[0].at("value"));
  EXPECT_EQ(x[1], json.at("coefficients")[1].at("value"));
  EXPECT_NE(read("x.npy").find("'shape': (2,)"), std::string::npos);
}

TEST_F(Regress, ASmallSampleOfAnExactRelationFindsItToo) {
  for (const std::string name : {"a", "b"})
    sketch(name + ".csv", name + "20.pdg", "priority:size=20,weight=uniform");
  const Json json = fit({"a20.pdg", "b20.pdg", "--target", "z", "--ridge", "0"});
  expect_exact(json);
  EXPECT_LT(json.at("matched_rows"), 21);
  EXPECT_GT(json.at("matched_rows"), 4);
}

TEST_F(Regress, TellsItsFitInWords) {
  const std::string text =
      run_well({"regress", "a.pdg", "b.pdg", "--target", "z", "--ridge", "0", "-q"}).out;
  EXPECT_TRUE(text.starts_with(
      "z from 2 columns and a constant, from 40 matched rows, worth 40 equal ones, of about 40 in "
      "the join\nestimator joint, no ridge\n"))
      << text;
  const std::size_t x = text.find("\n  x "), y = text.find("\n  y "),
                    constant = text.find("\n  intercept ");
  EXPECT_LT(x, y) << text;
  EXPECT_LT(y, constant) << text;
  EXPECT_NE(text.find("\nR² 1, 95 % interval "), std::string::npos) << text;
  const std::string chosen = run_well({"regress", "a.pdg", "b.pdg", "--target", "z", "-q"}).out;
  EXPECT_NE(chosen.find("estimator joint, no ridge, which leave-one-out chose\n"),
            std::string::npos)
      << chosen;
  const std::string given =
      run_well({"regress", "a.pdg", "b.pdg", "--target", "z", "--ridge", "2.5", "-q"}).out;
  EXPECT_NE(given.find("estimator joint, ridge 2.5\n"), std::string::npos) << given;
}

TEST_F(Regress, EveryEstimatorFindsAnExactRelationWhereNothingIsLeftOut) {
  // One table: rows that one side lacks would count as zeros.
  write("t.csv", "id,x,y,z\n1,1,2,1\n2,-3,4,-13\n3,5,6,-3\n4,0.5,-1,9\n5,2,0,9\n6,-7,3,-18\n");
  const Words left = {"--key", "id", "--columns", "x,y", "--presence"},
              right = {"--key", "id", "--columns", "z"};
  const auto expect_fit = [&](const std::string& a, const std::string& b,
                              const std::string& estimator) {
    sketch("t.csv", "l.pdg", a, left);
    sketch("t.csv", "r.pdg", b, right);
    const Json json = fit({"l.pdg", "r.pdg", "--ridge", "0", "--estimator", estimator});
    EXPECT_EQ(json.at("estimator"), estimator);
    expect_exact(json);
  };
  const std::string all = "priority:size=50,weight=uniform,totals=norm";
  expect_fit(all, all, "joint");
  expect_fit(all, all, "single");
  expect_fit("priority:size=50,totals=gram", all, "gram");
  expect_fit("countsketch:size=4096", "countsketch:size=4096", "sketch");
  expect_fit("srht:size=8", "srht:size=8", "sketch");
}

TEST_F(Regress, SketchesAreTheDefaultForLinearDigestsAndSayWhatTheyLack) {
  for (const std::string name : {"a", "b"})
    sketch(name + ".csv", name + ".l.pdg", "countsketch:size=30");
  const Outcome outcome =
      run_well({"regress", "a.l.pdg", "b.l.pdg", "--target", "z", "--no-intercept"});
  EXPECT_TRUE(outcome.out.starts_with("z from 2 columns, from sketches of 30 rows\n"))
      << outcome.out;
  EXPECT_NE(outcome.err.find("row of zeros"), std::string::npos) << outcome.err;
  const Json json = fit({"a.l.pdg", "b.l.pdg", "--target", "z"});
  EXPECT_EQ(json.at("estimator"), "sketch");
  EXPECT_TRUE(json.at("join_rows").is_null());
  EXPECT_TRUE(json.at("intercept").is_null());
  EXPECT_TRUE(warns(json, "missing_as_zero"));
}

TEST_F(Regress, AMatrixOnEitherSideIsWhatItsDigestOfAllRowsIs) {
  const Json both = fit({"a.pdg", "b.pdg", "--target", "z", "--ridge", "0"});
  for (const Words& sides : {Words{"a.pdg", "b.csv"}, Words{"a.csv", "b.pdg"}}) {
    const Json json = fit({sides[0], sides[1], "--target", "z", "--ridge", "0"});
    expect_exact(json);
    EXPECT_EQ(json.at("matched_rows"), both.at("matched_rows"));
  }
  sketch("a.csv", "a7.pdg", "priority:size=15,seed=7");
  EXPECT_LE(fit({"a7.pdg", "b.csv", "--target", "z"}).at("matched_rows"), 15);
  sketch("a.csv", "l.pdg", "countsketch:size=30");
  sketch("b.csv", "m.pdg", "countsketch:size=30");
  EXPECT_EQ(fit({"l.pdg", "b.csv", "--target", "z"}), fit({"l.pdg", "m.pdg", "--target", "z"}));
}

// One column through the origin: sum of x z / (sum of x² + lambda).
TEST_F(Regress, WithoutAConstantAndWithAGivenRidgeIsTheFormula) {
  write("x.csv", "id,x\n1,1\n2,2\n3,3\n");
  write("z.csv", "id,z\n1,3\n2,1\n3,4\n");
  for (const std::string name : {"x", "z"}) sketch(name + ".csv", name + ".pdg");
  for (const auto& [ridge, expected] :
       {std::pair{"0", 17.0 / 14}, {"3", 17.0 / 17}, {"20", 17.0 / 34}}) {
    const Json json = fit({"x.pdg", "z.pdg", "--no-intercept", "--ridge", ridge});
    EXPECT_NEAR(json.at("coefficients")[0].at("value").get<double>(), expected, 1e-12) << ridge;
    EXPECT_TRUE(json.at("intercept").is_null());
    EXPECT_EQ(json.at("ridge"), std::stod(ridge));
  }
  // With a constant: means 2 and 8/3, slope 1/2.
  const Json json = fit({"x.pdg", "z.pdg", "--ridge", "0"});
  EXPECT_NEAR(json.at("coefficients")[0].at("value").get<double>(), 0.5, 1e-12);
  EXPECT_NEAR(json.at("intercept").at("value").get<double>(), 8.0 / 3 - 1, 1e-12);
}

TEST_F(Regress, TheTargetIsNamedUnlessThereIsButOne) {
  expect_refusal(2, {"regress", "a.pdg", "b.pdg", "--target", "zz"},
                 {"\"zz\"", "nearest is \"z\""});
  expect_refusal(2, {"regress", "a.pdg", "b.pdg"}, {"B has 2 columns", "target"});
  sketch("b.csv", "w.pdg", "priority:size=1000", {"--key", "id", "--columns", "w"});
  EXPECT_EQ(fit({"a.pdg", "w.pdg"}).at("target"), "w");
}

TEST_F(Regress, ColumnsWithoutNamesGoByTheirNumbers) {
  Matrix<double> a(30, 2), b(30, 3);
  for (Index i = 0; i < 30; ++i) {
    a(i, 0) = static_cast<double>(i * 7 % 11);
    a(i, 1) = static_cast<double>(i * 5 % 13);
    b(i, 2) = 2 * a(i, 0) - 3 * a(i, 1) + 5;
  }
  io::save_npy(path("a.npy"), a.view());
  io::save_npy(path("b.npy"), b.view());
  for (const std::string name : {"a", "b"})
    sketch(name + ".npy", name + ".pdg", "priority:size=50,weight=uniform", {});
  const Json json = fit({"a.pdg", "b.pdg", "--target", "2", "--ridge", "0"});
  EXPECT_EQ(json.at("target"), "2");
  EXPECT_EQ(json.at("coefficients")[1].at("name"), "1");
  EXPECT_NEAR(json.at("coefficients")[1].at("value").get<double>(), -3, 1e-12);
  expect_refusal(2, {"regress", "a.pdg", "b.pdg", "--target", "3"}, {"3"});
}

TEST_F(Regress, BadOptionsAre2) {
  const auto expect_bad = [&](const Words& more, const Words& parts) {
    Words words = {"regress", "a.pdg", "b.pdg", "--target", "z"};
    words.insert(words.end(), more.begin(), more.end());
    expect_refusal(2, words, parts);
  };
  expect_bad({"--ridge", "-1"}, {"ridge", "-1"});
  expect_bad({"--ridge", "nan"}, {"ridge"});
  expect_bad({"--ridge", "much"}, {"--ridge"});
  expect_bad({"--confidence", "1"}, {"confidence", "(0, 1)"});
  expect_bad({"--estimator", "best"}, {"expected joint or single or gram or sketch, got \"best\""});
  expect_bad({"--estimator", "gram"}, {"totals=gram"});
  expect_refusal(2, {"regress", "a.csv", "b.csv"}, {"at least one digest", "prodigest sketch"});
  const std::string before = read("b.csv");
  expect_refusal(2, {"regress", "a.pdg", "b.csv", "--target", "z", "-o", "b.csv"},
                 {"would replace the matrix"});
  EXPECT_EQ(read("b.csv"), before);
}

TEST_F(Regress, DigestsThatDoNotGoTogetherAre4) {
  const auto expect_no_fit = [&](const std::string& method, const Words& parts,
                                 const Words& more = {"--key", "id"}) {
    sketch("b.csv", "c.pdg", method, more);
    expect_refusal(4, {"regress", "a.pdg", "c.pdg", "--target", "z"}, parts);
  };
  expect_no_fit("priority:size=1000,seed=1", {"seeds", "0 and 1", "seed=0"});
  expect_no_fit("countsketch:size=100", {"make both with one such method"});
  expect_no_fit("priority:size=1000", {"text"}, {"--key", "id", "--key-as", "text"});
  expect_refusal(4, {"regress", "a.pdg", "b.pdg", "--target", "z", "--estimator", "sketch"},
                 {"estimator sketch", "linear sketches"});
}

TEST_F(Regress, WithoutACommonKeyThereIsAResultThatSaysSo) {
  write("c.csv", "id,z\nq1,1\nq2,2\nq3,7\n");
  sketch("c.csv", "c.pdg");
  const Outcome outcome = run_well({"regress", "a.pdg", "c.pdg"});
  EXPECT_NE(outcome.out.find("from 0 matched rows"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("\nno fit: the digests have no row in common"), std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.err.find("no row in common"), std::string::npos) << outcome.err;
  const Json json = fit({"a.pdg", "c.pdg"});
  EXPECT_TRUE(json.at("r_squared").is_null());
  EXPECT_EQ(json.at("r_squared_interval"), (Json{0, 1}));
  EXPECT_TRUE(warns(json, "no_common_rows"));
  for (const Json& c : json.at("coefficients")) {
    EXPECT_EQ(c.at("value"), 0);
    EXPECT_TRUE(c.at("standard_error").is_null());
  }
  const Outcome required = run({"regress", "a.pdg", "c.pdg", "--require", "0"});
  EXPECT_EQ(required.exit_code, 6);
  EXPECT_EQ(required.out, outcome.out);
  EXPECT_NE(required.err.find("--require 0: "), std::string::npos) << required.err;
}

TEST_F(Regress, RequireIsMetByAFitOfEnoughRowsAndNotByAFewOfThem) {
  run_well({"regress", "a.pdg", "b.pdg", "--target", "z", "--ridge", "0", "--require", "0.99"});
  // w has nothing to do with x and y.
  const Outcome none = run({"regress", "a.pdg", "b.pdg", "--target", "w", "--require", "0.5"});
  EXPECT_EQ(none.exit_code, 6);
  EXPECT_NE(none.err.find("--require 0.5: "), std::string::npos) << none.err;
  std::string noise = "id,v\n";
  for (int r = 10; r < 60; ++r) noise += fmt::format("k{},{}\n", r, r * r * 17 % 23);
  write("noise.csv", noise);
  EXPECT_TRUE(warns(fit({"a.pdg", "noise.csv"}), "no_fit"));
  const Outcome unfit = run({"regress", "a.pdg", "noise.csv", "--require", "0"});
  EXPECT_EQ(unfit.exit_code, 6);
  EXPECT_NE(unfit.out.find("\nno fit: "), std::string::npos) << unfit.out;
  sketch("a.csv", "few.pdg", "priority:size=8,weight=uniform");
  const Json json = fit({"few.pdg", "b.csv", "--target", "z", "--ridge", "0"});
  EXPECT_TRUE(warns(json, "few_rows")) << json;
  EXPECT_EQ(run({"regress", "few.pdg", "b.csv", "--target", "z", "--ridge", "0", "--require", "0"})
                .exit_code,
            6);
}

TEST_F(Regress, WithFewerRowsThanColumnsThereIsAResultThatSaysSo) {
  write("wide.csv", "id,p,q,r,s\nk10,1,2,3,4\nk11,2,1,0,5\nk12,0,0,1,1\n");
  sketch("wide.csv", "wide.pdg");
  const Json json = fit({"wide.pdg", "b.pdg", "--target", "z", "--ridge", "0"});
  EXPECT_EQ(json.at("matched_rows"), 3);
  EXPECT_TRUE(warns(json, "underdetermined"));
  EXPECT_TRUE(json.at("r_squared").is_null());
  for (const Json& c : json.at("coefficients")) EXPECT_TRUE(c.at("value").is_number());
}

TEST_F(Regress, ColumnsThatDependOnEachOtherAreRemarked) {
  write("twice.csv", "id,x,double\nk10,1,2\nk11,2,4\nk12,5,10\nk13,-1,-2\nk14,7,14\n");
  sketch("twice.csv", "twice.pdg");
  const Json json = fit({"twice.pdg", "b.pdg", "--target", "z", "--ridge", "0"});
  EXPECT_TRUE(warns(json, "rank_deficient"));
  EXPECT_EQ(json.at("rank"), 1);
}

TEST_F(Regress, WarningsAreOnStderrUnlessQuietAndInTheJson) {
  write("zeros.csv", "id,x\nk10,0\nk11,2\nk12,5\nk13,-1\nk14,7\nk15,0\n");
  sketch("zeros.csv", "zeros.pdg");
  const Words words = {"regress", "zeros.pdg", "b.pdg", "--target", "z"};
  const Outcome loud = run_well(words);
  EXPECT_NE(loud.err.find("regress: 2 of 6 rows of A are zero"), std::string::npos) << loud.err;
  Words quiet = words;
  quiet.push_back("-q");
  EXPECT_EQ(run_well(quiet).err, "");
  EXPECT_EQ(run_well(quiet).out, loud.out);
  EXPECT_TRUE(warns(fit({"zeros.pdg", "b.pdg", "--target", "z"}), "zero_rows_missing"));
  sketch("zeros.csv", "zeros.pdg", "priority:size=100,mixture=0.5");
  EXPECT_FALSE(warns(fit({"zeros.pdg", "b.pdg", "--target", "z"}), "zero_rows_missing"));
}

}  // namespace
}  // namespace prodigest::cli
