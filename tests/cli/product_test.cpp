// The main job: two tables digested alone, their product with its error.

#include <cmath>

#include "cli/run_prodigest.hpp"

namespace prodigest::cli {
namespace {

using Product = Command;
using Json = nlohmann::json;

const std::vector<std::string> kDependsWords = {"--key", "package", "--words", "depends"};

class PackageProduct : public Command {
 protected:
  PackageProduct() {
    run_well({"sketch", packages("sizes.csv.gz"), "--key", "package", "-k", "1000", "-o", "s.pdg"});
    run_well({"sketch", packages("depends.csv.gz"), "--key", "package", "--words", "depends", "-k",
              "1000", "-o", "d.pdg"});
  }
  // What product prints as JSON, with the actual error.
  Json product(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "product");
    arguments.insert(arguments.end(),
                     {"--json", "--exact", packages("sizes.csv.gz"), packages("depends.csv.gz")});
    return run_well(arguments).json();
  }
};

TEST_F(PackageProduct, TellsItsShapeItsRowsAndItsError) {
  const Json result = product({"s.pdg", "d.pdg"});
  EXPECT_EQ(result.at("schema"), 1);
  EXPECT_EQ(result.at("command"), "product");
  EXPECT_EQ(result.at("shape"), (Json{2, 512}));
  const int matched = result.at("matched_rows");
  EXPECT_GT(matched, 50);
  EXPECT_LT(matched, 1000);
  EXPECT_GT(result.at("effective_rows"), 1);
  EXPECT_LE(result.at("effective_rows"), matched);
  std::vector<std::string> names;
  for (const auto& [name, value] : result.at("frobenius_error").items()) {
    names.push_back(name);
    EXPECT_TRUE(value.is_number()) << name;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"actual", "apriori", "blind", "bound", "confidence",
                                             "estimated", "relative"}));
}

TEST_F(PackageProduct, ItsErrorIsBelowTheBoundAndWithinAFactorOf3OfTheEstimate) {
  for (const char* const seed : {"0", "1", "2"}) {
    run_well({"sketch", packages("sizes.csv.gz"), "--key", "package", "-k", "1000", "--seed", seed,
              "-o", "s.pdg"});
    run_well({"sketch", packages("depends.csv.gz"), "--key", "package", "--words", "depends", "-k",
              "1000", "--seed", seed, "-o", "d.pdg"});
    const Json error = product({"s.pdg", "d.pdg"}).at("frobenius_error");
    const double actual = error.at("actual"), estimated = error.at("estimated");
    EXPECT_GT(actual, 0);
    EXPECT_LE(actual, error.at("bound")) << "seed " << seed;
    EXPECT_LE(error.at("bound"), error.at("apriori")) << "seed " << seed;
    EXPECT_LT(actual, 3 * estimated) << "seed " << seed;
    EXPECT_GT(actual, estimated / 3) << "seed " << seed;
    EXPECT_EQ(error.at("confidence"), 0.95);
    EXPECT_LT(error.at("relative"), 0.02);
  }
}

TEST_F(PackageProduct, AMatrixAtHandOnOneSideHalvesTheVariance) {
  std::vector<std::string> one_sided = {"s.pdg", packages("depends.csv.gz")};
  one_sided.insert(one_sided.end(), kDependsWords.begin(), kDependsWords.end());
  const Json one = product(one_sided), two = product({"s.pdg", "d.pdg"});
  EXPECT_EQ(one.at("shape"), two.at("shape"));
  EXPECT_GT(one.at("matched_rows"), two.at("matched_rows"));
  const double apriori = one.at("frobenius_error").at("apriori"),
               of_two = two.at("frobenius_error").at("apriori");
  EXPECT_NEAR(apriori * std::sqrt(2), of_two, 1e-9 * of_two);
  EXPECT_LT(one.at("frobenius_error").at("estimated"), two.at("frobenius_error").at("estimated"));
  EXPECT_LT(one.at("frobenius_error").at("actual"), two.at("frobenius_error").at("actual"));
  EXPECT_LE(one.at("frobenius_error").at("actual"), one.at("frobenius_error").at("bound"));
}

