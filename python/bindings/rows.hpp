#pragma once
// Rows that Python hands over: a dense array, or CSR in three.

#include <nanobind/stl/variant.h>

#include "arrays.hpp"
#include "prodigest/core/schema.hpp"

namespace prodigest::python {

/// Arrays of a CSR matrix, checked so far that every row lies within them.
struct CsrRows {
  using Values = std::variant<Array1<const float>, Array1<const double>>;

  /// @throws Error{kInvalidArgument}
  CsrRows(Array1<const Index> row_start, Array1<const std::int32_t> columns, Values values,
          Index cols);

  Array1<const Index> row_start;
  Array1<const std::int32_t> columns;
  Values values;
  Index cols;
};

/// Arguments of this type must be bound with noconvert(): doubles would become floats.
using Rows = std::variant<Array2<const float>, Array2<const double>, CsrRows>;

RowsView view_of(const Rows& rows);

/// [n], or empty: rows are numbered.
using RowIds = Array1<const RowId>;

}  // namespace prodigest::python
