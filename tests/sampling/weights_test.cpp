// What a row's weight is.

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

#include "prodigest/sampling/leverage.hpp"
#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "expect_error.hpp"
#include "reference/matrices.hpp"

namespace prodigest::sampling {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// row (AᵀA + ridge I)⁺ rowᵀ by a decomposition of A itself, which the library does not use.
std::vector<double> leverages_of(const Matrix<double>& a, double ridge) {
  const Eigen::Map<const RowMajor> map(a.storage.data(), a.rows, a.cols);
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(Eigen::MatrixXd(map), Eigen::ComputeThinU);
  std::vector<double> scores(static_cast<std::size_t>(a.rows));
  for (Eigen::Index c = 0; c < svd.singularValues().size(); ++c) {
    const double s = std::pow(svd.singularValues()[c], 2);
    if (ridge == 0 && s < 1e-12 * std::pow(svd.singularValues()[0], 2)) continue;
    for (Index i = 0; i < a.rows; ++i)
      scores[static_cast<std::size_t>(i)] += std::pow(svd.matrixU()(i, c), 2) * s / (s + ridge);
  }
  return scores;
}

// A sample of everything: its weights are those of all rows that are not of weight zero.
RowSample everything(const RowsView& a, std::string_view weight) {
  return sample_rows(a, parse_sample_spec("priority:size=1000," + std::string(weight)));
}

void expect_weights(const RowSample& sample, const std::vector<double>& expected,
                    double tolerance) {
  ASSERT_EQ(sample.weights().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(sample.weights()[i], expected[i], tolerance * expected[i]) << "row " << i;
}

struct Weights : testing::Test {
  Normals normals{41};
  Matrix<double> a = heavy_matrix(normals, 120, 6);
  std::vector<double> norms = squared_row_norms(a);
};

TEST_F(Weights, AreSquaredNormsNormsOrOne) {
  std::vector<double> lengths;
  for (const double norm : norms) lengths.push_back(std::sqrt(norm));
  expect_weights(everything(a.view(), "weight=squared_norm"), norms, 1e-15);
  expect_weights(everything(a.view(), "weight=norm"), lengths, 1e-15);
  expect_weights(everything(a.view(), "weight=uniform"), std::vector<double>(120, 1), 0);
}

TEST_F(Weights, OfAMixtureAreMostlyTheMeanAndTheMeanIsFound) {
  double squares = 0, lengths = 0;
  for (const double norm : norms) {
    squares += norm / 120;
    lengths += std::sqrt(norm) / 120;
  }
  std::vector<double> of_squares, of_lengths;
  for (const double norm : norms) {
    of_squares.push_back(0.3 + 0.7 * norm / squares);
    of_lengths.push_back(0.5 + 0.5 * std::sqrt(norm) / lengths);
  }
  const RowSample found = everything(a.view(), "mixture=0.3");
  EXPECT_NEAR(found.spec().mean, squares, 1e-12 * squares);
  expect_weights(found, of_squares, 1e-12);
  expect_weights(everything(a.view(), "weight=norm,mixture=0.5"), of_lengths, 1e-12);
  // a mean that is given is taken, right or wrong
  const RowSample given = everything(a.view(), "mixture=0.3,mean=2");
  EXPECT_EQ(given.spec().mean, 2);
  EXPECT_NEAR(given.weights()[5], 0.3 + 0.7 * norms[5] / 2, 1e-12 * given.weights()[5]);
}

TEST_F(Weights, OfAMatrixOfZerosMixToo) {
  const RowSample zeros = everything(Matrix<double>(10, 2).view(), "mixture=0.5");
  expect_weights(zeros, std::vector<double>(10, 0.5), 0);
}

TEST_F(Weights, OfUsersAreTakenAsGiven) {
  const SampleSpec spec = parse_sample_spec("priority:size=1000,weight=user");
  std::vector<double> given;
  for (int i = 0; i < 120; ++i) given.push_back(std::ldexp(1 + i, i - 60));
  RowSampler sampler(spec, 6);
  sampler.update(a.view(), numbers(120), given);
  expect_weights(std::move(sampler).finish(), given, 0);
}

TEST_F(Weights, AreLeveragesByAnotherRoute) {
  expect_weights(everything(a.view(), "weight=leverage"), leverages_of(a, 0), 1e-9);
  expect_weights(everything(a.view(), "weight=ridge_leverage,ridge=5"), leverages_of(a, 5), 1e-9);
  const Matrix<float> floats = converted<float>(a);
  expect_weights(everything(floats.view(), "weight=leverage"), leverages_of(a, 0), 1e-5);
  const Matrix<double> sparse = sparse_matrix(normals, 200, 20, 0.2);
  const CsrMatrix<double> csr = csr_of(sparse);
  const RowSample sample = everything(csr.view(), "weight=leverage");
  const std::vector<double> scores = leverages_of(sparse, 0);
  std::vector<double> of_kept_rows;  // zero rows are not among them
  for (const RowId row : sample.row_ids()) of_kept_rows.push_back(scores[row]);
  EXPECT_GT(sample.size(), 150);
  expect_weights(sample, of_kept_rows, 1e-9);
}

TEST_F(Weights, AreLeveragesWhenColumnsDependOnEachOther) {
  for (Index i = 0; i < a.rows; ++i) a(i, 5) = a(i, 0) - 2 * a(i, 3);
  Gram gram(6);
  gram.update(a.view());
  EXPECT_NEAR(LeverageScores(gram.matrix(), 0).total(), 5, 1e-9);
  expect_weights(everything(a.view(), "weight=leverage"), leverages_of(a, 0), 1e-7);
  expect_weights(everything(a.view(), "weight=ridge_leverage,ridge=1"), leverages_of(a, 1), 1e-7);
}

TEST_F(Weights, AreRidgeLeveragesWhenColumnsDifferInScaleByMoreThanAMantissa) {
  Matrix<double> diagonal(3, 3);
  diagonal(0, 0) = 1e8;
  diagonal(1, 1) = 1;
  diagonal(2, 2) = 1e-8;
  expect_weights(everything(diagonal.view(), "weight=ridge_leverage,ridge=1"),
                 {1e16 / (1e16 + 1), 0.5, 1e-16 / (1e-16 + 1)}, 1e-12);
  // without a ridge the light directions are absent, and rows that lie there cannot be weighed
  expect_refusal(ErrorCode::kInvalidArgument, "scale them, or use mixture",
                 [&] { everything(diagonal.view(), "weight=leverage"); });
  EXPECT_EQ(everything(diagonal.view(), "weight=leverage,mixture=0.5").size(), 3);
}

TEST_F(Weights, OfLeverageSumToTheRankOrTheEffectiveDimension) {
  for (const double ridge : {0.0, 0.5, 100.0}) {
    Gram gram(6);
    for (Index first = 0; first < 120; first += 50)
      gram.update(slice(a.view(), first, std::min<Index>(50, 120 - first)));
    EXPECT_EQ(gram.rows(), 120);
    const LeverageScores scores(gram.matrix(), ridge);
    double sum = 0;
    for (const double score : scores(a.view())) sum += score;
    EXPECT_NEAR(sum, scores.total(), 1e-9);
    EXPECT_TRUE(ridge > 0 ? sum < 6 : std::abs(sum - 6) < 1e-9);
  }
}

TEST_F(Weights, OfLeverageHaveTheSameBitsForAnyNumberOfThreads) {
  const Matrix<double> tall = heavy_matrix(normals, 20000, 5);
  Gram gram(5);
  gram.update(tall.view());
  const LeverageScores scores(gram.matrix(), 0);
  Context one, seven;
  one.threads = 1;
  seven.threads = 7;
  EXPECT_EQ(scores(tall.view(), one), scores(tall.view(), seven));
}

TEST_F(Weights, OfAMatrixOfZerosAreLeveragesOfZero) {
  const Matrix<double> zeros(10, 2);
  EXPECT_EQ(everything(zeros.view(), "weight=leverage").size(), 0);
}

TEST(Leverage, RefusesWhatItCannotTake) {
  const auto refused = [](const std::string& words, const auto& call) {
    expect_refusal(ErrorCode::kInvalidArgument, words, call);
  };
  refused("expected 1 to 2^31 - 1 columns, got 0", [] { Gram(0); });
  refused("expected at most 16384 columns, got 16385", [] { Gram(16385); });
  Gram gram(3);
  refused("expected rows of 3 columns, got 2", [&] { gram.update(Matrix<double>(4, 2).view()); });
  CsrMatrix<double> bad;
  bad.cols = 3;
  bad.row_start = {0, 1};
  bad.columns = {3};
  bad.values = {1.0};
  refused("columns of a CSR row must ascend within [0, 3)", [&] { gram.update(bad.view()); });
  Matrix<double> one(1, 3);
  one(0, 0) = 1;
  gram.update(one.view());
  const LeverageScores scores(gram.matrix(), 0);
  refused("columns of a CSR row must ascend within [0, 3)", [&] { scores(bad.view()); });
  refused("expected rows of 3 columns, got 2", [&] { scores(Matrix<double>(4, 2).view()); });
  const SampleSpec spec = parse_sample_spec("priority:size=5,weight=leverage");
  refused("columns of a CSR row must ascend within [0, 3)", [&] { sample_rows(bad.view(), spec); });
  refused("expected 1 to 2^31 - 1 columns, got 0",
          [&] { sample_rows(Matrix<double>(4, 0).view(), spec); });
  one(0, 1) = NAN;
  refused("got nan in row 0, column 1", [&] { sample_rows(one.view(), spec); });
}

}  // namespace
}  // namespace prodigest::sampling
