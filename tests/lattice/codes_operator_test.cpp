#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <new>

#include "expect_error.hpp"
#include "lattice/codes.hpp"
#include "lattice/inputs.hpp"
#include "prodigest/lattice/product.hpp"

namespace {
std::size_t allocations = 0;
}

// Not inlined, or the compiler warns that free() is given what new returned.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace prodigest::lattice {
namespace {

class Operator : public testing::TestWithParam<const char*> {
 protected:
  static constexpr Index kRows = 300, kCols = 700;
  std::vector<float> vector_of(double shift = 0.5) {
    std::vector<float> y(kRows);
    for (float& x : y) x = static_cast<float>(normals_() + shift);
    return y;
  }
  Normals normals_{91};
  Matrix<double> a_ = normal_matrix(normals_, kRows, kCols);
};
INSTANTIATE_TEST_SUITE_P(Formats, Operator,
                         testing::Values("format=F4", "format=F4pair,gain=mmse",
                                         "format=F3,centre=no", "format=F2,size=100",
                                         "format=I8,rotation=none", "format=int4,seed=3"));

TEST_P(Operator, IsTheProductWithOneColumn) {
  for (double& x : a_.storage) x += 0.5;
  const LatticeCodes codes = codes_of(a_.view(), GetParam());
  CodesOperator first(codes);
  CodesOperator multiply = std::move(first);
  EXPECT_EQ(multiply.rows(), kRows);
  EXPECT_EQ(multiply.cols(), kCols);
  const bool rotated = codes.spec().rotation == Rotation::kHadamard;
  for (int trial = 0; trial < 3; ++trial) {
    const std::vector<float> y = vector_of();
    std::vector<float> out(kCols), same(kCols), deviation(kCols);
    multiply.apply(y, out);
    multiply.apply(y, same, deviation, {.threads = 3});
    EXPECT_EQ(out, same);
    const ProductEstimate w = estimate_product(codes, MatrixView<const float>(y.data(), kRows, 1),
                                               {.standard_deviations = true});
    for (Index j = 0; j < kCols; ++j) {
      const auto at = static_cast<std::size_t>(j);
      // Without a rotation the estimate takes y as it is; here it is rounded to int8, as A is.
      EXPECT_NEAR(out[at], w.value(j, 0), rotated ? 1e-3 : 3);
      EXPECT_NEAR(deviation[at] / w.standard_deviation(j, 0), 1, rotated ? 1e-3 : 1);
    }
  }
}

TEST_P(Operator, HasDeviationsThatAreRight) {
  const LatticeCodes codes = codes_of(a_.view(), GetParam());
  CodesOperator multiply(codes);
  double squares = 0;
  constexpr int kTrials = 20;
  for (int trial = 0; trial < kTrials; ++trial) {
    const std::vector<float> y = vector_of();
    std::vector<float> out(kCols), deviation(kCols);
    multiply.apply(y, out, deviation);
    for (Index j = 0; j < kCols; ++j) {
      double truth = 0;
      for (Index i = 0; i < kRows; ++i) truth += a_(i, j) * y[static_cast<std::size_t>(i)];
      const auto at = static_cast<std::size_t>(j);
      const double z = (out[at] - truth) / deviation[at];
      squares += z * z / kCols / kTrials;
    }
  }
  EXPECT_GT(std::sqrt(squares), codes.spec().gain == coding::Gain::kMmse ? 0.8 : 0.94);
  EXPECT_LT(std::sqrt(squares), 1.06);
}

TEST_P(Operator, AllocatesNothing) {
  const LatticeCodes codes = codes_of(a_.view(), GetParam());
  CodesOperator multiply(codes);
  const std::vector<float> y = vector_of();
  std::vector<float> out(kCols), deviation(kCols);
  const Context one_thread{.threads = 1};
  const std::size_t before = allocations;
  multiply.apply(y, out, one_thread);
  multiply.apply(y, out, deviation, one_thread);
  EXPECT_EQ(allocations, before);
}

TEST_P(Operator, OfZerosIsZero) {
  const LatticeCodes codes = codes_of(Matrix<double>(kRows, 3).view(), GetParam());
  CodesOperator multiply(codes);
  std::vector<float> out(3), deviation(3);
  multiply.apply(vector_of(), out, deviation);
  EXPECT_EQ(out, std::vector<float>(3));
  EXPECT_EQ(deviation, std::vector<float>(3));
  const LatticeCodes some = codes_of(a_.view(), GetParam());
  std::vector<float> zeros(kRows), all(kCols, 1.0f);
  CodesOperator(some).apply(zeros, all);
  EXPECT_EQ(all, std::vector<float>(kCols));
}

TEST_P(Operator, RefusesWhatItCannotUse) {
  const LatticeCodes codes = codes_of(a_.view(), GetParam());
  CodesOperator multiply(codes);
  std::vector<float> y = vector_of(), out(kCols), few(kCols - 1);
  const auto refused = [](const std::string& words, const auto& call) {
    expect_refusal(ErrorCode::kInvalidArgument, words, call);
  };
  refused("product: y must have 300 entries, got 299",
          [&] { multiply.apply(std::span(y).first(kRows - 1), out); });
  refused("product: the result must have 700 entries, got 699", [&] { multiply.apply(y, few); });
  refused("product: the standard deviations must have 700 entries, got 699",
          [&] { multiply.apply(y, out, few); });
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    y[70] = bad;
    refused("in entry 70", [&] { multiply.apply(y, out); });
  }
  y[70] = 0x1p60f;
  refused("product: entries must be at most 1e+18 in size, got 1.15",
          [&] { multiply.apply(y, out); });
  for (const char* options : {"format=group4", "format=lloyd4"}) {
    const LatticeCodes floats = codes_of(a_.view(), options);
    refused("a vector can be multiplied with codes that decode to int8, got lattice:format=",
            [&] { CodesOperator of(floats); });
  }
}

}  // namespace
}  // namespace prodigest::lattice
