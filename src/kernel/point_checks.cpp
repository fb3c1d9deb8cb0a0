#include "kernel/point_checks.hpp"

#include <algorithm>
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
  if (keys.rows < 1 || keys.cols < 1)
    fail(ErrorCode::kInvalidArgument,
         "{}: there must be keys of one coordinate or more, got {} keys of {}", where, keys.rows,
         keys.cols);
  if (queries.cols != keys.cols)
    fail(ErrorCode::kInvalidArgument,
         "{}: queries must have as many coordinates as keys, {}, got {}", where, keys.cols,
         queries.cols);
  check_finite(where, "queries", queries);
  if (queries.data != keys.data || queries.rows != keys.rows) check_finite(where, "keys", keys);
}

template void check_finite(const char*, const char*, MatrixView<const float>);
template void check_finite(const char*, const char*, MatrixView<const double>);
template void check_points(const char*, MatrixView<const float>, MatrixView<const float>);
template void check_points(const char*, MatrixView<const double>, MatrixView<const double>);

}  // namespace prodigest::kernel
