// AᵀB from lattice codes: of two of them, of one beside a matrix, of one with itself.

#include <algorithm>
#include <cmath>

#include "cli/run_prodigest.hpp"
#include "cli/tables.hpp"
#include "prodigest/io/npy.hpp"
#include "reference/matrices.hpp"

namespace prodigest::cli {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

Matrix<double> normals_of(std::uint64_t seed, Index rows, Index cols) {
  Normals normals(seed);
  return normal_matrix(normals, rows, cols);
}

class CodesProduct : public Command {
 protected:
  CodesProduct() : a_(normals_of(1, kRows, 30)), b_(normals_of(2, kRows, 20)) {
    // Columns with means, and some that agree: products that are not all noise.
    for (Index i = 0; i < kRows; ++i)
      for (Index j = 0; j < 20; ++j) b_(i, j) += 0.5 * a_(i, j) + 1;
    save("a.npy", a_);
    save("b.npy", b_);
    for (const char* const name : {"a", "b"})
      run_well({"quantize", std::string(name) + ".npy", "-o", std::string(name) + ".pdg"});
  }
  static constexpr Index kRows = 700;

  void save(const std::string& name, const Matrix<double>& matrix) const {
    io::save_npy(path(name), matrix.view());
  }
  Json product(Words words) const {
    words.insert(words.begin(), "product");
    words.insert(words.end(), {"--json", "--exact", "a.npy", "b.npy"});
    return run_well(words).json();
  }
  // Root mean square of the errors in units of their standard deviations.
  double spread(const std::string& product, const std::string& deviations,
                const Matrix<double>& truth) const {
    const Matrix<double> w = npy(product), s = npy(deviations);
    double sum = 0;
    for (std::size_t i = 0; i < w.storage.size(); ++i)
      sum += std::pow((w.storage[i] - truth.storage[i]) / s.storage[i], 2);
    return std::sqrt(sum / static_cast<double>(w.storage.size()));
  }

