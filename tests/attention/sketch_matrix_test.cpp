// The draws of sketches are a protocol. The golden numbers come from a Philox, the documented
// arithmetic and the functions of its library written in plain Python.

#include "attention/sketch_matrix.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <set>
#include <vector>

#include "core/draws.hpp"
#include "simd_targets.hpp"

namespace prodigest::attention {
namespace {

AttentionSpec spec_of(SketchKind kind, Index size, std::uint64_t seed = 42) {
  return {.size = size, .sketch = kind, .seed = {seed}};
}

double product_of_columns(const Matrix<double>& g, Index j, Index k) {
  double sum = 0;
  for (Index i = 0; i < g.rows; ++i) sum += g(i, j) * g(i, k);
  return sum;
}

TEST(SketchMatrix, HasGoldenNormals) {
  struct Golden {
    std::uint64_t seed, stream;
    int number;
    Index inputs, i, j;
    double gaussian, orthogonal;
  };
  for (const auto& [seed, stream, number, inputs, i, j, gaussian, orthogonal] : std::vector<Golden>{
           {42, 0, 0, 12, 0, 0, 0.937250103967098, 1.200627196809702},
           {42, kMostStreams - 1, 1, 12, 11, 32, 0.5126327335638934, 0.0341190574543843},
           {0x0123456789abcdef, 7, 5, 33, 3, 1, -0.8270107051569825, -0.9650569625097957}}) {
    const auto at = [&, &seed = seed, &stream = stream, &number = number, &inputs = inputs, &i = i,
                     &j = j](SketchKind kind) {
      return sketch_matrix(spec_of(kind, 33, seed), stream, number, inputs)(i, j);
    };
    EXPECT_NEAR(at(SketchKind::kGaussian), gaussian, 1e-14);
    EXPECT_NEAR(at(SketchKind::kOrthogonal), orthogonal, 1e-12);
  }
}

TEST(SketchMatrix, HasGoldenSigns) {
  const std::uint32_t negative[12] = {0x0000ffff, 0xc2ba127e, 0xdb141d0f, 0xe6510f71,
                                      0xaf823ea4, 0x6d382cda, 0x8b69dc54, 0x49d331d5,
                                      0x077658e9, 0xc5ccb568, 0xdc6245e6, 0xe127a867};
  const Matrix<double> g = sketch_matrix(spec_of(SketchKind::kHadamard, 32), 5, 1, 12);
  for (Index i = 0; i < 12; ++i)
    for (Index j = 0; j < 32; ++j) EXPECT_EQ(g(i, j), negative[i] >> j & 1 ? -1 : 1);
}

TEST(SketchMatrix, HasTheSameBitsForEveryInstructionSet) {
  for (const SketchKind kind :
       {SketchKind::kGaussian, SketchKind::kOrthogonal, SketchKind::kHadamard}) {
    const Matrix<double> expected = sketch_matrix(spec_of(kind, 64), 3, 2, 37);
    for_each_instruction_set(
        [&] { EXPECT_EQ(sketch_matrix(spec_of(kind, 64), 3, 2, 37), expected); });
  }
}

TEST(SketchMatrix, OfNormalsIsDrawnRowByRow) {
  const Matrix<double> g = sketch_matrix(spec_of(SketchKind::kGaussian, 9), 6, 3, 5);
  for (Index i = 0; i < 5; ++i) {
    std::vector<double> row(9);
    random_normals(Seed{42}, Domain::kPolynomialSketch,
                   (RowId{6} << 24) + (RowId{3} << 20) + static_cast<RowId>(i), row);
    for (Index j = 0; j < 9; ++j) EXPECT_EQ(g(i, j), row[static_cast<std::size_t>(j)]);
  }
}

TEST(SketchMatrix, HasOrthogonalColumnsInGroups) {
  for (const Index size : {1, 15, 16, 17, 40}) {
    const Matrix<double> g = sketch_matrix(spec_of(SketchKind::kOrthogonal, size), 1, 0, 16);
    for (Index j = 0; j < size; ++j)
      for (Index k = 0; k <= j; ++k) {
        const double product = product_of_columns(g, j, k);
        if (j == k)
          EXPECT_NEAR(product, 16, 1e-12);
        else if (j / 16 == k / 16)
          EXPECT_NEAR(product, 0, 1e-11);
        else
          EXPECT_GT(std::abs(product), 1e-6);
      }
  }
}

// Orthonormal frames alone would not do: their signs must be fair, too.
TEST(SketchMatrix, HasOrthogonalColumnsOfAnyDirection) {
  constexpr int kDraws = 4000;
  std::vector<double> sums(3 * 3);
  for (int stream = 0; stream < kDraws; ++stream) {
    const auto g = sketch_matrix(spec_of(SketchKind::kOrthogonal, 3),
                                 static_cast<std::uint64_t>(stream), 0, 3);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += g.storage[i];
  }
  for (const double sum : sums) EXPECT_LT(std::abs(sum), 4 * std::sqrt(kDraws));
}

// x -> x G of kHadamard is a signed choice of the coordinates of a padded transform.
TEST(SketchMatrix, OfSignsIsPartOfAHadamardMatrix) {
  for (const Index inputs : {1, 5, 8, 13})
    for (const Index size : {1, 4, 32}) {
      const Matrix<double> g = sketch_matrix(spec_of(SketchKind::kHadamard, size), 9, 1, inputs);
      const auto order = static_cast<Index>(std::bit_ceil(static_cast<std::uint64_t>(inputs)));
      for (Index first = 0; first < size; first += order) {
        const Index count = std::min(order, size - first);
        // Column j over column `first` is (-1)^popcount(i & (s_j ^ s_first)).
        std::set<std::vector<double>> seen;
        for (Index j = first; j < first + count; ++j) {
          std::vector<double> ratio;
          for (Index i = 0; i < inputs; ++i) ratio.push_back(g(i, j) * g(i, first));
          for (Index i = 0; i < inputs; ++i) {
            double expected = 1;
            for (Index bit = 1; bit < order; bit *= 2)
              if (i & bit) expected *= ratio[static_cast<std::size_t>(bit)];
            ASSERT_EQ(ratio[static_cast<std::size_t>(i)], expected);
          }
          ASSERT_TRUE(seen.insert(ratio).second) << "a coordinate was taken twice";
        }
      }
    }
}

TEST(SketchMatrix, DiffersBetweenStreamsMatricesAndSeeds) {
  for (const SketchKind kind :
       {SketchKind::kGaussian, SketchKind::kOrthogonal, SketchKind::kHadamard}) {
    const auto draw = [&](std::uint64_t seed, std::uint64_t stream, int number) {
      return sketch_matrix(spec_of(kind, 64, seed), stream, number, 64);
    };
    const Matrix<double> g = draw(1, 1, 0);
    EXPECT_EQ(g, draw(1, 1, 0));
    for (const auto& other :
         {draw(1, 2, 0), draw(1, 1 + (1 << 20), 0), draw(1, 1, 1), draw(2, 1, 0)}) {
      double correlation = 0;
      for (std::size_t i = 0; i < g.storage.size(); ++i)
        correlation += g.storage[i] * other.storage[i] / 64;
      EXPECT_LT(std::abs(correlation), 4);
    }
  }
}

}  // namespace
}  // namespace prodigest::attention
