#pragma once
// What classes of digests have in common in Python.

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.hpp"
#include "bindings.hpp"
#include "files.hpp"
#include "prodigest/core/schema.hpp"
#include "run.hpp"

namespace prodigest::python {

/// A read-only array over numbers of the digest `self`, which it keeps alive.
template <std::ranges::contiguous_range Numbers>
auto array_in(nb::handle self, const Numbers& numbers) {
  return borrowed_array(std::ranges::data(numbers), {std::ranges::size(numbers)}, self);
}

/// @param name as Python calls it
template <class Digest>
nb::class_<Digest> bind_digest(nb::module_& m, const char* name, const char* doc) {
  nb::class_<Digest> c(m, name, doc);
  c.def_prop_ro(
       "spec", [](const Digest& d) { return to_text(d.spec()); },
       "How it was made, e.g. ``priority:size=1000,seed=42``.")
      .def_prop_ro(
          "seed", [](const Digest& d) { return d.spec().seed.value; },
          "What all sides of a product share.")
      .def_prop_ro("rows", &Digest::rows, "n, rows seen.")
      .def_prop_ro("cols", &Digest::cols, "d, columns of the matrix.")
      .def_prop_ro("squared_norm", &Digest::squared_norm,
                   "Square of the Frobenius norm of the whole matrix; None if it is not known.")
      .def_prop_ro("schema", &Digest::schema, "Names of rows and columns.")
      .def_prop_ro(
          "columns", [](const Digest& d) { return d.schema().columns; },
          "Names of the columns, or an empty list.")
      .def_prop_ro(
          "key", [](const Digest& d) { return d.schema().key; },
          "Names of the key columns; an empty list: rows were numbered.")
      .def(
          "__eq__",
          [](const Digest& a, const Digest& b) { return &a == &b || to_bytes(a) == to_bytes(b); },
          nb::is_operator(), nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__copy__", [](nb::handle self) { return nb::borrow(self); })
      .def(
          "__deepcopy__", [](nb::handle self, nb::handle) { return nb::borrow(self); },
          nb::arg("memo"))
      .def("__repr__",
           [name](const Digest& d) {
             return fmt::format("<{} {}, {} x {}>", name, to_text(d.spec()), d.rows(), d.cols());
           })
      .def("_repr_html_", [](nb::handle self) {
        return nb::cast<std::string>(nb::module_::import_("prodigest._info").attr("html")(self));
      });
  bind_bytes(c);
  c.attr("__hash__") = nb::none();
  return c;
}

}  // namespace prodigest::python
