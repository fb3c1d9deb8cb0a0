// Sketches of polynomial kernels, for scikit-learn's face of them.

#include "prodigest/attention/polynomial_sketch.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/variant.h>

#include <variant>

#include "arrays.hpp"
#include "bindings.hpp"
#include "prodigest/attention/attention_spec.hpp"
#include "run.hpp"

namespace prodigest::python {
namespace {

using Rows = std::variant<Array2<const float>, Array2<const double>>;
using Features = std::variant<nb::ndarray<nb::numpy, float>, nb::ndarray<nb::numpy, double>>;

template <class T>
Features features_of(const Array2<const T>& x, const std::string& spec, std::uint64_t stream) {
  const auto rows = view_of(x);
  return array_of(run(1, nb::none(), [&](const Context&) {
    const auto sketch = attention::PolynomialSketch<T>::random(
        attention::parse_attention_spec(spec), rows.cols, stream);
    Matrix<T> out(rows.rows, sketch.size());
    sketch.apply(rows, out.view());
    return out;
  }));
}

Features apply(const Rows& x, const std::string& spec, std::uint64_t stream) {
  return std::visit([&](const auto& rows) { return features_of(rows, spec, stream); }, x);
}

}  // namespace

void bind_polynomial_sketch(nb::module_& m) {
  using namespace nb::literals;
  m.def("polynomial_sketch_apply", &apply, "x"_a.noconvert(), "spec"_a, "stream"_a,
        "S x of each row, by the random sketch that an attention spec describes.");
}

}  // namespace prodigest::python