  Matrix<double> a_, b_;
};

TEST_F(CodesProduct, OfTwoHasTheErrorThatItEstimates) {
  const Json json = product({"a.pdg", "b.pdg", "-o", "W.npy", "--deviations", "D.npy"});
  EXPECT_EQ(json.at("shape"), (Json{30, 20}));
  EXPECT_EQ(json.at("coded_coordinates"), kRows);
  EXPECT_EQ(json.at("norms_estimated"), false);
  EXPECT_EQ(json.at("matched_rows"), kRows);
  EXPECT_FALSE(json.contains("sketch_rows"));
  const Json error = json.at("frobenius_error");
  const double actual = error.at("actual"), estimated = error.at("estimated");
  EXPECT_NEAR(actual, estimated, 0.1 * estimated);
  EXPECT_LE(actual, error.at("bound"));
  EXPECT_LE(error.at("bound"), error.at("apriori"));
  EXPECT_NEAR(spread("W.npy", "D.npy", exact_product(a_, b_)), 1, 0.1);

  const std::string text = run_well({"product", "a.pdg", "b.pdg", "--top", "3"}).out;
  EXPECT_TRUE(text.starts_with("A'B: 30 x 20 from codes of 700 coordinates\n")) << text;
  EXPECT_EQ(text.find("matched"), std::string::npos) << text;
  EXPECT_NE(text.find("guaranteed before looking"), std::string::npos) << text;
  EXPECT_NE(text.find("largest entries"), std::string::npos) << text;
}

TEST_F(CodesProduct, OfOtherFormatsOnEachSideIsBetterTheMoreBitsTheyHave) {
  double before = 1e300;
  for (const char* const format : {"F2", "F3", "F4", "I8"}) {
    run_well({"quantize", "b.npy", "-o", "x.pdg", "--format", format});
    const double actual = product({"a.pdg", "x.pdg"}).at("frobenius_error").at("actual");
    EXPECT_LT(actual, before) << format;
    before = actual;
  }
}

TEST_F(CodesProduct, WithAMatrixOnEitherSideHasHalfTheVariance) {
  const double two = product({"a.pdg", "b.pdg"}).at("frobenius_error").at("estimated");
  const Json right = product({"a.pdg", "b.npy", "-o", "W.npy", "--deviations", "D.npy"});
  const double one = right.at("frobenius_error").at("estimated");
  EXPECT_NEAR(one * one, two * two / 2, 0.08 * two * two);
  EXPECT_NEAR(right.at("frobenius_error").at("actual").get<double>(), one, 0.1 * one);
  EXPECT_NEAR(spread("W.npy", "D.npy", exact_product(a_, b_)), 1, 0.1);

  const Json left = product({"a.npy", "b.pdg", "-o", "T.npy", "--deviations", "E.npy"});
  EXPECT_EQ(left.at("shape"), (Json{30, 20}));
  EXPECT_NEAR(spread("T.npy", "E.npy", exact_product(a_, b_)), 1, 0.1);
  EXPECT_EQ(left.at("coded_coordinates"), kRows);
}

TEST_F(CodesProduct, WithItselfHasAnExactDiagonal) {
  run_well({"quantize", "a.npy", "-o", "again.pdg"});
  run_well({"product", "a.pdg", "a.pdg", "-o", "G.npy"});
  run_well({"product", "a.pdg", "again.pdg", "-o", "H.npy"});
  EXPECT_EQ(read("G.npy"), read("H.npy"))
      << "codes of one matrix are the same, whatever their file";
  const Matrix<double> g = npy("G.npy"), truth = exact_product(a_, a_);
  for (Index i = 0; i < 30; ++i) EXPECT_NEAR(g(i, i), truth(i, i), 1e-3 * truth(i, i)) << i;
  for (Index i = 0; i < 30; ++i)
    for (Index j = 0; j < i; ++j) EXPECT_NEAR(g(i, j), g(j, i), 1e-9) << i << " " << j;

  // The product of the codes would be too large by the noise, 0.43 %.
  double excess = 0;
  for (Index i = 0; i < 30; ++i) excess += std::abs(g(i, i) / truth(i, i) - 1);
  EXPECT_LT(excess / 30, 2e-4);
}

TEST_F(CodesProduct, HasConfidenceRequireAndTopAsOthersHave) {
  const auto bound = [&](const char* confidence) {
    return run_well({"product", "a.pdg", "b.pdg", "--json", "--confidence", confidence})
        .json()
        .at("frobenius_error")
        .at("bound")
        .get<double>();
  };
  EXPECT_LT(bound("0.8"), bound("0.95"));
  run_well({"product", "a.pdg", "b.pdg", "--require", "0.05"});
  const Outcome outcome = run({"product", "a.pdg", "b.pdg", "--require", "0.0001"});
  EXPECT_EQ(outcome.exit_code, 6);
  EXPECT_TRUE(outcome.out.starts_with("A'B: 30 x 20")) << outcome.out;
  EXPECT_NE(outcome.err.find("quantize with a format of more bits"), std::string::npos)
      << outcome.err;
  EXPECT_EQ(run_well({"product", "a.pdg", "b.pdg", "--top", "0"}).out.find("largest"),
            std::string::npos);
}

TEST_F(CodesProduct, OfSomeCoordinatesSaysThatNormsAreEstimated) {
  for (const char* const name : {"a", "b"})
    run_well({"quantize", std::string(name) + ".npy", "-o", std::string(name) + "k.pdg", "-m",
              "lattice:format=F4,size=350"});
  const Json json = product({"ak.pdg", "bk.pdg", "-o", "W.npy", "--deviations", "D.npy"});
  EXPECT_EQ(json.at("norms_estimated"), true);
  EXPECT_EQ(json.at("coded_coordinates"), 350);
  EXPECT_NEAR(spread("W.npy", "D.npy", exact_product(a_, b_)), 1, 0.1);
  const std::string text = run_well({"product", "ak.pdg", "bk.pdg"}).out;
  EXPECT_NE(text.find("|A||B| is estimated too, as not all coordinates were coded"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("expected before looking"), std::string::npos) << text;
}

TEST_F(CodesProduct, OfVectorsIsThatOfTheirInnerProducts) {
  const auto turned = [](const Matrix<double>& matrix) {
    Matrix<double> result(matrix.cols, matrix.rows);
    for (Index i = 0; i < matrix.rows; ++i)
      for (Index j = 0; j < matrix.cols; ++j) result(j, i) = matrix(i, j);
    return result;
  };
  save("keys.npy", turned(a_));
  save("queries.npy", turned(b_));
  run_well({"quantize", "keys.npy", "--vectors", "-o", "keys.pdg"});
  run_well({"product", "a.pdg", "b.npy", "-o", "W.npy"});
  const Json json = run_well({"product", "keys.pdg", "queries.npy", "--vectors", "-o", "S.npy",
                              "--json", "--exact", "keys.npy", "queries.npy"})
                        .json();
  EXPECT_EQ(read("S.npy"), read("W.npy"));
  const Json error = json.at("frobenius_error");
  EXPECT_NEAR(error.at("actual").get<double>(), error.at("estimated").get<double>(),
              0.1 * error.at("estimated").get<double>());
  expect_refusal(2, {"product", "keys.pdg", "queries.npy", "--vectors", "--key", "id"},
                 {"--vectors", "--key"});
  run_well({"sketch", "a.npy", "-o", "s.pdg"});
  expect_refusal(2, {"product", "s.pdg", "queries.npy", "--vectors"},
                 {"--vectors goes with lattice codes, got a sample"});
}

TEST_F(CodesProduct, OfAFileOfVectorsInManyBlocksHasEachOfThemOnceAndInOrder) {
  const Matrix<double> many = normals_of(4, 20000, 56);  // 9 MB: two blocks
  save("keys.npy", normals_of(5, 3, 56));
  save("many.npy", many);
  run_well({"quantize", "keys.npy", "--vectors", "-o", "keys.pdg"});
  run_well({"product", "keys.pdg", "many.npy", "--vectors", "-o", "all.npy"});
  const Matrix<double> all = npy("all.npy");
  ASSERT_EQ(all.cols, 20000);
  for (const Index at : {0, 1, 19999}) {
    save("one.npy", rows_at(many, numbers(1, static_cast<RowId>(at))));
    run_well({"product", "keys.pdg", "one.npy", "--vectors", "-o", "w.npy"});
    for (Index i = 0; i < 3; ++i) EXPECT_NEAR(all(i, at), npy("w.npy")(i, 0), 1e-9) << at;
  }
}

// The rows of both tables meet by key, in whatever order the files have them.
TEST_F(CodesProduct, OfTablesWithKeysMeetsRowsByKey) {
  write("x.csv", "id,x\nb,1\na,2\nd,3\nc,-4\n");
  write("y.csv", "id,y\na,5\nb,6\nc,-7\nd,8\n");
  for (const char* const name : {"x", "y"})
    run_well({"quantize", std::string(name) + ".csv", "--key", "id", "-o",
              std::string(name) + ".pdg", "--format", "I8"});
  constexpr double kTruth = 2 * 5 + 6 + 4 * 7 + 3 * 8;
  for (const Words& sides :
       {Words{"x.pdg", "y.pdg"}, Words{"x.pdg", "y.csv"}, Words{"x.csv", "y.pdg"}}) {
    const Json json = run_well({"product", sides[0], sides[1], "-o", "W.npy", "--json", "--exact",
                                "x.csv", "y.csv"})
                          .json();
    EXPECT_NEAR(npy("W.npy")(0, 0), kTruth, 1.5) << sides[0] << sides[1];
    EXPECT_NEAR(json.at("frobenius_error").at("actual").get<double>(),
                std::abs(npy("W.npy")(0, 0) - kTruth), 1e-9);
  }
}

TEST_F(CodesProduct, OfMatricesThatDoNotGoTogetherIs4) {
  const auto expect_no_product = [&](const std::string& other, const Words& parts) {
    expect_refusal(4, {"product", "a.pdg", other}, parts);
    expect_refusal(4, {"product", other, "a.pdg"}, parts);
  };
  run_well({"quantize", "b.npy", "-o", "seed.pdg", "--seed", "1"});
  expect_no_product("seed.pdg", {"seeds must be equal", "remake one digest with seed="});
  run_well({"quantize", "b.npy", "-o", "none.pdg", "-m", "lattice:format=I8,rotation=none"});
  expect_no_product("none.pdg", {"rotation"});
  run_well({"quantize", "b.npy", "-o", "size.pdg", "-m", "lattice:size=64"});
  expect_no_product("size.pdg", {"size", "64", "700"});
  save("short.npy", normals_of(3, 600, 4));
  run_well({"quantize", "short.npy", "-o", "short.pdg"});
  expect_no_product("short.pdg", {"rows", "700", "600"});
  expect_no_product("short.npy", {"rows", "700", "600"});
  run_well({"sketch", "b.npy", "-o", "sample.pdg", "-k", "100"});
  expect_no_product("sample.pdg", {"one method family", "priority:size=100", "lattice:format=F4"});
}

// Constant columns have the same codes under every seed.
TEST_F(CodesProduct, OfConstantColumnsOfOtherSeedsIs4) {
  write("one.csv", "x\n1\n1\n1\n");
  run_well({"quantize", "one.csv", "-o", "x.pdg"});
  run_well({"quantize", "one.csv", "-o", "y.pdg", "--seed", "1"});
  expect_refusal(4, {"product", "x.pdg", "y.pdg"}, {"seeds"});
}

TEST_F(CodesProduct, OfTablesOfOtherKeysIs4) {
  write("x.csv", "id,x\na,1\nb,2\nc,3\n");
  write("y.csv", "id,y\na,1\nb,2\nd,3\n");
  for (const char* const name : {"x", "y"})
    run_well(
        {"quantize", std::string(name) + ".csv", "--key", "id", "-o", std::string(name) + ".pdg"});
  expect_refusal(4, {"product", "x.pdg", "y.pdg"}, {"rows"});
  expect_refusal(4, {"product", "x.pdg", "y.csv"}, {"y.csv", "rows"});
  expect_refusal(4, {"product", "x.csv", "y.pdg"}, {"x.csv", "rows"});
  write("two.csv", "id,at,y\na,1,1\nb,2,2\nc,3,3\n");
  run_well({"quantize", "two.csv", "--key", "id,at", "-o", "two.pdg"});
  expect_refusal(4, {"product", "x.pdg", "two.pdg"}, {"keys", "1 and 2"});
  expect_refusal(4, {"product", "x.pdg", "two.csv", "--key", "id,at"}, {"keys", "1 and 2"});
}

}  // namespace
}  // namespace prodigest::cli
