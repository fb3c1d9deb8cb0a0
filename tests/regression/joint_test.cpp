// Weighted least squares on the rows that two samples share.

#include <gtest/gtest.h>

#include "prodigest/regression/regress.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "reference/matrices.hpp"

namespace prodigest::regression {
namespace {

using sampling::parse_sample_spec;
using sampling::sample_rows;

TEST(Joint, Works) {
  Normals normals(1);
  const Matrix<double> a = normal_matrix(normals, 2000, 5);
  Matrix<double> b(2000, 1);
  for (Index i = 0; i < 2000; ++i) {
    b(i, 0) = 7;
    for (Index j = 0; j < 5; ++j) b(i, 0) += a(i, j) * (j + 1);
  }
  const auto spec = parse_sample_spec("priority:size=200,mixture=0.5");
  const Regression r = regress(sample_rows(a.view(), spec), sample_rows(b.view(), spec));
  for (std::size_t j = 0; j < 5; ++j) EXPECT_NEAR(r.coefficients[j].value, j + 1.0, 1e-12);
  EXPECT_NEAR(r.intercept->value, 7, 1e-12);
  EXPECT_EQ(r.ridge, 0);
  EXPECT_NEAR(*r.r_squared, 1, 1e-12);
}

}  // namespace
}  // namespace prodigest::regression