TEST_F(PackageProduct, TheMatrixAtHandMayStandOnEitherSide) {
  run_well({"product", "s.pdg", packages("depends.csv.gz"), "--words", "depends", "-o", "W.npy"});
  run_well({"product", packages("depends.csv.gz"), "s.pdg", "--words", "depends", "-o", "T.npy",
            "--deviations", "D.npy"});
  const Matrix<double> w = npy("W.npy"), turned = npy("T.npy"), deviations = npy("D.npy");
  ASSERT_EQ(turned.rows, w.cols);
  ASSERT_EQ(turned.cols, w.rows);
  EXPECT_EQ(deviations.rows, turned.rows);
  for (Index i = 0; i < w.rows; ++i)
    for (Index j = 0; j < w.cols; ++j) EXPECT_EQ(w(i, j), turned(j, i));

  const Json other = product({packages("sizes.csv.gz"), "d.pdg"});
  EXPECT_EQ(other.at("shape"), (Json{2, 512}));
  EXPECT_LE(other.at("frobenius_error").at("actual"), other.at("frobenius_error").at("bound"));
  EXPECT_LT(other.at("frobenius_error").at("relative"), 0.02);
}

TEST_F(PackageProduct, DigestsOfAllRowsHaveNoErrorAndMeetTheStrictestRequire) {
  run_well({"sketch", packages("sizes.csv.gz"), "--key", "package", "-k", "40000", "-o", "s.pdg"});
  run_well({"sketch", packages("depends.csv.gz"), "--key", "package", "--words", "depends", "-k",
            "40000", "-o", "d.pdg"});
  const Json result = product({"s.pdg", "d.pdg", "--require", "0"});
  EXPECT_GT(result.at("matched_rows"), 20000);  // the packages of both tables with one of the words
  EXPECT_EQ(result.at("frobenius_error").at("bound"), 0);
  EXPECT_EQ(result.at("frobenius_error").at("actual"), 0);
}

TEST_F(PackageProduct, NamesTheLargestEntriesAndAsManyAsAsked) {
  const std::string text = run_well({"product", "s.pdg", "d.pdg", "--top", "3"}).out;
  EXPECT_NE(text.find("installed_kb x libc6"), std::string::npos) << text;
  const auto entries = text.substr(text.find("largest entries"));
  EXPECT_EQ(std::count(entries.begin(), entries.end(), '\n'), 1 + 3) << text;
  EXPECT_EQ(run_well({"product", "s.pdg", "d.pdg", "--top", "0"}).out.find("largest"),
            std::string::npos);
}

TEST_F(PackageProduct, MoreConfidenceMeansALargerBound) {
  const auto bound = [&](const char* confidence) {
    return run_well({"product", "s.pdg", "d.pdg", "--json", "--confidence", confidence})
        .json()
        .at("frobenius_error")
        .at("bound")
        .get<double>();
  };
  EXPECT_LT(bound("0.8"), bound("0.95"));
  EXPECT_LT(bound("0.95"), bound("0.99"));
}

TEST_F(PackageProduct, DeviationsAreTheErrorsOfTheEntries) {
  run_well({"product", "s.pdg", "d.pdg", "-o", "W.npy", "--deviations", "D.npy"});
  const Matrix<double> w = npy("W.npy"), deviations = npy("D.npy");
  ASSERT_EQ(deviations.rows, 2);
  ASSERT_EQ(deviations.cols, 512);
  double squares = 0;
  for (const double deviation : deviations.storage) {
    EXPECT_GE(deviation, 0);
    squares += deviation * deviation;
  }
  const double estimated = run_well({"product", "s.pdg", "d.pdg", "--json"})
                               .json()
                               .at("frobenius_error")
                               .at("estimated");
  EXPECT_NEAR(std::sqrt(squares), estimated, 0.05 * estimated);
}

