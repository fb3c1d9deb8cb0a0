#include "kernel/listed_rows.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/aligned_matrix.hpp"
#include "kernel/naive_kernel.hpp"
#include "simd_targets.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kDims[] = {1, 3, 4, 15, 16, 17, 64, 100};
constexpr Index kCounts[] = {0, 1, 3, 4, 5, 16, 37};

AlignedMatrix<float> aligned(const Matrix<float>& from) {
  AlignedMatrix<float> out(from.rows, from.cols);
  for (Index i = 0; i < from.rows; ++i)
    for (Index c = 0; c < from.cols; ++c) out.view()(i, c) = from(i, c);
  return out;
}

std::vector<std::int32_t> list_of(Index count) {
  std::vector<std::int32_t> list;
  for (Index i = 0; i < count; ++i) list.push_back(static_cast<std::int32_t>(i * 29 % 50));
  return list;
}

// check(rows, list) for many shapes and each instruction set.
template <class Check>
void for_lists(const Check& check) {
  for_each_instruction_set([&] {
    for (const Index dim : kDims)
      for (const Index count : kCounts) {
        SCOPED_TRACE(testing::Message() << count << " rows of " << dim);
        const auto rows = aligned(normal_points(50, dim, 1));
        check(rows.view(), list_of(count));
      }
  });
}

TEST(ListedRows, ProductsAndDistancesAreThoseOfTheDefinition) {
  for_lists([](MatrixView<const float> rows, const std::vector<std::int32_t>& list) {
    const auto others = aligned(normal_points(1, rows.cols, 2));
    const float* const other = others.view().row_data(0);
    std::vector<float> products(list.size()), distances(list.size());
    multiply_listed_rows(rows, list, other, products.data());
    square_distances_of_listed_rows(rows, list, other, distances.data());
    for (std::size_t i = 0; i < list.size(); ++i) {
      double product = 0, square = 0;
      for (Index c = 0; c < rows.cols; ++c) {
        const double x = double{rows(list[i], c)}, y = double{other[c]};
        product += x * y;
        square += (x - y) * (x - y);
      }
      EXPECT_NEAR(double{products[i]}, product, 2e-6);
      EXPECT_NEAR(double{distances[i]}, square, 1e-6 * square);
    }
  });
}

TEST(ListedRows, SumsAreThoseOfTheDefinitionAndEndInZeros) {
  for_lists([](MatrixView<const float> rows, const std::vector<std::int32_t>& list) {
    std::vector<float> sum(static_cast<std::size_t>(rows.row_stride), 7.0F);
    sum_listed_rows(rows, list, sum.data());
    for (Index c = 0; c < rows.row_stride; ++c) {
      double expected = 0;
      if (c < rows.cols)
        for (const std::int32_t i : list) expected += double{rows(i, c)};
      EXPECT_NEAR(double{sum[c]}, expected, 1e-5);
    }
  });
}

TEST(ListedRows, AreTransposed) {
  for_lists([](MatrixView<const float> rows, const std::vector<std::int32_t>& list) {
    const Index lanes = std::ssize(list) + 2;
    std::vector<float> to(static_cast<std::size_t>(rows.row_stride * lanes));
    transpose_listed_rows(rows, list, lanes, to.data());
    for (Index c = 0; c < rows.cols; ++c)
      for (std::size_t i = 0; i < list.size(); ++i)
        EXPECT_EQ(to[static_cast<std::size_t>(c * lanes) + i], rows(list[i], c));
  });
}

}  // namespace
}  // namespace prodigest::kernel
