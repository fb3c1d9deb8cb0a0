#include "prodigest/kernel/exact_product.hpp"

#include <cmath>

#include "base/fail.hpp"
#include "kernel/exact_sums.hpp"

namespace prodigest::kernel {
namespace {

void check(MatrixView<const float> queries, MatrixView<const float> keys,
           MatrixView<const double> x, MatrixView<double> y) {
  if (x.rows != keys.rows)
    fail(ErrorCode::kInvalidArgument,
         "exact_product: x must have a row for each of {} keys, got {}", keys.rows, x.rows);
  if (y.rows != queries.rows || y.cols != x.cols)
    fail(ErrorCode::kInvalidArgument,
         "exact_product: y must be {} x {}, a row for each query and a column for each of x, got "
         "{} x {}",
         queries.rows, x.cols, y.rows, y.cols);
  for (Index i = 0; i < x.rows; ++i)
    for (Index c = 0; c < x.cols; ++c)
      if (!std::isfinite(x(i, c)))
        fail(ErrorCode::kInvalidArgument,
             "exact_product: x must be finite, got {} in row {}, column {}", x(i, c), i, c);
}

}  // namespace

void exact_product(MatrixView<const float> queries, MatrixView<const float> keys, double bandwidth,
                   MatrixView<const double> x, MatrixView<double> y, const Context& context) {
  check(queries, keys, x, y);
  multiply_exactly(centre_points(queries, keys, bandwidth), x, y, context);
}

}  // namespace prodigest::kernel