// Rows 1 to 5 and 3 to 7: the product is that of rows 3, 4 and 5.
class HandTables : public Command {
 protected:
  HandTables() {
    write("a.csv", "id,p,q\n1,1,2\n2,-3,4\n3,5,6\n4,0.5,-1\n5,2,0\n");
    write("b.csv", "id,u,v,w\n7,9,9,9\n5,1,0,-2\n6,8,8,8\n3,2,1,0\n4,4,-8,16\n");
    run_well({"sketch", "a.csv", "--key", "id", "-k", "5", "-o", "a.pdg"});
    run_well({"sketch", "b.csv", "--key", "id", "-k", "9", "-o", "b.pdg"});
  }
  static constexpr double kProduct[2][3] = {{14, 1, 4}, {8, 14, -16}};
  void expect_exact(const Matrix<double>& w) const {
    ASSERT_EQ(w.rows, 2);
    ASSERT_EQ(w.cols, 3);
    for (Index i = 0; i < 2; ++i)
      for (Index j = 0; j < 3; ++j) EXPECT_EQ(w(i, j), kProduct[i][j]) << i << " " << j;
  }
};

TEST_F(HandTables, DigestsThatHoldAllRowsGiveTheProductItselfAndTheBoundZero) {
  const Json result = run_well({"product", "a.pdg", "b.pdg", "-o", "W.npy", "--json", "--exact",
                                "a.csv", "b.csv", "--require", "0"})
                          .json();
  EXPECT_EQ(result.at("matched_rows"), 3);
  for (const char* const name : {"estimated", "blind", "bound", "apriori", "actual", "relative"})
    EXPECT_EQ(result.at("frobenius_error").at(name), 0) << name;
  expect_exact(npy("W.npy"));
}

TEST_F(HandTables, ACompleteDigestAndAMatrixFileGiveTheProductItself) {
  run_well({"product", "a.pdg", "b.csv", "-o", "W.npy"});
  expect_exact(npy("W.npy"));
  run_well({"product", "a.csv", "b.pdg", "-o", "V.npy"});
  expect_exact(npy("V.npy"));
  run_well({"product", "a.pdg", "-", "-o", "U.npy"}, read("b.csv"));
  expect_exact(npy("U.npy"));
}

TEST_F(HandTables, EntriesArePrintedByNameTheLargestFirst) {
  const std::string text = run_well({"product", "a.pdg", "b.pdg"}).out;
  EXPECT_TRUE(text.starts_with("A'B: 2 x 3 from 3 matched rows")) << text;
  EXPECT_LT(text.find("q x w"), text.find("q x u")) << text;
}

TEST_F(Product, WithoutACommonRowIsZeroAndSaysSo) {
  write("a.csv", "id,x\n1,1\n2,2\n");
  write("b.csv", "id,y\n3,1\n4,2\n");
  run_well({"sketch", "a.csv", "--key", "id", "-o", "a.pdg"});
  run_well({"sketch", "b.csv", "--key", "id", "-o", "b.pdg"});
  const Outcome outcome = run_well({"product", "a.pdg", "b.pdg"});
  EXPECT_NE(outcome.out.find("no common row was sampled"), std::string::npos) << outcome.out;
}

TEST_F(Product, TheSizeThatPlanGivesKeepsItsPromise) {
  const Json plan = run_well({"plan", "--epsilon", "0.2", "--json"}).json();
  EXPECT_EQ(plan.at("size"), 1 + 1000);  // 1 + 2 / (0.05 0.2^2)
  EXPECT_EQ(plan.at("expected_size"), 1 + 50);
  const std::string size = std::to_string(plan.at("size").get<int>());
  run_well({"sketch", packages("sizes.csv.gz"), "--key", "package", "-k", size, "-o", "s.pdg"});
  const Json result = run_well({"product", "s.pdg", "s.pdg", "--json", "--require", "0.2"}).json();
  EXPECT_EQ(result.at("shape"), (Json{2, 2}));
}

}  // namespace
}  // namespace prodigest::cli
