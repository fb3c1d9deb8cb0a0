#include "prodigest/attention/polynomial_sketch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "core/draws.hpp"
#include "core/matrix_layouts.hpp"
#include "expect_error.hpp"

namespace prodigest::attention {
namespace {

using Sketch = PolynomialSketch<double>;

AttentionSpec spec_of(SketchKind kind, int degree, Index size) {
  return {.degree = 2 * degree, .size = size, .sketch = kind, .seed = {3}};
}

Matrix<double> normals(Index rows, Index cols, std::uint64_t seed) {
  Matrix<double> x(rows, cols);
  random_normals(Seed{seed}, 0, x.storage);
  return x;
}

Matrix<double> applied(const Sketch& sketch, MatrixView<const double> x) {
  Matrix<double> out(x.rows, sketch.size());
  out.storage.assign(out.storage.size(), std::numeric_limits<double>::quiet_NaN());
  sketch.apply(x, out.view());
  return out;
}

struct Named {
  const char* name;
  Sketch sketch;
};

// One of each sort, of vectors of 6 numbers.
std::vector<Named> all_sketches() {
  std::vector<Named> all = {
      {"identity", Sketch::identity(6)},
      {"given", Sketch::given(normals(6, 3, 1).view(), normals(6, 3, 2).view())}};
  for (const int degree : {1, 2, 4}) {
    all.push_back({"gaussian", Sketch::random(spec_of(SketchKind::kGaussian, degree, 5), 6, 1)});
    all.push_back(
        {"orthogonal", Sketch::random(spec_of(SketchKind::kOrthogonal, degree, 7), 6, 1)});
    all.push_back({"hadamard", Sketch::random(spec_of(SketchKind::kHadamard, degree, 4), 6, 1)});
  }
  return all;
}

// The definition, one vector at a time.
using Vector = std::vector<double>;
Vector times(const Vector& x, const Matrix<double>& g) {
  Vector y(static_cast<std::size_t>(g.cols));
  for (Index i = 0; i < g.rows; ++i)
    for (Index j = 0; j < g.cols; ++j)
      y[static_cast<std::size_t>(j)] += x[static_cast<std::size_t>(i)] * g(i, j);
  return y;
}
Vector of_node(const Vector& x, const Vector& y, const Matrix<double>& g, const Matrix<double>& h) {
  Vector a = times(x, g);
  const Vector b = times(y, h);
  for (std::size_t j = 0; j < a.size(); ++j)
    a[j] *= b[j] / std::sqrt(static_cast<double>(a.size()));
  return a;
}
Vector by_definition(const Sketch& sketch, const Vector& x) {
  const auto m = sketch.matrices();
  if (m.empty()) return x;
  if (sketch.degree() == 1) {
    Vector y = times(x, m[0]);
    for (double& v : y) v /= std::sqrt(static_cast<double>(y.size()));
    return y;
  }
  if (sketch.degree() == 2) return of_node(x, x, m[0], m[1]);
  return of_node(of_node(x, x, m[0], m[1]), of_node(x, x, m[2], m[3]), m[4], m[5]);
}

TEST(PolynomialSketch, IsATreeOfProductsOfItsMatrices) {
  const Matrix<double> x = normals(300, 6, 5);
  for (const auto& [name, sketch] : all_sketches()) {
    SCOPED_TRACE(testing::Message() << name << " of degree " << sketch.degree());
    EXPECT_EQ(sketch.head_dim(), 6);
    const Matrix<double> out = applied(sketch, x);
    for (const Index i : {0, 127, 128, 299}) {
      const auto row = x.view().row(i);
      const Vector expected = by_definition(sketch, {row.begin(), row.end()});
      ASSERT_EQ(std::ssize(expected), sketch.size());
      for (Index j = 0; j < sketch.size(); ++j)
        EXPECT_NEAR(out(i, j), expected[static_cast<std::size_t>(j)], 1e-12) << i << " " << j;
    }
  }
}

TEST(PolynomialSketch, OfFloatsIsThatOfDoublesRounded) {
  const Matrix<double> x = normals(20, 64, 5);
  for (const int degree : {1, 2, 4}) {
    const AttentionSpec spec = spec_of(SketchKind::kOrthogonal, degree, 32);
    const auto single = PolynomialSketch<float>::random(spec, 64, 1);
    const Sketch twice = Sketch::random(spec, 64, 1);
    ASSERT_EQ(single.matrices().size(), twice.matrices().size());
    for (std::size_t m = 0; m < twice.matrices().size(); ++m)
      EXPECT_EQ(single.matrices()[m], rounded_to<float>(twice.matrices()[m]));
    Matrix<float> out(20, 32);
    single.apply(rounded_to<float>(x).view(), out.view());
    const Matrix<double> expected = applied(twice, x);
    double error = 0, norm = 0;
    for (std::size_t i = 0; i < out.storage.size(); ++i) {
      error += std::pow(out.storage[i] - expected.storage[i], 2);
      norm += std::pow(expected.storage[i], 2);
    }
    EXPECT_LT(std::sqrt(error / norm), 1e-6);
  }
}

// A loss whose gradient by S x is `dout`.
double loss(const Sketch& sketch, const Matrix<double>& x, const Matrix<double>& dout) {
  const Matrix<double> out = applied(sketch, x);
  double sum = 0;
  for (std::size_t i = 0; i < out.storage.size(); ++i) sum += out.storage[i] * dout.storage[i];
  return sum;
}

// Root mean square of gradient - central differences of f by the numbers of `at`, relative to them.
double gradient_error(Matrix<double>& at, const Matrix<double>& gradient,
                      const std::function<double()>& f) {
  constexpr double kStep = 1e-4;
  double error = 0, norm = 0;
  for (std::size_t i = 0; i < at.storage.size(); ++i) {
    const double x = at.storage[i];
    const auto slope = [&](double step) {
      at.storage[i] = x + step;
      const double above = f();
      at.storage[i] = x - step;
      const double below = f();
      at.storage[i] = x;
      return (above - below) / (2 * step);
    };
    const double truth = (4 * slope(kStep) - slope(2 * kStep)) / 3;  // Richardson
    error += std::pow(gradient.storage[i] - truth, 2);
    norm += truth * truth;
  }
  return std::sqrt(error / norm);
}

TEST(SketchBackward, EqualsCentralDifferences) {
  for (const auto& [name, sketch] : all_sketches()) {
    Matrix<double> x = normals(5, 6, 7);
    const Matrix<double> dout = normals(5, sketch.size(), 8);
    Matrix<double> dx(5, 6);
    sketch.backward(x, dout, dx.view());
    EXPECT_LT(gradient_error(x, dx, [&, &s = sketch] { return loss(s, x, dout); }), 1e-8)
        << name << " of degree " << sketch.degree();
  }
}

TEST(SketchBackward, OfGivenMatricesEqualsCentralDifferences) {
  Matrix<double> a = normals(6, 3, 1), b = normals(6, 3, 2), da(6, 3), db(6, 3), dx(5, 6);
  const Matrix<double> x = normals(5, 6, 3), dout = normals(5, 3, 4);
  Sketch::given(a, b).backward(x, dout, dx.view(), da.view(), db.view());
  const auto f = [&] { return loss(Sketch::given(a, b), x, dout); };
  EXPECT_LT(gradient_error(a, da, f), 1e-8);
  EXPECT_LT(gradient_error(b, db, f), 1e-8);
  Matrix<double> alone(6, 3);
  Sketch::given(a, b).backward(x, dout, dx.view(), {}, alone.view());
  EXPECT_EQ(alone, db);
}

TEST(SketchBackward, AddsToWhatIsThere) {
  for (const auto& [name, sketch] : all_sketches()) {
    const Matrix<double> x = normals(5, 6, 7), dout = normals(5, sketch.size(), 8);
    Matrix<double> once(5, 6);
    sketch.backward(x, dout, once.view());
    Matrix<double> twice = once;
    sketch.backward(x, dout, twice.view());
    for (std::size_t i = 0; i < once.storage.size(); ++i)
      EXPECT_NEAR(twice.storage[i], 2 * once.storage[i], 1e-12 * std::abs(once.storage[i])) << name;
  }
}

// As many rows as make three strips, and what belongs to all of them.
TEST(SketchBackward, OfManyRowsIsThatOfEachAndTheSumOverThem) {
  const Matrix<double> x = normals(300, 6, 7);
  for (const auto& [name, sketch] : all_sketches()) {
    SCOPED_TRACE(name);
    const Matrix<double> dout = normals(300, sketch.size(), 8);
    const bool learned = sketch.degree() == 2;
    Matrix<double> dx(300, 6), one(300, 6), da, db, da_sum, db_sum;
    if (learned) da = db = da_sum = db_sum = Matrix<double>(6, sketch.size());
    const auto if_learned = [&](Matrix<double>& m) {
      return learned ? m.view() : MatrixView<double>();
    };
    sketch.backward(x, dout, dx.view(), if_learned(da), if_learned(db));
    for (Index i = 0; i < 300; ++i)
      sketch.backward(x.view().slice(i, 1), dout.view().slice(i, 1), one.view().slice(i, 1),
                      if_learned(da_sum), if_learned(db_sum));
    const auto expect_near = [](const Matrix<double>& got, const Matrix<double>& expected) {
      for (std::size_t i = 0; i < got.storage.size(); ++i)
        ASSERT_NEAR(got.storage[i], expected.storage[i], 1e-10);
    };
    expect_near(dx, one);
    expect_near(da, da_sum);
    expect_near(db, db_sum);
  }
}

TEST(PolynomialSketch, ReadsAndWritesStridedViews) {
  const Matrix<double> x = normals(200, 6, 7);
  for (const auto& [name, sketch] : all_sketches()) {
    SCOPED_TRACE(name);
    const Index r = sketch.size();
    const Matrix<double> dout = normals(200, r, 8);
    const Strided<double> x_wide(x, 2), dout_wide(dout, 3);
    Matrix<double> out(200, r + 1), dx(200, 6), dx_wide(200, 7);
    sketch.apply(x_wide.view(), MatrixView<double>(out.storage.data(), 200, r, r + 1));
    sketch.backward(x, dout, dx.view());
    sketch.backward(x_wide.view(), dout_wide.view(),
                    MatrixView<double>(dx_wide.storage.data(), 200, 6, 7));
    const Matrix<double> expected = applied(sketch, x);
    for (Index i = 0; i < 200; ++i) {
      for (Index j = 0; j < r; ++j) ASSERT_NEAR(out(i, j), expected(i, j), 1e-12);
      for (Index j = 0; j < 6; ++j) ASSERT_NEAR(dx_wide(i, j), dx(i, j), 1e-11);
      ASSERT_EQ(out(i, r), 0);
      ASSERT_EQ(dx_wide(i, 6), 0);
    }
  }
}

TEST(PolynomialSketch, OfNothingIsNothing) {
  for (const auto& [name, sketch] : all_sketches()) {
    Matrix<double> x(0, 6), out(0, sketch.size());
    sketch.apply(x, out.view());
    sketch.backward(x, out, x.view());
  }
  Matrix<double> a(6, 3), da(6, 3), dx(0, 6);
  Sketch::given(a, a).backward(Matrix<double>(0, 6), Matrix<double>(0, 3), dx.view(), da.view());
  EXPECT_EQ(da, Matrix<double>(6, 3));
}

TEST(PolynomialSketch, OfZeroIsZero) {
  const Matrix<double> x(3, 6);
  for (const auto& [name, sketch] : all_sketches()) {
    EXPECT_EQ(applied(sketch, x), Matrix<double>(3, sketch.size())) << name;
    Matrix<double> dx(3, 6);
    sketch.backward(x, normals(3, sketch.size(), 1), dx.view());
    if (sketch.degree() > 1) {
      EXPECT_EQ(dx, Matrix<double>(3, 6)) << name;
    }
  }
}

TEST(PolynomialSketch, RefusesSpecsThatDrawNothing) {
  const std::pair<AttentionSpec, const char*> kCases[] = {
      {{.kind = Kind::kSoftmax}, "sketch: only polysketch has one, got \"softmax:norm=layer\""},
      {{.sketch = SketchKind::kGiven},
       "sketch: a random one is orthogonal, gaussian or hadamard, got "
       "\"polysketch:degree=4,size=32,sketch=given\" (take given() or identity())"},
      {{.degree = 2, .sketch = SketchKind::kExternal}, "a random one is orthogonal"},
      {{.size = 12, .sketch = SketchKind::kHadamard}, "size must be a power of two"},
      {{.degree = 6}, "degree must be 2, 4 or 8"},
  };
  for (const auto& [spec, words] : kCases)
    expect_refusal(ErrorCode::kInvalidArgument, words,
                   [&, &spec = spec] { Sketch::random(spec, 8, 0); });
  const auto refuse = [](const char* words, Index head_dim, std::uint64_t stream) {
    expect_refusal(ErrorCode::kInvalidArgument, words,
                   [&] { Sketch::random(AttentionSpec{}, head_dim, stream); });
  };
  refuse("sketch: head_dim must be 1 to 2^20, got 0", 0, 0);
  refuse("sketch: head_dim must be 1 to 2^20, got 1048577", (1 << 20) + 1, 0);
  refuse("sketch: stream must be below 2^40, got 1099511627776", 8, std::uint64_t{1} << 40);
  expect_refusal(ErrorCode::kInvalidArgument, "sketch: head_dim must be at least 1, got 0",
                 [] { Sketch::identity(0); });
}

TEST(PolynomialSketch, RefusesShapesThatDoNotFit) {
  const auto refuse = [](const char* words, const std::function<void()>& call) {
    expect_refusal(ErrorCode::kInvalidArgument, words, call);
  };
  Matrix<double> a(6, 3), x(5, 6), out(5, 3), wide(5, 7), many(4, 6);
  const Sketch sketch = Sketch::given(a, a);
  refuse("sketch: b must be 6 x 3, got 5 x 6", [&] { Sketch::given(a, x); });
  refuse("sketch: a must have rows and columns, got 6 x 0",
         [&] { Sketch::given(Matrix<double>(6, 0), Matrix<double>(6, 0)); });
  refuse("sketch: x must be 5 x 6, got 5 x 7", [&] { sketch.apply(wide, out.view()); });
  refuse("sketch: out must be 5 x 3, got 5 x 7", [&] { sketch.apply(x, wide.view()); });
  refuse("sketch: out must be 4 x 3, got 5 x 3", [&] { sketch.apply(many, out.view()); });
  refuse("sketch: x must be 5 x 6", [&] { sketch.backward(wide, out, x.view()); });
  refuse("sketch: dout must be 5 x 3", [&] { sketch.backward(x, x, x.view()); });
  refuse("sketch: dx must be 5 x 6, got 4 x 6", [&] { sketch.backward(x, out, many.view()); });
  refuse("sketch: da must be 6 x 3, got 5 x 6",
         [&] { sketch.backward(x, out, x.view(), x.view(), a.view()); });
  refuse("sketch: db must be 6 x 3, got 5 x 6",
         [&] { sketch.backward(x, out, x.view(), a.view(), x.view()); });
  refuse("only one of degree 2 has gradients of its matrices, got db for degree 1",
         [&] { Sketch::identity(6).backward(x, x, x.view(), {}, a.view()); });
}

}  // namespace
}  // namespace prodigest::attention
