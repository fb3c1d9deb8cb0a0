// Linear sketches.

#include "digest_class.hpp"
#include "digests.hpp"
#include "prodigest/linear/linear_sketch.hpp"
#include "prodigest/linear/merge.hpp"
#include "prodigest/linear/sketch_file.hpp"

namespace prodigest::python {

void bind_sketches(nb::module_& m) {
  using linear::LinearSketch;
  bind_digest<LinearSketch>(m, "LinearSketch",
                            "A linear sketch S A, k x d, of an n x d matrix A.\n\n"
                            "Immutable; arrays are read-only views that keep it alive.")
      .def_prop_ro("size", &LinearSketch::size, "k, rows of the sketch.")
      .def_prop_ro("values", [](nb::handle self) {
             const MatrixView<const double> values = nb::cast<const LinearSketch&>(self).values();
             return borrowed_array(values.data,
                                   {static_cast<std::size_t>(values.rows),
                                    static_cast<std::size_t>(values.cols)},
                                   self);
           }, "S A: float64 [k, d], not copied.");
  m.def("subtract", [](const LinearSketch& a, const LinearSketch& b) { return subtract(a, b); },
        nb::arg("a"), nb::arg("b"), nb::call_guard<nb::gil_scoped_release>());
}

}  // namespace prodigest::python
