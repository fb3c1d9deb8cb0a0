#pragma once
// Work on rows that a list names. Rows lie at their stride apart, which is a multiple of kPadding,
// and end in zeros, as in an AlignedMatrix.

#include <cstdint>
#include <span>

#include "prodigest/base/matrix.hpp"

namespace prodigest::kernel {

/// products[i] = <rows(list[i]), direction>.
/// @shape direction: [rows.row_stride], zeros at the end; products: [list.size()]
void multiply_listed_rows(MatrixView<const float> rows, std::span<const std::int32_t> list,
                          const float* direction, float* products);

/// sum = sum over i of rows(list[i]).  @shape sum: [rows.row_stride]
void sum_listed_rows(MatrixView<const float> rows, std::span<const std::int32_t> list, float* sum);

}  // namespace prodigest::kernel
