#include "prodigest/sampling/product.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "prodigest/core/random.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "expect_error.hpp"
#include "reference/matrices.hpp"

namespace prodigest::sampling {
namespace {

RowSample sample_of(const RowsView& rows, std::string_view spec, const Schema& schema = {}) {
  return sample_rows(rows, parse_sample_spec(spec), {}, schema);
}

void expect_near(const Matrix<double>& got, const Matrix<double>& expected) {
  ASSERT_EQ(got.rows, expected.rows);
  ASSERT_EQ(got.cols, expected.cols);
  double largest = 0;
  for (const double x : expected.storage) largest = std::max(largest, std::abs(x));
  for (std::size_t i = 0; i < expected.storage.size(); ++i)
    ASSERT_NEAR(got.storage[i], expected.storage[i], 1e-12 * largest) << "entry " << i;
}

// The estimator and its error, written out.
struct Reference {
  Matrix<double> value, deviation;
  double variance = 0, blind_squared = 0;
  Index matched = 0;
};

// For weights that are squared norms.
Reference reference_product(const RowSample& a, const RowSample& b) {
  const Matrix<double> rows_a = dense_of(a.values()), rows_b = dense_of(b.values());
  Reference result{Matrix<double>(a.cols(), b.cols()), Matrix<double>(a.cols(), b.cols())};
  const auto hash = [&](RowId row) { return uniform(a.spec().seed, Domain::kRowSelection, row); };
  const auto missing = [](const RowSample& sample, RowId row) {
    return std::ranges::find(sample.row_ids(), row) == sample.row_ids().end();
  };
  for (Index i = 0; i < a.size(); ++i)
    if (const RowId row = a.row_ids()[i]; missing(b, row))
      result.blind_squared += a.weights()[i] * hash(row) / b.tau();
  for (Index j = 0; j < b.size(); ++j) {
    const RowId row = b.row_ids()[j];
    if (missing(a, row)) {
      result.blind_squared += b.weights()[j] * hash(row) / a.tau();
      continue;
    }
    const Index i = std::ranges::find(a.row_ids(), row) - a.row_ids().begin();
    const double p = std::min(a.inclusion(i), b.inclusion(j));
    ++result.matched;
    for (Index x = 0; x < a.cols(); ++x)
      for (Index y = 0; y < b.cols(); ++y) {
        const double term = rows_a(i, x) * rows_b(j, y);
        result.value(x, y) += term / p;
        result.deviation(x, y) += term * term * (1 - p) / (p * p);
        result.variance += term * term * (1 - p) / (p * p);
      }
  }
  for (double& x : result.deviation.storage) x = std::sqrt(x);
  return result;
}

void expect_reference(const RowSample& a, const RowSample& b) {
  const ProductEstimate product = estimate_product(a, b, {.standard_deviations = true});
  const Reference expected = reference_product(a, b);
  ASSERT_GT(expected.matched, 3);
  EXPECT_EQ(product.matched_rows, expected.matched);
  expect_near(product.value, expected.value);
  expect_near(product.standard_deviation, expected.deviation);
  const FrobeniusError& error = product.frobenius_error;
  EXPECT_NEAR(error.estimated, std::sqrt(expected.variance), 1e-12 * error.estimated);
  EXPECT_NEAR(error.blind, std::sqrt(expected.blind_squared), 1e-12 * error.blind);
  EXPECT_NEAR(error.bound, std::sqrt(expected.variance / 0.05 + expected.blind_squared),
              1e-12 * error.bound);
}

// One matrix in every form.
struct Forms {
  Matrix<double> doubles;
  Matrix<float> floats;
  CsrMatrix<double> sparse_doubles;
  CsrMatrix<float> sparse_floats;

