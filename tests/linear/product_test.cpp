#include "prodigest/linear/product.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "expect_error.hpp"
#include "linear/all_specs.hpp"
#include "prodigest/linear/merge.hpp"
#include "prodigest/linear/sketch_rows.hpp"
#include "reference/matrices.hpp"

namespace prodigest::linear {
namespace {

class Product : public testing::TestWithParam<const char*> {
 protected:
  LinearSketch sketch(const Matrix<double>& a, const std::string& options = "") const {
    return sketch_rows(a.view(), parse_linear_spec(GetParam() + options), {}, {}, {.threads = 1});
  }
  Normals normals_{31};
  Matrix<double> a_ = normal_matrix(normals_, 60, 6), b_ = normal_matrix(normals_, 60, 4);
};
INSTANTIATE_TEST_SUITE_P(All, Product, testing::ValuesIn(kAllSpecs));

TEST_P(Product, IsThatOfTheSketches) {
  const LinearSketch a = sketch(a_), b = sketch(b_);
  const ProductEstimate w = estimate_product(a, b);
  const Matrix<double> expected = exact_product(a.parts().values, b.parts().values);
  EXPECT_LE(squared_distance(w.value, expected), 1e-24 * squared_norm(expected));
  EXPECT_EQ(w.standard_deviation.rows, 0);
  EXPECT_EQ(w.matched_rows, 0);
  EXPECT_GT(w.effective_rows, 1);
  EXPECT_LE(w.effective_rows, static_cast<double>(a.size()));
  EXPECT_EQ(w.frobenius_error.blind, 0);
  EXPECT_EQ(w.frobenius_error.confidence, 0.95);
  EXPECT_LE(w.frobenius_error.estimated, w.frobenius_error.bound);
  EXPECT_LE(w.frobenius_error.bound, w.frobenius_error.apriori);
}

TEST_P(Product, OfTheOtherOrderIsTheTranspose) {
  const LinearSketch a = sketch(a_), b = sketch(b_);
  const ProductOptions options{.standard_deviations = true};
  const ProductEstimate ab = estimate_product(a, b, options), ba = estimate_product(b, a, options);
  EXPECT_NEAR(ab.frobenius_error.estimated, ba.frobenius_error.estimated,
              1e-12 * ab.frobenius_error.estimated);
  for (Index i = 0; i < 6; ++i)
    for (Index j = 0; j < 4; ++j) {
      EXPECT_NEAR(ab.value(i, j), ba.value(j, i), 1e-12 * std::abs(ab.value(i, j)) + 1e-12);
      EXPECT_NEAR(ab.standard_deviation(i, j), ba.standard_deviation(j, i), 1e-6);
    }
}

// The squared deviations of the entries add up to the squared error, but for what is held above 0.
TEST_P(Product, HasDeviationsThatAddUp) {
  const LinearSpec spec = parse_linear_spec(GetParam());
  if (spec.op == Operator::kSparse && spec.nonzeros == 1) return;  // norms of columns are estimated
  const ProductEstimate w = estimate_product(sketch(a_), sketch(b_), {.standard_deviations = true});
  const double squared_error = w.frobenius_error.estimated * w.frobenius_error.estimated;
  EXPECT_NEAR(squared_norm(w.standard_deviation), squared_error, 1e-9 * squared_error + 1e-20);
}

TEST_P(Product, ScalesByPowersOfTwoExactly) {
  const ProductEstimate w = estimate_product(sketch(a_), sketch(b_), {.standard_deviations = true});
  for (const int power : {-480, -100, 100, 450}) {
    Matrix<double> a = a_, b = b_;
    for (double& x : a.storage) x = std::ldexp(x, power);
    for (double& x : b.storage) x = std::ldexp(x, power / 2);
    const ProductEstimate scaled =
        estimate_product(sketch(a), sketch(b), {.standard_deviations = true});
    const double factor = std::ldexp(1.0, power + power / 2);
    for (std::size_t e = 0; e < w.value.storage.size(); ++e) {
      EXPECT_EQ(scaled.value.storage[e], w.value.storage[e] * factor);
      EXPECT_EQ(scaled.standard_deviation.storage[e], w.standard_deviation.storage[e] * factor);
    }
    EXPECT_EQ(scaled.frobenius_error.estimated, w.frobenius_error.estimated * factor);
    EXPECT_EQ(scaled.frobenius_error.bound, w.frobenius_error.bound * factor);
    EXPECT_EQ(scaled.frobenius_error.apriori, w.frobenius_error.apriori * factor);
  }
}

TEST_P(Product, OfNothingIsNothing) {
  const Matrix<double> zeros(60, 6);
  const ProductEstimate w =
      estimate_product(sketch(zeros), sketch(b_), {.standard_deviations = true});
  EXPECT_EQ(squared_norm(w.value), 0);
  EXPECT_EQ(squared_norm(w.standard_deviation), 0);
  EXPECT_EQ(w.effective_rows, 0);
  EXPECT_EQ(w.frobenius_error.estimated, 0);
  EXPECT_EQ(w.frobenius_error.bound, 0);
  EXPECT_EQ(w.frobenius_error.apriori, 0);
}

TEST_P(Product, OfPartsTakesNormsFromTheSketches) {
  const LinearSketch a = sketch(a_), b = sketch(b_);
  const ProductEstimate whole = estimate_product(a, b);
  const ProductEstimate parts =
      estimate_product(sketch(a_, ",rows=parts"), sketch(b_, ",rows=parts"));
  EXPECT_EQ(parts.value, whole.value);
  const double norms = std::sqrt(squared_norm(a.parts().values) * squared_norm(b.parts().values));
  const double exact_norms = std::sqrt(squared_norm(a_) * squared_norm(b_));
  EXPECT_NEAR(parts.frobenius_error.apriori * exact_norms, whole.frobenius_error.apriori * norms,
              1e-9 * exact_norms * norms);
  // One side may know its norm, and one may be of floats.
  EXPECT_EQ(estimate_product(a, sketch(b_, ",rows=parts")).value, whole.value);
  const ProductEstimate floats = estimate_product(a, sketch(b_, ",values=f32"));
  EXPECT_LT(squared_distance(floats.value, whole.value), 1e-10 * squared_norm(whole.value));
}

TEST_P(Product, HoldsWithTheConfidenceAskedFor) {
  const LinearSketch a = sketch(a_), b = sketch(b_);
  const FrobeniusError usual = estimate_product(a, b).frobenius_error;
  const FrobeniusError strict = estimate_product(a, b, {.confidence = 0.9995}).frobenius_error;
  EXPECT_NEAR(strict.bound, 10 * usual.bound, 1e-9 * strict.bound);
  EXPECT_NEAR(strict.apriori, 10 * usual.apriori, 1e-9 * strict.apriori);
  EXPECT_EQ(strict.estimated, usual.estimated);
  EXPECT_EQ(strict.confidence, 0.9995);
  for (const double confidence : {0.0, 1.0, -0.1, double(NAN)})
    expect_refusal(ErrorCode::kInvalidArgument, "product: confidence must be in (0, 1), got",
                   [&] { estimate_product(a, b, {.confidence = confidence}); });
}

TEST(ProductOfAllHadamardRows, IsExact) {
  Normals normals(32);
  const Matrix<double> a = normal_matrix(normals, 64, 5);
  for (const char* text : {"srht:size=64,length=64", "srht:size=1,length=1"}) {
    const LinearSpec spec = parse_linear_spec(text);
    const auto rows = a.view().slice(0, spec.length);
    const LinearSketch sketch = sketch_rows(MatrixView<const double>(rows), spec);
    const ProductEstimate w = estimate_product(sketch, sketch, {.standard_deviations = true});
    Matrix<double> taken(spec.length, 5);
    std::copy_n(a.storage.begin(), taken.storage.size(), taken.storage.begin());
    const Matrix<double> truth = exact_product(taken, taken);
    EXPECT_LT(squared_distance(w.value, truth), 1e-24 * squared_norm(truth));
    EXPECT_EQ(w.frobenius_error.estimated, 0);
    EXPECT_EQ(w.frobenius_error.bound, 0);
    EXPECT_EQ(squared_norm(w.standard_deviation), 0);
  }
}

TEST(ProductRefuses, SketchesThatDoNotGoTogether) {
  const Matrix<double> a(4, 2);
  const auto sketch = [&](const char* spec, const Schema& schema = {}) {
    return sketch_rows(a.view(), parse_linear_spec(spec), {}, schema);
  };
  const auto refused = [](const LinearSketch& x, const LinearSketch& y, const std::string& words) {
    expect_refusal(ErrorCode::kIncompatible, words, [&] { estimate_product(x, y); });
  };
  refused(sketch("sign:size=5,seed=1"), sketch("sign:size=5,seed=2"),
          "product: seeds must be equal, got 1 and 2 (remake one digest with seed=1)");
  for (const char* x : kOtherSpecs)
    for (const char* y : kOtherSpecs)
      if (x != y) refused(sketch(x), sketch(y), "product: methods must be equal, got ");
  refused(sketch("sign:size=5", {.key = {"a", "b"}}), sketch("sign:size=5", {.key = {"a"}}),
          "product: keys must have equally many columns, got 2 and 1");
  refused(sketch("sign:size=5", {.key = {"a"}, .key_encoding = KeyEncoding::kText}),
          sketch("sign:size=5", {.key = {"a"}}), "product: one digest took all keys as text");
}

}  // namespace
}  // namespace prodigest::linear
