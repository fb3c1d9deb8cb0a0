// Are sketches unbiased, and as far off as theory says? Every draw is of another stream; seeds are
// fixed, so a test passes always or never.

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <vector>

#include "core/draws.hpp"
#include "core/gemm.hpp"
#include "prodigest/attention/polynomial_sketch.hpp"
#include "reference/monte_carlo.hpp"

namespace prodigest::attention {
namespace {

using Sketch = PolynomialSketch<double>;

constexpr int kDraws = 20000;
const Context kSerial{.threads = 1};

struct Case {
  SketchKind kind;
  int degree;  // of the sketch
  Index head_dim, size;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << "kind " << static_cast<int>(c.kind) << ", degree " << c.degree << ", h "
             << c.head_dim << ", r " << c.size;
}

Sketch drawn(const Case& c, int stream) {
  const AttentionSpec spec{
      .degree = 2 * c.degree, .size = c.size, .sketch = c.kind, .seed = {2025}};
  return Sketch::random(spec, c.head_dim, static_cast<std::uint64_t>(stream));
}

double inner(std::span<const double> x, std::span<const double> y) {
  double sum = 0;
  for (std::size_t j = 0; j < x.size(); ++j) sum += x[j] * y[j];
  return sum;
}

// Rows of length 1 in any direction.
Matrix<double> unit_rows(Index rows, Index cols, std::uint64_t seed) {
  Matrix<double> x(rows, cols);
  for (Index i = 0; i < rows; ++i) {
    random_normals(Seed{seed}, static_cast<RowId>(i), x.view().row(i));
    const double length = std::sqrt(inner(x.view().row(i), x.view().row(i)));
    for (double& v : x.view().row(i)) v /= length;
  }
  return x;
}

// As many rows as cosines: row i has that cosine with row 0, whose own is 1.
Matrix<double> rows_at(const std::vector<double>& cosines, Index cols) {
  Matrix<double> x = unit_rows(std::ssize(cosines), cols, 5);
  const auto first = x.view().row(0);
  for (Index i = 1; i < x.rows; ++i) {
    const auto row = x.view().row(i);
    const double along = inner(first, row), c = cosines[static_cast<std::size_t>(i)];
    const double across = std::sqrt((1 - c * c) / (1 - along * along));
    for (std::size_t j = 0; j < row.size(); ++j)
      row[j] = c * first[j] + across * (row[j] - along * first[j]);
  }
  return x;
}

// Calls see(i, <S row 0, S row i>) for every row and draw.
void estimate(const Case& c, int draws, const Matrix<double>& rows,
              const std::function<void(Index, double)>& see) {
  Matrix<double> sketches(rows.rows, c.size);
  for (int stream = 0; stream < draws; ++stream) {
    drawn(c, stream).apply(rows, sketches.view());
    for (Index i = 0; i < rows.rows; ++i)
      see(i, inner(sketches.view().row(0), sketches.view().row(i)));
  }
}

class Unbiased : public testing::TestWithParam<Case> {};

TEST_P(Unbiased, EstimatesOfPowersOfInnerProducts) {
  const Case& c = GetParam();
  const std::vector<double> cosines = {1, 0.6, -0.8};
  Matrix<double> rows = rows_at(cosines, c.head_dim);
  std::vector<MeanOfTrials> means(cosines.size());
  estimate(c, kDraws, rows, [&](Index i, double s) { means[static_cast<std::size_t>(i)].add(s); });
  for (std::size_t i = 0; i < cosines.size(); ++i)
    EXPECT_LE(means[i].errors_from(std::pow(cosines[i], c.degree)), 4) << cosines[i];
  EXPECT_LE(4 * means[0].standard_error(), 0.06);  // a bias of 6 percent would be seen
}

INSTANTIATE_TEST_SUITE_P(
    Sketches, Unbiased,
    testing::Values(Case{SketchKind::kGaussian, 1, 100, 33}, Case{SketchKind::kGaussian, 2, 64, 32},
                    Case{SketchKind::kGaussian, 2, 96, 16}, Case{SketchKind::kGaussian, 4, 64, 16},
                    Case{SketchKind::kOrthogonal, 1, 96, 16},
                    Case{SketchKind::kOrthogonal, 2, 64, 32},
                    Case{SketchKind::kOrthogonal, 2, 20, 33},  // groups of columns
                    Case{SketchKind::kOrthogonal, 4, 32, 16},
                    Case{SketchKind::kHadamard, 1, 96, 32}, Case{SketchKind::kHadamard, 2, 64, 16},
                    Case{SketchKind::kHadamard, 2, 100, 32},
                    Case{SketchKind::kHadamard, 2, 128, 16},
                    Case{SketchKind::kHadamard, 2, 12, 32},  // groups of columns
                    Case{SketchKind::kHadamard, 4, 100, 16}));

// The variance and the mean square, which is the weight of a key in attention, within four standard
// errors.
void expect_variance(const Case& c, const std::vector<double>& cosines,
                     const std::function<double(double)>& variance) {
  SCOPED_TRACE(testing::Message() << c);
  std::vector<MeanOfTrials> spreads(cosines.size()), weights(cosines.size());
  const auto mean = [&](std::size_t i) { return std::pow(cosines[i], c.degree); };
  estimate(c, kDraws, rows_at(cosines, c.head_dim), [&](Index row, double s) {
    const auto i = static_cast<std::size_t>(row);
    spreads[i].add((s - mean(i)) * (s - mean(i)));
    weights[i].add(s * s);
  });
  for (std::size_t i = 0; i < cosines.size(); ++i) {
    EXPECT_LE(spreads[i].errors_from(variance(cosines[i])), 4) << cosines[i];
    EXPECT_LE(weights[i].errors_from(mean(i) * mean(i) + variance(cosines[i])), 4) << cosines[i];
  }
}

TEST(SketchVariance, OfNormalsIsTheClosedForm) {
  expect_variance({SketchKind::kGaussian, 1, 64, 16}, {1, 0, 0.3, 0.7},
                  [](double c) { return (1 + c * c) / 16; });
  expect_variance({SketchKind::kGaussian, 2, 64, 16}, {1, 0, 0.3, 0.7},
                  [](double c) { return (std::pow(1 + 2 * c * c, 2) - std::pow(c, 4)) / 16; });
}

// r orthogonal columns a of length sqrt(h) and a unit vector x: E <a, x>^4 = 3h / (h + 2), and for
// two of them E <a, x>² <a', x>² = h / (h + 2). In degree 2 both are squared.
TEST(SketchVariance, OfOrthogonalColumnsIsTheClosedFormForOneVector) {
  constexpr double h = 64, r = 16;
  expect_variance({SketchKind::kOrthogonal, 1, 64, 16}, {1},
                  [](double) { return 2 * (h - r) / (r * (h + 2)); });
  expect_variance({SketchKind::kOrthogonal, 2, 64, 16}, {1},
                  [](double) { return h * h * (r + 8) / (r * (h + 2) * (h + 2)) - 1; });
}

// For signs and distinct columns of a Hadamard matrix of order n, with q = sum of x_i^4:
// E <a, x>^4 = 3 - 2q and E <a, x>² <a', x>² = 1 - 2 (1 - q) / (n - 1).
TEST(SketchVariance, OfSignsIsTheClosedFormForOneVector) {
  constexpr double n = 64, r = 16;
  const Matrix<double> x = rows_at({1}, 48);
  double q = 0;
  for (const double v : x.storage) q += std::pow(v, 4);
  const double one = 3 - 2 * q, two = 1 - 2 * (1 - q) / (n - 1);
  expect_variance({SketchKind::kHadamard, 1, 48, 16}, {1},
                  [&](double) { return (one + (r - 1) * two) / r - 1; });
  expect_variance({SketchKind::kHadamard, 2, 48, 16}, {1},
                  [&](double) { return (one * one + (r - 1) * two * two) / r - 1; });
}

TEST(SketchVariance, IsZeroInDegreeOneWithAllColumns) {
  const Matrix<double> x = unit_rows(2, 64, 1);
  const double truth = inner(x.view().row(0), x.view().row(1));
  for (const SketchKind kind : {SketchKind::kOrthogonal, SketchKind::kHadamard})
    for (const Index size : {64, 128}) {
      Matrix<double> out(2, size);
      drawn({kind, 1, 64, size}, 7).apply(x, out.view());
      EXPECT_NEAR(inner(out.view().row(0), out.view().row(1)), truth, 1e-13);
    }
}

// ||S A (S B)ᵀ - (A Bᵀ)^t|| over the product of the norms of the powers, the rows being of length
// 1: root mean square over draws.
double product_error(const Case& c, int draws, const Matrix<double>& a, const Matrix<double>& b) {
  Matrix<double> exact(a.rows, b.rows), sa(a.rows, c.size), sb(b.rows, c.size);
  add_product_by_transposed(a, b, exact.view(), kSerial);
  for (double& x : exact.storage) x = std::pow(x, c.degree);
  double sum = 0;
  for (int stream = 0; stream < draws; ++stream) {
    const Sketch sketch = drawn(c, stream);
    sketch.apply(a, sa.view());
    sketch.apply(b, sb.view());
    Matrix<double> product(a.rows, b.rows);
    add_product_by_transposed(sa, sb, product.view(), kSerial);
    for (std::size_t i = 0; i < exact.storage.size(); ++i)
      sum += std::pow(product.storage[i] - exact.storage[i], 2);
  }
  return std::sqrt(sum / draws / static_cast<double>(exact.storage.size()));
}

TEST(SketchedProduct, ErrsByTheRootOfDegreeOverSize) {
  const Matrix<double> a = unit_rows(60, 64, 1), b = unit_rows(60, 64, 2);
  for (const SketchKind kind :
       {SketchKind::kGaussian, SketchKind::kOrthogonal, SketchKind::kHadamard})
    for (const int degree : {2, 4}) {
      const std::vector<Index> sizes = {32, 64, 128, 256};
      double x_sum = 0, y_sum = 0, xx = 0, xy = 0;
      for (const Index size : sizes) {
        const Case c{kind, degree, 64, size};
        const double error = product_error(c, 24, a, b);
        const double root_c = error * std::sqrt(static_cast<double>(size) / degree);
        EXPECT_GT(root_c, degree == 2 ? 0.65 : 0.45) << c;
        EXPECT_LT(root_c, degree == 2 ? 0.80 : 0.62) << c;
        const double x = std::log(static_cast<double>(size)), y = std::log(error);
        x_sum += x, y_sum += y, xx += x * x, xy += x * y;
      }
      const auto n = static_cast<double>(sizes.size());
      const double slope = (n * xy - x_sum * y_sum) / (n * xx - x_sum * x_sum);
      EXPECT_NEAR(slope, -0.5, 0.05) << "kind " << static_cast<int>(kind) << " degree " << degree;
    }
}

// The worst case: all vectors alike.
TEST(SketchedProduct, ErrsLessByOrthogonalColumnsWhereAllRowsAreEqual) {
  const Matrix<double> x = unit_rows(1, 64, 1);
  const auto root_c = [&](SketchKind kind, Index size) {
    return product_error({kind, 2, 64, size}, 2000, x, x) *
           std::sqrt(static_cast<double>(size) / 2);
  };
  for (const Index size : {16, 64}) {
    const double gaussian = root_c(SketchKind::kGaussian, size);
    EXPECT_GT(gaussian, 1.8) << size;
    EXPECT_LT(gaussian, 2.2) << size;
  }
  EXPECT_NEAR(root_c(SketchKind::kOrthogonal, 16), 1.81, 0.1);
  EXPECT_NEAR(root_c(SketchKind::kOrthogonal, 64), 1.36, 0.05);
  EXPECT_LT(root_c(SketchKind::kHadamard, 64), 1.5);
}

// Public code has once divided each of the two factors by sqrt(r); their product is to be divided
// once. Its estimates are r times too small.
TEST(SketchScale, OfAFactorTooMuchIsFoundOut) {
  constexpr Index r = 16;
  const Matrix<double> x = rows_at({1}, 64);
  MeanOfTrials right, wrong;
  for (int stream = 0; stream < 2000; ++stream) {
    const Sketch sketch = drawn({SketchKind::kGaussian, 2, 64, r}, stream);
    Matrix<double> a = sketch.matrices()[0], b = sketch.matrices()[1];
    for (Matrix<double>* m : {&a, &b})
      for (double& v : m->storage) v /= std::pow(r, 0.25);
    Matrix<double> out(1, r);
    sketch.apply(x, out.view());
    right.add(inner(out.storage, out.storage));
    Sketch::given(a, b).apply(x, out.view());
    wrong.add(inner(out.storage, out.storage));
  }
  EXPECT_LE(right.errors_from(1), 4);
  EXPECT_GT(wrong.errors_from(1), 4);
  EXPECT_LE(wrong.errors_from(1.0 / r), 4);
}

// Vectors in sixteen directions, with noise: sums of the weights of attention, large sketches.
TEST(SketchScale, OfWeightsIsThatOfTheExactPolynomial) {
  Matrix<double> x = unit_rows(64, 64, 1);
  const Matrix<double> noise = unit_rows(64, 64, 2);
  for (Index i = 16; i < 64; ++i)
    for (Index j = 0; j < 64; ++j) x(i, j) = x(i % 16, j) + 0.4 * noise(i, j);
  Matrix<double> exact(64, 64);
  add_product_by_transposed(x, x, exact.view(), kSerial);
  double truth = 0, sum = 0;
  for (const double s : exact.storage) truth += std::pow(s, 4);
  for (const SketchKind kind :
       {SketchKind::kGaussian, SketchKind::kOrthogonal, SketchKind::kHadamard}) {
    sum = 0;
    for (int stream = 0; stream < 4; ++stream) {
      Matrix<double> sketches(64, 1024), products(64, 64);
      drawn({kind, 2, 64, 1024}, stream).apply(x, sketches.view());
      add_product_by_transposed(sketches, sketches, products.view(), kSerial);
      for (const double s : products.storage) sum += s * s / 4;
    }
    EXPECT_NEAR(sum / truth, 1, 0.1) << static_cast<int>(kind);
  }
}

}  // namespace
}  // namespace prodigest::attention
