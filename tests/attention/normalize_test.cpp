#include "attention/normalize.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "core/draws.hpp"
#include "core/matrix_layouts.hpp"
#include "simd_targets.hpp"

namespace prodigest::attention {
namespace {

constexpr Normalization kNorms[] = {Normalization::kLayer, Normalization::kRms,
                                    Normalization::kNone};
constexpr Index kWidths[] = {1, 2, 3, 7, 16, 33, 64, 96, 100, 128};

Matrix<double> normals(Index rows, Index cols, std::uint64_t seed, double mean = 0) {
  Matrix<double> x(rows, cols);
  random_normals(Seed{seed}, 0, x.storage);
  for (double& v : x.storage) v += mean;
  return x;
}

template <Real T>
Matrix<T> normalized(RowNorm how, MatrixView<const T> x) {
  Matrix<T> out(x.rows, x.cols);
  normalize(how, x, out.view());
  return out;
}

template <Real T>
Matrix<T> gradient(RowNorm how, const Matrix<T>& x, const Matrix<T>& dout) {
  Matrix<T> dx(x.rows, x.cols);
  dx.storage.assign(dx.storage.size(), std::numeric_limits<T>::quiet_NaN());
  normalize_backward(how, x, dout, dx.view());
  return dx;
}

// The formula of the header.
template <Real T>
Matrix<double> by_definition(RowNorm how, const Matrix<T>& x) {
  Matrix<double> y(x.rows, x.cols);
  const long double h = static_cast<long double>(x.cols);
  for (Index i = 0; i < x.rows; ++i) {
    long double mean = 0, square = 0;
    if (how.norm == Normalization::kLayer)
      for (const T v : x.view().row(i)) mean += v / h;
    for (const T v : x.view().row(i)) square += (v - mean) * (v - mean) / h;
    const long double deviation = how.norm == Normalization::kNone ? 1 : std::sqrt(square + 1e-6L);
    for (Index j = 0; j < x.cols; ++j)
      y(i, j) = static_cast<double>(how.factor * (x(i, j) - mean) / deviation);
  }
  return y;
}

template <Real T, class U>
void expect_near(const Matrix<T>& got, const Matrix<U>& expected, double tolerance) {
  for (std::size_t i = 0; i < got.storage.size(); ++i)
    ASSERT_NEAR(got.storage[i], expected.storage[i], tolerance) << i;
}

TEST(Normalize, IsTheFormulaForEveryWidthAndInstructionSet) {
  for_each_instruction_set([] {
    for (const Index h : kWidths)
      for (const Normalization norm : kNorms) {
        const RowNorm how{norm, 0.35};
        const Matrix<double> x = normals(5, h, 1, 0.5);
        const Matrix<float> single = rounded_to<float>(x);
        expect_near(normalized<double>(how, x), by_definition(how, x), 1e-14);
        expect_near(normalized<float>(how, single), by_definition(how, single), 3e-6);
      }
  });
}

TEST(Normalize, MakesRowsOfMeanZeroAndMeanSquareOfTheFactor) {
  const Matrix<double> x = normals(4, 64, 1, 3);
  for (const Normalization norm : {Normalization::kLayer, Normalization::kRms}) {
    const Matrix<double> y = normalized<double>({norm, 0.5}, x);
    for (Index i = 0; i < 4; ++i) {
      double sum = 0, squares = 0;
      for (const double v : y.view().row(i)) sum += v, squares += v * v;
      if (norm == Normalization::kLayer) {
        EXPECT_NEAR(sum, 0, 1e-13);
      }
      EXPECT_NEAR(squares / 64, 0.25, 1e-6);
    }
  }
}

TEST(Normalize, MakesZerosOfRowsWithoutDirection) {
  for_each_instruction_set([] {
    for (const Index h : kWidths)
      for (const float value : {0.0f, 0.1f, -7.3f, 1e4f, 1.1e9f, 1e-40f})
        for (const Normalization norm : kNorms) {
          if (norm != Normalization::kLayer && value != 0) continue;
          Matrix<float> x(2, h);
          Matrix<double> wide(2, h);
          x.storage.assign(x.storage.size(), value);
          wide.storage.assign(wide.storage.size(), value);
          EXPECT_EQ(normalized<float>({norm, 0.4}, x), Matrix<float>(2, h));
          EXPECT_EQ(normalized<double>({norm, 0.4}, wide), Matrix<double>(2, h));
          const auto dx = gradient<float>({norm, 0.4}, x, rounded_to<float>(normals(2, h, 2)));
          for (const float v : dx.storage) ASSERT_TRUE(std::isfinite(v));
        }
  });
}

// Long rows and rows far from 0 are the same but for rounding.
TEST(Normalize, LooksAtTheDirectionAlone) {
  const Matrix<double> x = normals(3, 64, 1);
  for (const double length : {1e4, 1e9}) {
    Matrix<double> longer = x;
    for (double& v : longer.storage) v *= length;
    for (const Normalization norm : {Normalization::kLayer, Normalization::kRms})
      expect_near(normalized<float>({norm, 1}, rounded_to<float>(longer)),
                  normalized<double>({norm, 1}, x), 3e-6);
  }
  const Matrix<double> shifted = normals(3, 64, 1, 1e6);
  expect_near(normalized<double>({Normalization::kLayer, 1}, shifted),
              normalized<double>({Normalization::kLayer, 1}, x), 1e-9);
}

std::vector<BFloat16> upper_halves(Matrix<float>& x) {
  std::vector<BFloat16> halves;
  for (float& v : x.storage) {
    halves.push_back({static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(v) >> 16)});
    v = static_cast<float>(halves.back());
  }
  return halves;
}

TEST(Normalize, ReadsBFloat16AsTheFloatsThatItStandsFor) {
  for_each_instruction_set([] {
    for (const Index h : kWidths)
      for (const Normalization norm : kNorms) {
        Matrix<float> x = rounded_to<float>(normals(5, h, 1, 0.5)), out(5, h), dx(5, h);
        const std::vector<BFloat16> halves = upper_halves(x);  // exactly as long as it is
        const MatrixView<const BFloat16> view(halves.data(), 5, h);
        normalize({norm, 0.35}, view, out.view());
        EXPECT_EQ(out, normalized<float>({norm, 0.35}, x));
        const auto dout = rounded_to<float>(normals(5, h, 2));
        normalize_backward({norm, 0.35}, view, dout, dx.view());
        EXPECT_EQ(dx, gradient<float>({norm, 0.35}, x, dout));
      }
  });
}

TEST(NormalizeBackward, EqualsCentralDifferences) {
  constexpr double kStep = 1e-4;
  for (const Index h : {2, 3, 9, 16})
    for (const Normalization norm : kNorms) {
      const RowNorm how{norm, 0.35};
      Matrix<double> x = normals(3, h, 1, 0.5);
      const Matrix<double> dout = normals(3, h, 2);
      const Matrix<double> dx = gradient<double>(how, x, dout);
      double error = 0, size = 0;
      for (std::size_t i = 0; i < x.storage.size(); ++i) {
        const double at = x.storage[i];
        const auto loss = [&](double step) {
          x.storage[i] = at + step;
          const Matrix<double> y = normalized<double>(how, x);
          x.storage[i] = at;
          double sum = 0;
          for (std::size_t j = 0; j < y.storage.size(); ++j) sum += y.storage[j] * dout.storage[j];
          return sum;
        };
        const auto slope = [&](double step) { return (loss(step) - loss(-step)) / (2 * step); };
        const double truth = (4 * slope(kStep) - slope(2 * kStep)) / 3;  // Richardson
        error += std::pow(dx.storage[i] - truth, 2);
        size += truth * truth;
      }
      // Two numbers of mean 0 and mean square 1 are always the same: the slopes are nearly 0.
      const double floor = h == 2 && norm == Normalization::kLayer ? 1e-3 : 0;
      EXPECT_LT(std::sqrt(error), 1e-8 * (std::sqrt(size) + floor)) << h << " " << int(norm);
    }
}

TEST(NormalizeBackward, OfFloatsIsThatOfDoublesForEveryWidthAndInstructionSet) {
  for_each_instruction_set([] {
    for (const Index h : kWidths)
      for (const Normalization norm : kNorms) {
        const RowNorm how{norm, 0.35};
        const Matrix<double> x = normals(5, h, 1), dout = normals(5, h, 2);
        const Matrix<double> expected = gradient<double>(how, x, dout);
        const auto got = gradient<float>(how, rounded_to<float>(x), rounded_to<float>(dout));
        double error = 0, size = 0;
        for (std::size_t i = 0; i < got.storage.size(); ++i) {
          error += std::pow(got.storage[i] - expected.storage[i], 2);
          size += std::pow(expected.storage[i], 2);
        }
        const bool nearly_constant = h <= 2 && norm != Normalization::kNone;
        EXPECT_LT(std::sqrt(error), nearly_constant ? 1e-4 : 1e-5 * std::sqrt(size))
            << h << " " << int(norm);
      }
  });
}

TEST(Normalize, MayOverwriteWhatItReads) {
  for (const Normalization norm : kNorms) {
    Matrix<double> both = normals(5, 33, 1);
    const Matrix<double> expected = normalized<double>({norm, 0.35}, both);
    normalize({norm, 0.35}, both, both.view());
    EXPECT_EQ(both, expected);
  }
}

TEST(NormalizeBackward, MayOverwriteTheGradientThatItReads) {
  for (const Normalization norm : kNorms) {
    const Matrix<double> x = normals(5, 33, 1);
    Matrix<double> both = normals(5, 33, 2);
    const Matrix<double> expected = gradient<double>({norm, 0.35}, x, both);
    normalize_backward({norm, 0.35}, x, both, both.view());
    EXPECT_EQ(both, expected);
  }
}

TEST(Normalize, ReadsAndWritesStridedViews) {
  for (const Normalization norm : kNorms) {
    const RowNorm how{norm, 0.35};
    const Matrix<double> x = normals(5, 33, 1), dout = normals(5, 33, 2);
    const Strided<double> x_wide(x, 2), dout_wide(dout, 3);
    Matrix<double> out(5, 34), dx(5, 35);
    normalize(how, x_wide.view(), MatrixView<double>(out.storage.data(), 5, 33, 34));
    normalize_backward(how, x_wide.view(), dout_wide.view(),
                       MatrixView<double>(dx.storage.data(), 5, 33, 35));
    const Matrix<double> y = normalized<double>(how, x), expected = gradient<double>(how, x, dout);
    for (Index i = 0; i < 5; ++i) {
      for (Index j = 0; j < 33; ++j) {
        EXPECT_EQ(out(i, j), y(i, j));
        EXPECT_EQ(dx(i, j), expected(i, j));
      }
      EXPECT_EQ(out(i, 33), 0);
      EXPECT_EQ(dx(i, 33), 0);
      EXPECT_EQ(dx(i, 34), 0);
    }
  }
}

TEST(Normalize, OfNothingIsNothing) {
  for (const Normalization norm : kNorms)
    for (const auto& [rows, cols] : {std::pair{0, 64}, std::pair{3, 0}, std::pair{0, 0}}) {
      Matrix<float> x(rows, cols);
      normalize({norm, 1}, x, x.view());
      normalize_backward({norm, 1}, x, x, x.view());
    }
}

TEST(RowNorm, TakesTheRootOfTheScale) {
  EXPECT_NEAR(row_norm(AttentionSpec{}, 64).factor, std::pow(64, -0.25), 1e-15);
  EXPECT_EQ(row_norm({.norm = Normalization::kRms, .scale = 0.25}, 64).factor, 0.5);
  EXPECT_EQ(row_norm({.norm = Normalization::kRms, .scale = 0.25}, 64).norm, Normalization::kRms);
}

}  // namespace
}  // namespace prodigest::attention
