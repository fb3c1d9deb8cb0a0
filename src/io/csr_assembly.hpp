#pragma once
// Bringing CSR rows as files hold them into the order that CsrView promises.

#include <span>

#include "prodigest/base/matrix.hpp"
#include "prodigest/base/types.hpp"

namespace prodigest::io {

/// Sorts each row by column, adds up entries of the same column in the order they come, and leaves
/// out zeros.
template <Real T>
void sort_rows(CsrMatrix<T>& matrix);

/// Keeps the chosen columns, column chosen[j] as column j; leaves rows unsorted.
template <Real T>
void choose_columns(CsrMatrix<T>& matrix, std::span<const Index> chosen);

}  // namespace prodigest::io
