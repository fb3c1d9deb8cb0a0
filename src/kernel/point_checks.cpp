#include "kernel/point_checks.hpp"

#include <cmath>

#include "base/fail.hpp"

namespace prodigest::kernel {

template <Real T>
void check_finite(const char* where, const char* name, MatrixView<const T> points) {
  for (Index i = 0; i < points.rows; ++i)
    for (Index j = 0; j < points.cols; ++j)
      if (!std::isfinite(points(i, j)))
        fail(ErrorCode::kInvalidArgument,
             "{}: {} must be finite, got {} in row {}, column {} (drop the row or put a number)",
             where, name, points(i, j), i, j);
}

template <Real T>
void check_points(const char* where, MatrixView<const T> queries, MatrixView<const T> keys) {
  if (queries.cols != keys.cols)
    fail(ErrorCode::kInvalidArgument,
         "{}: queries and keys must have equally many columns, got {} and {}", where, queries.cols,
         keys.cols);
  if (keys.cols < 1)
    fail(ErrorCode::kInvalidArgument, "{}: points must have a column, got {}", where, keys.cols);
  if (keys.rows < 1)
    fail(ErrorCode::kInvalidArgument, "{}: there must be a key, got {}", where, keys.rows);
  check_finite(where, "queries", queries);
  if (!are_same(queries, keys)) check_finite(where, "keys", keys);
}

void check_product(const char* where, Index queries, Index keys, MatrixView<const double> x,
                   MatrixView<double> y) {
  if (x.rows != keys)
    fail(ErrorCode::kInvalidArgument, "{}: x must have a row for each of {} keys, got {}", where,
         keys, x.rows);
  if (y.rows != queries || y.cols != x.cols)
    fail(ErrorCode::kInvalidArgument,
         "{}: y must be {} x {}, a row for each query and a column for each of x, got {} x {}",
         where, queries, x.cols, y.rows, y.cols);
  for (Index i = 0; i < x.rows; ++i)
    for (Index c = 0; c < x.cols; ++c)
      if (!std::isfinite(x(i, c)))
        fail(ErrorCode::kInvalidArgument, "{}: x must be finite, got {} in row {}, column {}",
             where, x(i, c), i, c);
}

template void check_finite(const char*, const char*, MatrixView<const float>);
template void check_finite(const char*, const char*, MatrixView<const double>);
template void check_points(const char*, MatrixView<const float>, MatrixView<const float>);
template void check_points(const char*, MatrixView<const double>, MatrixView<const double>);

}  // namespace prodigest::kernel
