// The side of a product that is at hand in full.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "prodigest/core/random.hpp"
#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "expect_error.hpp"
#include "reference/matrices.hpp"

namespace prodigest::sampling {
namespace {

constexpr Index kRows = 120;

struct ExactSideTest : testing::Test {
  Normals normals{21};
  Matrix<double> a = heavy_matrix(normals, kRows, 4);
  Matrix<double> b = sparse_matrix(normals, kRows, 30, 0.2);
  RowSample sample = sample_rows(a.view(), parse_sample_spec("priority:size=30"));
  ProductEstimate expected = estimate_product(sample, b.view(), numbers(kRows));
};

TEST_F(ExactSideTest, WeighsRowsByTheSampledSideAlone) {
  const Matrix<double> rows = dense_of(sample.values());
  Matrix<double> value(4, 30);
  double blind_squared = 0, variance = 0;
  for (Index i = 0; i < sample.size(); ++i) {
    const auto row = static_cast<Index>(sample.row_ids()[i]);
    const double p = sample.inclusion(i);
    for (Index x = 0; x < 4; ++x)
      for (Index y = 0; y < 30; ++y) {
        value(x, y) += rows(i, x) * b(row, y) / p;
        variance += std::pow(rows(i, x) * b(row, y), 2) * (1 - p) / (p * p);
      }
  }
  const std::vector<double> norms = squared_row_norms(b);
  for (RowId row = 0; row < kRows; ++row)
    if (std::ranges::find(sample.row_ids(), row) == sample.row_ids().end())
      blind_squared += norms[row] * uniform({}, Domain::kRowSelection, row) / sample.tau();
  EXPECT_LT(squared_distance(expected.value, value), 1e-24 * squared_norm(value));
  EXPECT_NEAR(expected.frobenius_error.estimated, std::sqrt(variance), 1e-12 * std::sqrt(variance));
  EXPECT_NEAR(expected.frobenius_error.blind, std::sqrt(blind_squared), 1e-9);
  EXPECT_EQ(expected.matched_rows, 30);
}

TEST_F(ExactSideTest, GivesTheSameBitsForAnyBlocksOrderAndForm) {
  const auto expect_same = [&](ExactSide& side) {
    const ProductEstimate got = std::move(side).estimate_product();
    EXPECT_EQ(got.value, expected.value);
    EXPECT_EQ(got.frobenius_error.estimated, expected.frobenius_error.estimated);
    EXPECT_EQ(got.frobenius_error.apriori, expected.frobenius_error.apriori);
    EXPECT_NEAR(got.frobenius_error.blind, expected.frobenius_error.blind,
                1e-12 * expected.frobenius_error.blind);
  };
  const CsrMatrix<double> csr = csr_of(b, true);
  for (const RowsView& whole : {RowsView(b.view()), RowsView(csr.view())})
    for (const Index block : {1, 7, 1000}) {
      ExactSide side(sample, 30);
      for (Index first = 0; first < kRows; first += block)
        side.update(slice(whole, first, std::min(block, kRows - first)), static_cast<RowId>(first));
      expect_same(side);
    }
  const std::vector<RowId> order = shuffled_numbers(kRows, 3);
  const Matrix<double> shuffled = rows_at(b, order);
  ExactSide side(sample, 30);
  side.update(shuffled.view(), order);
  expect_same(side);
}

TEST_F(ExactSideTest, WithoutRowsGivesAProductKnownToBeZero) {
  const ProductEstimate product = ExactSide(sample, 30).estimate_product();
  EXPECT_EQ(squared_norm(product.value), 0);
  EXPECT_EQ(product.value.rows, 4);
  EXPECT_EQ(product.value.cols, 30);
  EXPECT_EQ(product.frobenius_error.bound, 0);
  EXPECT_EQ(product.frobenius_error.apriori, 0);
}

TEST_F(ExactSideTest, OfACompleteSampleIsExact) {
  const RowSample all = sample_rows(a.view(), parse_sample_spec("priority:size=200"));
  const ProductEstimate product = estimate_product(all, b.view(), numbers(kRows));
  const Matrix<double> truth = exact_product(a, b);
  EXPECT_LT(squared_distance(product.value, truth), 1e-24 * squared_norm(truth));
  EXPECT_EQ(product.frobenius_error.bound, 0);
}

TEST_F(ExactSideTest, RefusesRowsAsASamplerDoes) {
  const auto refused = [&](const std::string& words, const auto& call) {
    expect_refusal(ErrorCode::kInvalidArgument, words, call);
  };
  ExactSide side(sample, 30);
  refused("expected rows of 30 columns, got 4", [&] { side.update(a.view(), 0); });
  refused("a row id for each of 120 rows, got 3", [&] { side.update(b.view(), numbers(3)); });
  Matrix<double> bad = b;
  bad(100, 7) = NAN;
  refused("got nan in row 100, column 7", [&] { side.update(bad.view(), 0); });
  bad(100, 7) = 1e200;
  refused("the squared norm of a row must lie between", [&] { side.update(bad.view(), 0); });
  for (const std::int32_t column : {-1, 30, 1 << 30}) {
    CsrMatrix<double> csr = csr_of(b);
    csr.columns.back() = column;
    refused("columns of a CSR row must ascend within [0, 30)", [&] { side.update(csr.view(), 0); });
  }
  // nothing of the refused blocks is left
  side.update(b.view(), 0);
  EXPECT_EQ(std::move(side).estimate_product().frobenius_error.apriori,
            expected.frobenius_error.apriori);
}

TEST_F(ExactSideTest, RefusesTheSameRowTwiceWhereItCanBeSeen) {
  ExactSide side(sample, 30);
  side.update(b.view(), 0);
  side.update(b.view(), 0);
  expect_refusal(ErrorCode::kInvalidArgument, "row ids must be unique, got two rows with id",
                 [&] { std::move(side).estimate_product(); });
}

TEST_F(ExactSideTest, NeedsAColumn) {
  for (const Index cols : {Index{0}, Index{-3}, Index{1} << 31})
    expect_refusal(ErrorCode::kInvalidArgument, "expected 1 to 2^31 - 1 columns, got",
                   [&] { ExactSide(sample, cols); });
}

}  // namespace
}  // namespace prodigest::sampling
