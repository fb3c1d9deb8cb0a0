#include "rows.hpp"

#include "digests.hpp"

#include <fmt/format.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "prodigest/base/error.hpp"

namespace prodigest::python {

CsrRows::CsrRows(Array1<const Index> row_start_, Array1<const std::int32_t> columns_,
                 Values values_, Index cols_)
    : row_start(std::move(row_start_)),
      columns(std::move(columns_)),
      values(std::move(values_)),
      cols(cols_) {
  const std::span<const Index> starts = span_of(row_start);
  const auto entries = static_cast<Index>(columns.size());
  const auto sizes = std::visit([](const auto& v) { return static_cast<Index>(v.size()); }, values);
  if (starts.empty() || starts.front() < 0 || starts.back() > entries ||
      !std::ranges::is_sorted(starts) || sizes != entries)
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("sparse matrix: row pointers must ascend from 0 to the number of "
                            "entries, got {} columns and {} values (remake it)",
                            entries, sizes));
}

RowsView view_of(const Rows& rows) {
  const auto* const csr = std::get_if<CsrRows>(&rows);
  if (csr == nullptr)
    return rows.index() == 0 ? RowsView(view_of(std::get<0>(rows))) : view_of(std::get<1>(rows));
  const auto count = static_cast<Index>(csr->row_start.size()) - 1;
  return std::visit(
      [&](const auto& values) -> RowsView {
        using T = std::remove_const_t<typename std::decay_t<decltype(values)>::Scalar>;
        return CsrView<T>{csr->row_start.data(), csr->columns.data(), values.data(), count,
                          csr->cols};
      },
      csr->values);
}

void bind_rows(nb::module_& m) {
  using namespace nb::literals;
  nb::class_<CsrRows>(m, "CsrRows", "Arrays of a CSR matrix.")
      .def(nb::init<Array1<const Index>, Array1<const std::int32_t>, CsrRows::Values, Index>(),
           "row_start"_a.noconvert(), "columns"_a.noconvert(), "values"_a.noconvert(), "cols"_a);

  nb::class_<Schema>(m, "Schema", "What the rows and columns of a matrix are called.")
      .def("__init__",
           [](Schema* self, std::vector<std::string> columns, std::vector<std::string> key,
              bool text_keys) {
             new (self) Schema{.columns = std::move(columns),
                               .key = std::move(key),
                               .key_encoding = text_keys ? KeyEncoding::kText : KeyEncoding::kTyped};
           },
           "columns"_a = std::vector<std::string>(), "key"_a = std::vector<std::string>(),
           "text_keys"_a = false)
      .def_ro("columns", &Schema::columns, "Names of the columns, or none.")
      .def_ro("key", &Schema::key, "Names of the key columns; none: rows were numbered.")
      .def_prop_ro("text_keys", [](const Schema& s) { return s.key_encoding == KeyEncoding::kText; },
                   "Whether keys that look like integers were taken as text.")
      .def_ro("words", &Schema::words, "The text column whose words the columns are, or empty.")
      .def_ro("presence", &Schema::presence, "Whether column 0 is a column of ones that was added.")
      .def("__eq__", [](const Schema& a, const Schema& b) { return a == b; }, nb::is_operator(),
           nb::sig("def __eq__(self, other: object, /) -> bool"));
}

}  // namespace prodigest::python
