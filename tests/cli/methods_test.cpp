// Seeds, sizes and weights from the command line.

#include <algorithm>
#include <limits>

#include "cli/run_prodigest.hpp"
#include "cli/tables.hpp"
#include "prodigest/io/npy.hpp"

namespace prodigest::cli {
namespace {

class Methods : public Command {
 protected:
  Methods() { write("t.csv", table(0, 400)); }
  // The spec that a digest by these options carries.
  std::string spec(const std::vector<std::string>& options,
                   const std::string& output = "x.pdg") const {
    std::vector<std::string> words = {"sketch", "t.csv", "--key", "id", "--json", "-o", output};
    words.insert(words.end(), options.begin(), options.end());
    return run_well(words).json().value("spec", "");
  }
  void expect_sketch_refusal(const std::vector<std::string>& options,
                             const std::vector<std::string>& parts) const {
    std::vector<std::string> words = {"sketch", "t.csv", "--key", "id", "-o", "x.pdg"};
    words.insert(words.end(), options.begin(), options.end());
    expect_refusal(2, words, parts);
    EXPECT_EQ(files(), std::vector<std::string>{"t.csv"});
  }
};

TEST_F(Methods, TheDefaultIsAPrioritySampleOf1024RowsWithSeed0) {
  EXPECT_EQ(spec({}), "priority:size=1024,seed=0");
  EXPECT_EQ(spec({"-k", "30"}), "priority:size=30,seed=0");
}

TEST_F(Methods, SizeAndSeedMayBeGivenEitherWay) {
  EXPECT_EQ(spec({"-k", "30", "--seed", "7"}, "a.pdg"), "priority:size=30,seed=7");
  EXPECT_EQ(spec({"--method", "priority:size=30,seed=7"}, "b.pdg"), "priority:size=30,seed=7");
  EXPECT_EQ(read("a.pdg"), read("b.pdg"));
  EXPECT_EQ(spec({"--method", "threshold", "--size", "30"}), "threshold:size=30,seed=0");
  EXPECT_EQ(spec({"-m", "priority:weight=norm", "-k", "30"}),
            "priority:size=30,seed=0,weight=norm");
}

TEST_F(Methods, SizeAndSeedGivenBothWaysAreRefused) {
  expect_sketch_refusal({"--method", "priority:size=30,seed=7", "--seed", "7"},
                        {"seed is given both in --method", "--seed", "give it once"});
  expect_sketch_refusal({"--method", "priority:size=30", "-k", "30"}, {"size is given both"});
}

TEST_F(Methods, ValuesOfSamplesMayBeCoded) {
  EXPECT_EQ(spec({"-m", "priority:values=lattice:F4", "-k", "30"}, "coded.pdg"),
            "priority:size=30,seed=0,values=lattice:F4");
  EXPECT_EQ(spec({"-k", "30"}, "plain.pdg"), "priority:size=30,seed=0");
  const auto info = run_well({"info", "coded.pdg", "--json"}).json();
  EXPECT_EQ(info.at("values"), "F4");
  EXPECT_EQ(info.at("value_bits"), 24);  // six bytes for two entries
  EXPECT_FALSE(run_well({"info", "plain.pdg", "--json"}).json().contains("values"));
  EXPECT_NE(run_well({"info", "coded.pdg"}).out.find("F4, 24 bits an entry"), std::string::npos);
  run_well({"product", "coded.pdg", "plain.pdg", "-o", "w.npy"});
  run_well({"truncate", "coded.pdg", "-k", "20", "-o", "small.pdg"});
  EXPECT_EQ(read("small.pdg"), (spec({"-m", "priority:values=F4", "-k", "20"}), read("x.pdg")));
  expect_refusal(4, {"merge", "coded.pdg", "plain.pdg", "-o", "y.pdg"}, {"methods must be equal"});
}

TEST_F(Methods, SeedsAreDecimalNumbersBelow2ToThe64) {
  EXPECT_EQ(spec({"-k", "9", "--seed", "18446744073709551615"}),
            "priority:size=9,seed=18446744073709551615");
  const auto info = run_well({"info", "x.pdg", "--json"}).json();
  EXPECT_EQ(info.at("seed"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(spec({"-k", "9", "--seed", "010"}), "priority:size=9,seed=10");
  std::filesystem::remove(path("x.pdg"));
  for (const char* const bad : {"18446744073709551616", "-1", "0x10", "1e3", "7 "})
    expect_sketch_refusal({"--seed", bad},
                          {"--seed: expected a whole number from 0 to 18446744073709551615"});
}

TEST_F(Methods, AnotherSeedIsAnotherSample) {
  spec({"-k", "30"}, "a.pdg");
  spec({"-k", "30", "--seed", "1"}, "b.pdg");
  EXPECT_FALSE(std::ranges::equal(digest("a.pdg").row_ids(), digest("b.pdg").row_ids()));
}

TEST_F(Methods, WeightsFromAFileDecideTheRows) {
  // The squared norm as a weight of one's own: the sample is that of weight=squared_norm.
  spec({"-k", "30"}, "norm.pdg");
  run_well({"sketch", "t.csv", "--columns", "x,y", "-k", "400", "-o", "rows.pdg"});
  const Matrix<double> rows = dense_rows(digest("rows.pdg"));  // ids 0, 1, ... are the file's order
  Matrix<double> weights(rows.rows, 1);
  for (Index i = 0; i < rows.rows; ++i)
    weights(i, 0) = rows(i, 0) * rows(i, 0) + rows(i, 1) * rows(i, 1);
  io::save_npy(path("w.npy"), weights.view());
  EXPECT_EQ(spec({"--method", "priority:size=30,weight=user", "--weights", "w.npy"}, "user.pdg"),
            "priority:size=30,seed=0,weight=user");
  const auto user = digest("user.pdg"), norm = digest("norm.pdg");
  EXPECT_TRUE(std::ranges::equal(user.row_ids(), norm.row_ids()));
  EXPECT_TRUE(std::ranges::equal(user.weights(), norm.weights()));
  EXPECT_EQ(user.tau(), norm.tau());
}

TEST_F(Methods, WeightsGoWithWeightUserAndWeightUserWithWeights) {
  expect_sketch_refusal({"-m", "priority:size=30,weight=user"}, {"weight=user", "--weights"});
  expect_sketch_refusal({"-k", "30", "--weights", "w.npy"}, {"--weights goes with", "weight=user"});
}

TEST_F(Methods, WeightsMustBeAsManyAsRows) {
  for (const Index count : {Index{399}, Index{401}}) {
    Matrix<double> weights(count, 1);
    std::ranges::fill(weights.storage, 1.0);
    io::save_npy(path("w.npy"), weights.view());
    expect_refusal(2,
                   {"sketch", "t.csv", "--key", "id", "-o", "x.pdg", "-m",
                    "priority:size=30,weight=user", "--weights", "w.npy"},
                   {"w.npy: " + std::to_string(count) + " weights", "t.csv"});
    EXPECT_EQ(files(), (std::vector<std::string>{"t.csv", "w.npy"}));
  }
}

TEST_F(Methods, LeverageKeepsTheRowsThatDecideARegressionAndDoesNotMerge) {
  // The one row with a y counts for the whole direction, however small it is.
  std::string lines = "id,x,y\nlonely,0,1\n";
  for (int r = 0; r < 400; ++r) lines += fmt::format("k{},{},0\n", r, 100 + r % 7);
  write("t.csv", lines);
  EXPECT_EQ(spec({"--method", "priority:size=20,weight=leverage"}, "l.pdg"),
            "priority:size=20,seed=0,weight=leverage");
  const auto has_lonely = [&](const std::string& name) {
    const Matrix<double> rows = dense_rows(digest(name));
    for (Index i = 0; i < rows.rows; ++i)
      if (rows(i, 1) == 1) return true;
    return false;
  };
  EXPECT_TRUE(has_lonely("l.pdg"));
  EXPECT_EQ(spec({"--method", "priority:size=20,weight=ridge_leverage,ridge=0.5"}, "r.pdg"),
            "priority:size=20,seed=0,weight=ridge_leverage,ridge=0.5");
  EXPECT_TRUE(has_lonely("r.pdg"));
  spec({"-k", "20"}, "n.pdg");
  EXPECT_FALSE(has_lonely("n.pdg"));
  expect_refusal(4, {"merge", "l.pdg", "l.pdg", "-o", "x.pdg"}, {"leverage"});
  expect_refusal(2,
                 {"sketch", "t.csv", "--key", "id", "-o", "x.pdg", "-m",
                  "priority:size=9,weight=ridge_leverage"},
                 {"ridge"});
}

TEST_F(Methods, EveryWeightGivesAProductNearTheExactOne) {
  for (const std::string method :
       {"priority:size=300,weight=leverage", "threshold:size=300,weight=ridge_leverage,ridge=10",
        "priority:size=300,mixture=0.5", "threshold:size=300,weight=norm,mixture=0.2",
        "priority:size=300,weight=uniform", "threshold:size=300,tau=plain"}) {
    spec({"--method", method}, "a.pdg");
    const auto error =
        run_well({"product", "a.pdg", "a.pdg", "--json", "--exact", "t.csv", "t.csv"})
            .json()
            .at("frobenius_error");
    const double actual = error.at("actual"), estimated = error.at("estimated");
    EXPECT_LT(actual, 4 * estimated) << method;
    EXPECT_LT(error.at("relative"), 0.5) << method;
  }
}

TEST_F(Methods, UniformSamplesKnowNoNormAndSaySo) {
  spec({"--method", "priority:size=30,weight=uniform"}, "u.pdg");
  const auto info = run_well({"info", "u.pdg", "--json"}).json();
  EXPECT_TRUE(info.at("frobenius_norm").is_null());
  EXPECT_FALSE(info.contains("nonzero_rows"));
  const auto error = run_well({"product", "u.pdg", "u.pdg", "--json"}).json().at("frobenius_error");
  EXPECT_TRUE(error.at("apriori").is_null());
}

}  // namespace
}  // namespace prodigest::cli
