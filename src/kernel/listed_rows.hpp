#pragma once
// Work on rows that a list names. Rows lie at their stride apart, which is a multiple of kPadding,
// and end in zeros, as in an AlignedMatrix; so do `direction` and `point`, and sums come out so.

#include <cstdint>
#include <span>

#include "prodigest/base/matrix.hpp"

namespace prodigest::kernel {

using RowList = std::span<const std::int32_t>;

/// products[i] = <rows(list[i]), direction>.
void multiply_listed_rows(MatrixView<const float> rows, RowList list, const float* direction,
                          float* products);

/// distances[i] = ||rows(list[i]) - point||².
void square_distances_of_listed_rows(MatrixView<const float> rows, RowList list, const float* point,
                                     float* distances);

/// sum = sum over i of rows(list[i]).
void sum_listed_rows(MatrixView<const float> rows, RowList list, float* sum);

/// to[c * lanes + i] = rows(list[i], c).  @shape to: [rows.row_stride * lanes], lanes >=
/// list.size()
void transpose_listed_rows(MatrixView<const float> rows, RowList list, Index lanes, float* to);

}  // namespace prodigest::kernel
