#pragma once
// What points must be like. `where` begins the message of a refusal: the function that the caller
// knows; `name` is that of the points.

#include "prodigest/base/matrix.hpp"

namespace prodigest::kernel {

/// Refuses NaN and infinity, naming row and column.
template <Real T>
void check_finite(const char* where, const char* name, MatrixView<const T> points);

/// Refuses no keys, no columns, widths that differ, and what check_finite does.
template <Real T>
void check_points(const char* where, MatrixView<const T> queries, MatrixView<const T> keys);

}  // namespace prodigest::kernel
