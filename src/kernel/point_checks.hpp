#pragma once
// What points must be like. `where` begins the message of a refusal: the function that the caller
// knows; `name` is that of the points.

#include "prodigest/base/matrix.hpp"

namespace prodigest::kernel {

/// Refuses NaN and infinity, naming row and column.
template <Real T>
void check_finite(const char* where, const char* name, MatrixView<const T> points);

/// Whether queries are keys: the same view twice.
template <Real T>
bool are_same(MatrixView<const T> queries, MatrixView<const T> keys) {
  return queries.data == keys.data && queries.rows == keys.rows &&
         queries.row_stride == keys.row_stride;
}

/// Refuses no keys, no columns, widths that differ, and what check_finite does.
template <Real T>
void check_points(const char* where, MatrixView<const T> queries, MatrixView<const T> keys);

/// Of y = K x: refuses shapes that do not fit, and NaN and infinity in x.
void check_product(const char* where, Index queries, Index keys, MatrixView<const double> x,
                   MatrixView<double> y);

}  // namespace prodigest::kernel
