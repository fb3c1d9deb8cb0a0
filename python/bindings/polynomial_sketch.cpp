// Sketches of polynomial kernels.

#include "prodigest/attention/polynomial_sketch.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.hpp"
#include "bindings.hpp"
#include "heads.hpp"

namespace prodigest::python {
namespace {

using namespace attention;

template <Real T>
void bind(nb::module_& m, const char* name) {
  using namespace nb::literals;
  using S = PolynomialSketch<T>;
  nb::class_<S>(m, name)
      .def_static(
          "random",
          [](const std::string& spec, Index head_dim, std::uint64_t stream) {
            return S::random(parse_attention_spec(spec), head_dim, stream);
          },
          "spec"_a, "head_dim"_a, "stream"_a)
      .def_static(
          "given",
          [](const Array2<const T>& a, const Array2<const T>& b) {
            return S::given(view_of(a), view_of(b));
          },
          "a"_a.noconvert(), "b"_a.noconvert())
      .def_prop_ro("head_dim", &S::head_dim)
      .def_prop_ro("size", &S::size)
      .def_prop_ro("degree", &S::degree)
      .def_prop_ro(
          "matrices",
          [](nb::handle self) { return arrays_of(nb::cast<const S&>(self).matrices(), self); })
      .def(
          "apply",
          [](const S& sketch, const Array2<const T>& x) {
            const MatrixView<const T> rows = view_of(x);
            Matrix<T> out(rows.rows, sketch.size());
            {
              nb::gil_scoped_release unlocked;
              sketch.apply(rows, out.view());
            }
            return array_of(std::move(out));
          },
          "x"_a.noconvert());
}

}  // namespace

void bind_polynomial_sketch(nb::module_& m) {
  bind<float>(m, "PolynomialSketch32");
  bind<double>(m, "PolynomialSketch64");
}

}  // namespace prodigest::python