  explicit Forms(const Matrix<double>& matrix)
      : floats(converted<float>(matrix)), sparse_floats(csr_of(floats)) {
    doubles.rows = floats.rows;
    doubles.cols = floats.cols;
    doubles.storage.assign(floats.storage.begin(), floats.storage.end());
    sparse_doubles = csr_of(doubles);
  }
  std::vector<RowsView> views() const {
    return {doubles.view(), floats.view(), sparse_doubles.view(), sparse_floats.view()};
  }
};

TEST(Product, IsTheSumOverCommonRowsWhateverTheFormOfEitherSide) {
  Normals normals(1);
  const Forms dense(normal_matrix(normals, 200, 9));
  const Forms sparse(sparse_matrix(normals, 200, 40, 0.1));
  const auto digest = [](const RowsView& view) { return sample_of(view, "priority:size=50"); };
  EXPECT_LT(digest(dense.doubles.view()).values().index(), 2u);   // held dense
  EXPECT_GE(digest(sparse.doubles.view()).values().index(), 2u);  // held as CSR
  for (const Forms* left : {&dense, &sparse})
    for (const Forms* right : {&dense, &sparse})
      for (const RowsView& a : left->views())
        for (const RowsView& b : right->views()) {
          SCOPED_TRACE(std::to_string(a.index()) + " x " + std::to_string(b.index()));
          expect_reference(digest(a), digest(b));
        }
}

TEST(Product, OfFloatsIsThatOfTheSameNumbersAsDoubles) {
  Normals normals(2);
  const Forms a(normal_matrix(normals, 100, 7)), b(sparse_matrix(normals, 100, 30, 0.1));
  const auto product = [](const RowsView& left, const RowsView& right) {
    return estimate_product(sample_of(left, "threshold:size=30"),
                            sample_of(right, "threshold:size=40"))
        .value;
  };
  const Matrix<double> expected = product(a.doubles.view(), b.doubles.view());
  EXPECT_EQ(product(a.floats.view(), b.floats.view()), expected);
  EXPECT_EQ(product(a.floats.view(), b.doubles.view()), expected);
  EXPECT_EQ(product(a.sparse_floats.view(), b.sparse_doubles.view()), expected);
}

TEST(Product, OfCompleteSamplesIsExactAndSaysSo) {
  Normals normals(3);
  for (const Matrix<double>& a :
       {normal_matrix(normals, 40, 6), sparse_matrix(normals, 40, 30, 0.1)})
    for (const char* spec : {"priority:size=40", "priority:size=1000", "threshold:size=40",
                             "threshold:size=1000", "priority:size=40,weight=norm"}) {
      SCOPED_TRACE(spec);
      const Matrix<double> b = normal_matrix(normals, 40, 5);
      const RowSample left = sample_of(a.view(), spec), right = sample_of(b.view(), spec);
      EXPECT_TRUE(left.complete());
      EXPECT_EQ(left.tau(), INFINITY);
      const ProductEstimate product = estimate_product(left, right, {.standard_deviations = true});
      expect_near(product.value, exact_product(a, b));
      EXPECT_EQ(product.frobenius_error.estimated, 0);
      EXPECT_EQ(product.frobenius_error.blind, 0);
      EXPECT_EQ(product.frobenius_error.bound, 0);
      EXPECT_EQ(product.frobenius_error.apriori, 0);
      EXPECT_EQ(squared_norm(product.standard_deviation), 0);
    }
}

TEST(Product, WithoutCommonRowsIsZeroWithBoundsThatSayWhatThatIsWorth) {
  Normals normals(4);
  const Matrix<double> a = normal_matrix(normals, 100, 3), b = normal_matrix(normals, 100, 2);
  const SampleSpec spec = parse_sample_spec("priority:size=10");
  const RowSample left = sample_rows(a.view(), spec);
  const RowSample right = sample_rows(b.view(), spec, numbers(100, 1000));
  const ProductEstimate product = estimate_product(left, right);
  EXPECT_EQ(product.matched_rows, 0);
  EXPECT_EQ(product.effective_rows, 0);
  EXPECT_EQ(squared_norm(product.value), 0);
  EXPECT_EQ(product.frobenius_error.estimated, 0);
  EXPECT_GT(product.frobenius_error.blind, 0);
  EXPECT_EQ(product.frobenius_error.bound, product.frobenius_error.blind);
  EXPECT_NEAR(product.frobenius_error.apriori,
              std::sqrt(2 * squared_norm(a) * squared_norm(b) / (9 * 0.05)), 1e-9);
}

TEST(Product, WithZeroRowsAndUnknownNormsHasErrorsThatAreNumbersOrInfinity) {
  // Half of the rows are zero, and uniform samples hold them; without totals nothing is known of
  // the rest.
  Normals normals(5);
  Matrix<double> a = normal_matrix(normals, 100, 3), zero(100, 2);
  std::fill_n(a.storage.begin(), 150, 0.0);
  const char* const kSpecs[] = {
      "priority:size=10,weight=uniform", "priority:size=20,weight=uniform,totals=norm",
      "priority:size=30,totals=none", "priority:size=30", "threshold:size=10,weight=uniform"};
  for (const char* spec_a : kSpecs)
    for (const char* spec_b : kSpecs)
      for (const Matrix<double>* b : {&a, &zero}) {
        SCOPED_TRACE(std::string(spec_a) + " and " + spec_b);
        const FrobeniusError error =
            estimate_product(sample_of(a.view(), spec_a), sample_of(b->view(), spec_b))
                .frobenius_error;
        for (const double x : {error.estimated, error.blind, error.bound, error.apriori})
          EXPECT_FALSE(std::isnan(x));
        if (b != &zero) continue;
        EXPECT_EQ(error.estimated, 0);
        // a matrix known to be zero has a product known to be zero
        EXPECT_TRUE(error.apriori == 0 || spec_b != std::string("priority:size=30"));
      }
}

TEST(Product, CountsEffectiveRows) {
  Matrix<double> equal(10, 1), one_large(10, 1);
  std::ranges::fill(equal.storage, 2);
  std::ranges::fill(one_large.storage, 1e-6);
  one_large(3, 0) = 1;
  const auto rows = [](const Matrix<double>& m) {
    const RowSample sample = sample_of(m.view(), "priority:size=10");
    return estimate_product(sample, sample).effective_rows;
  };
  EXPECT_DOUBLE_EQ(rows(equal), 10);
  EXPECT_NEAR(rows(one_large), 1, 1e-9);
}

TEST(Product, HasTheSameBitsForAnyNumberOfThreads) {
  Normals normals(6);
  const Matrix<double> a = normal_matrix(normals, 100, 700), b = normal_matrix(normals, 100, 300);
  const RowSample left = sample_of(a.view(), "priority:size=50");
  const RowSample right = sample_of(b.view(), "priority:size=50");
  const auto product = [&](int threads) {
    Context context;
    context.threads = threads;
    return estimate_product(left, right, {.standard_deviations = true}, context);
  };
  const ProductEstimate one = product(1);
  for (const int threads : {0, 2, 7}) {
    EXPECT_EQ(product(threads).value, one.value);
    EXPECT_EQ(product(threads).standard_deviation, one.standard_deviation);
    EXPECT_EQ(product(threads).frobenius_error.bound, one.frobenius_error.bound);
  }
}

TEST(Product, BoundsWidenWithTheConfidence) {
  Normals normals(7);
  const Matrix<double> a = normal_matrix(normals, 100, 3);
  const RowSample sample = sample_of(a.view(), "priority:size=20");
  const auto error = [&](double confidence) {
    return estimate_product(sample, sample, {.confidence = confidence}).frobenius_error;
  };
  EXPECT_EQ(error(0.95).confidence, 0.95);
  EXPECT_DOUBLE_EQ(error(0.99).bound, 10 * error(0.99).estimated);  // nothing is blind: A is B
  const double apriori = std::sqrt(2 / (19 * 0.04)) * *sample.squared_norm();
  EXPECT_NEAR(error(0.96).apriori, apriori, 1e-12 * apriori);
}

TEST(Product, StandardDeviationsComeOnlyOnRequest) {
  Normals normals(8);
  const Matrix<double> a = normal_matrix(normals, 30, 3);
  const RowSample sample = sample_of(a.view(), "priority:size=20");
  EXPECT_EQ(estimate_product(sample, sample).standard_deviation, Matrix<double>());
}

// Squares of their entries' products are beyond double, or below it.
TEST(Product, StandardDeviationsScaleWithTheMatrices) {
  Normals normals(9);
  const Matrix<double> a = normal_matrix(normals, 60, 3), b = normal_matrix(normals, 60, 2);
  const ProductOptions options{.standard_deviations = true};
  for (const std::string spec : {"priority:size=20", "priority:size=20,values=lattice:F4"}) {
    const auto deviations = [&](int exponent) {
      Matrix<double> left = a, right = b;
      for (double& x : left.storage) x = std::ldexp(x, exponent);
      for (double& x : right.storage) x = std::ldexp(x, exponent);
      return estimate_product(sample_of(left.view(), spec), sample_of(right.view(), spec), options)
          .standard_deviation.storage;
    };
    // A row of another norm has other codes.
    const double share = spec == "priority:size=20" ? 0 : 0.2;
    const std::vector<double> expected = deviations(0);
    for (const int exponent : {-480, -300, 300, 460}) {
      const std::vector<double> scaled = deviations(exponent);
      for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(std::ldexp(scaled[i], -2 * exponent), expected[i], share * expected[i])
            << spec << " times 2^" << exponent << ", entry " << i;
    }
  }
}

TEST(ProductOptions, AreChecked) {
  Normals normals(9);
  const Matrix<double> a = normal_matrix(normals, 10, 2);
  const RowSample sample = sample_of(a.view(), "priority:size=5");
  for (const double confidence : {0.0, 1.0, -0.5, 1.5, double(NAN), double(INFINITY)}) {
    const auto refused = [&](const auto& call) {
      expect_refusal(ErrorCode::kInvalidArgument, "product: confidence must be in (0, 1), got",
                     call);
    };
    refused([&] { estimate_product(sample, sample, {.confidence = confidence}); });
    refused([&] { estimate_product(sample, a.view(), numbers(10), {.confidence = confidence}); });
  }
}

TEST(Product, RefusesSamplesThatCannotMeet) {
  Normals normals(10);
  const Matrix<double> m = normal_matrix(normals, 10, 2);
  const auto sample = [&](std::uint64_t seed, const Schema& schema) {
    SampleSpec spec = parse_sample_spec("priority:size=5");
    spec.seed.value = seed;
    return sample_rows(m.view(), spec, {}, schema);
  };
  const Schema plain, column{.columns = {}, .key = {"id"}},
      pair{.columns = {}, .key = {"id", "day"}};
  const Schema text{.columns = {}, .key = {"id"}, .key_encoding = KeyEncoding::kText};
  const auto refused = [&](const RowSample& a, const RowSample& b, const std::string& words) {
    expect_refusal(ErrorCode::kIncompatible, words, [&] { estimate_product(a, b); });
  };
  refused(sample(1, plain), sample(2, plain),
          "product: seeds must be equal, got 1 and 2 (remake one digest with seed=1)");
  refused(sample(1, column), sample(1, pair), "keys must have equally many columns, got 1 and 2");
  refused(sample(1, pair), sample(1, plain), "keys must have equally many columns, got 2 and 1");
  refused(sample(1, column), sample(1, text), "read the keys of both as text");
  expect_refusal(ErrorCode::kIncompatible, "equally many columns, got 2 and 1",
                 [&] { ExactSide(sample(1, pair), 2); });
  // numbered rows meet a key column of integers, and the names of keys may differ
  EXPECT_EQ(estimate_product(sample(1, plain), sample(1, column)).matched_rows, 5);
  const Schema other{.columns = {"x", "y"}, .key = {"station"}};
  EXPECT_EQ(estimate_product(sample(1, column), sample(1, other)).matched_rows, 5);
}

TEST(Product, TooLargeToHoldIsRefusedBeforeAnyMemoryIsTaken) {
  const Index wide = Index{1} << 24;
  CsrMatrix<double> row;
  row.cols = wide;
  row.columns = {5};
  row.values = {1.0};
  row.row_start = {0, 1};
  const RowSample sample = sample_of(row.view(), "priority:size=5,totals=norm");
  expect_refusal(ErrorCode::kInvalidArgument,
                 "product: the result would be 16777216 x 16777216 = 2251799.8 GB",
                 [&] { estimate_product(sample, sample); });
}

TEST(Product, StopsWhenAskedTo) {
  Normals normals(11);
  const Matrix<double> m = normal_matrix(normals, 100, 300);
  const RowSample sample = sample_of(m.view(), "priority:size=50");
  std::stop_source stop;
  stop.request_stop();
  Context context;
  context.cancel = stop.get_token();
  expect_refusal(ErrorCode::kCancelled, "cancelled",
                 [&] { estimate_product(sample, sample, {}, context); });
}

}  // namespace
}  // namespace prodigest::sampling
