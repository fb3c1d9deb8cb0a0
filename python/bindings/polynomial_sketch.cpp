// Sketches of polynomial kernels, for scikit-learn's face of them.

#include "prodigest/attention/polynomial_sketch.hpp"

#include <nanobind/stl/string.h>

#include "arrays.hpp"
#include "bindings.hpp"
#include "prodigest/attention/attention_spec.hpp"
#include "run.hpp"

namespace prodigest::python {
namespace {

template <Real T>
nb::ndarray<nb::numpy, T> apply(const Array2<const T>& x, const std::string& spec,
                                std::uint64_t stream) {
  const auto rows = view_of(x);
  return array_of(run(1, nb::none(), [&](const Context&) {
    const auto sketch = attention::PolynomialSketch<T>::random(
        attention::parse_attention_spec(spec), rows.cols, stream);
    Matrix<T> out(rows.rows, sketch.size());
    sketch.apply(rows, out.view());
    return out;
  }));
}

}  // namespace

void bind_polynomial_sketch(nb::module_& m) {
  using namespace nb::literals;
  constexpr char kDoc[] = "S x of each row, by the random sketch that an attention spec describes.";
  m.def("polynomial_sketch_apply", &apply<float>, "x"_a, "spec"_a, "stream"_a, kDoc);
  m.def("polynomial_sketch_apply", &apply<double>, "x"_a, "spec"_a, "stream"_a, kDoc);
}

}  // namespace prodigest::python
