#include "attention/block_product.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/draws.hpp"
#include "simd_targets.hpp"

namespace prodigest::attention {
namespace {

Matrix<double> normals(Index rows, Index cols, std::uint64_t seed) {
  Matrix<double> x(rows, cols);
  random_normals(Seed{seed}, 0, x.storage);
  return x;
}

template <Real T>
Matrix<T> rounded(const Matrix<double>& from) {
  Matrix<T> to(from.rows, from.cols);
  std::ranges::transform(from.storage, to.storage.begin(),
                         [](double x) { return static_cast<T>(x); });
  return to;
}

template <Real T>
void expect_product(Index rows, Index cols, Index inner, bool turned, Into into) {
  const Matrix<T> a = rounded<T>(turned ? normals(inner, rows, 1) : normals(rows, inner, 1));
  const Matrix<T> b = rounded<T>(normals(inner, cols, 2));
  Matrix<T> wide = rounded<T>(normals(rows + 1, cols + 3, 3));  // more than the product is in
  const Matrix<T> before = wide;
  const MatrixView<T> out(wide.storage.data() + 1, rows, cols, cols + 3);
  multiply_block(turned ? transposed(a.view()) : plain(a.view()), b.view(), out, into);
  for (Index i = 0; i <= rows; ++i)
    for (Index j = 0; j < cols + 3; ++j) {
      double expected = static_cast<double>(before(i, j));
      if (i < rows && j >= 1 && j <= cols) {
        if (into == Into::kNew) expected = 0;
        for (Index k = 0; k < inner; ++k)
          expected += static_cast<double>(turned ? a(k, i) : a(i, k)) * b(k, j - 1);
        ASSERT_NEAR(wide(i, j), expected, sizeof(T) == 4 ? 1e-4 : 1e-12) << i << " " << j;
      } else {
        ASSERT_EQ(wide(i, j), before(i, j)) << "written beside the product";
      }
    }
}

TEST(MultiplyBlock, IsTheProductForEveryShapeAndInstructionSet) {
  for_each_instruction_set([] {
    for (const Index rows : {0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 64})
      for (const Index cols : {0, 1, 4, 7, 16, 17, 40, 64, 75, 130})
        for (const Index inner : {0, 1, 2, 33})
          for (const bool turned : {false, true})
            for (const Into into : {Into::kNew, Into::kAdd}) {
              SCOPED_TRACE(testing::Message() << rows << " x " << inner << " x " << cols);
              expect_product<float>(rows, cols, inner, turned, into);
              expect_product<double>(rows, cols, inner, turned, into);
            }
  });
}

}  // namespace
}  // namespace prodigest::attention
