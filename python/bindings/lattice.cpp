// Lattice codes: making, decoding, multiplying. The class itself is bound with the other digests.

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "arrays.hpp"
#include "prodigest/lattice/encoder.hpp"
#include "prodigest/lattice/product.hpp"
#include "run.hpp"
#include "tasks.hpp"

namespace prodigest::python {
namespace {

using lattice::CodesOperator;
using lattice::LatticeCodes;
using lattice::LatticeEncoder;

LatticeEncoder encoder_of(const std::string& spec, Index rows) {
  return LatticeEncoder(lattice::parse_lattice_spec(spec), rows);
}

template <Real T>
void append(LatticeEncoder& encoder, const Array2<const T>& columns, int threads) {
  const RowsView view = view_of(columns);
  run(threads, nb::none(), [&](const Context& context) {
    encoder.append(view, context);
    return true;
  });
}

template <Real T>
void append_vectors(LatticeEncoder& encoder, const Array2<const T>& vectors, int threads) {
  const RowsView view = view_of(vectors);
  run(threads, nb::none(), [&](const Context& context) {
    encoder.append_vectors(view, context);
    return true;
  });
}

template <Real T>
ProductEstimate codes_times_matrix(const LatticeCodes& codes, const Array2<const T>& b,
                                   double confidence, bool standard_deviations, int threads) {
  const RowsView view = view_of(b);
  return run(threads, nb::none(), [&](const Context& context) {
    return lattice::estimate_product(
        codes, view, {.confidence = confidence, .standard_deviations = standard_deviations},
        context);
  });
}

template <Real T>
bool better_unrotated(const Array2<const T>& columns) {
  return lattice::better_unrotated(view_of(columns));
}

nb::tuple apply(CodesOperator& op, const Array1<const float>& y, int threads) {
  const auto cols = static_cast<std::size_t>(op.cols());
  std::vector<float> out(cols), deviation(cols);
  run(threads, nb::none(), [&](const Context& context) {
    op.apply(span_of(y), out, deviation, context);
    return true;
  });
  return nb::make_tuple(array_of(std::move(out), {cols}), array_of(std::move(deviation), {cols}));
}

template <Real T>
void bind_arrays(nb::module_& m, nb::class_<LatticeEncoder>& encoder) {
  using namespace nb::literals;
  encoder.def("append", &append<T>, "columns"_a.noconvert(), "threads"_a);
  encoder.def("append_vectors", &append_vectors<T>, "vectors"_a.noconvert(), "threads"_a);
  m.def("codes_times_matrix", &codes_times_matrix<T>, "codes"_a, "b"_a.noconvert(), "confidence"_a,
        "standard_deviations"_a, "threads"_a);
  m.def("better_unrotated", &better_unrotated<T>, "columns"_a.noconvert());
}

}  // namespace

void bind_lattice(nb::module_& m) {
  using namespace nb::literals;
  auto encoder = nb::class_<LatticeEncoder>(m, "LatticeEncoder");
  encoder.def(nb::new_(&encoder_of), "spec"_a, "rows"_a)
      .def_prop_ro("cols", &LatticeEncoder::cols)
      .def("snapshot", [](const LatticeEncoder& self) { return self.snapshot(); });
  bind_arrays<float>(m, encoder);
  bind_arrays<double>(m, encoder);

  m.def("decode", [](const LatticeCodes& codes, Index first, std::optional<Index> count,
                     int threads) {
    return array_of(run(threads, nb::none(), [&](const Context& context) {
      return lattice::decode(codes, first, count.value_or(codes.cols() - first), context);
    }));
  }, "codes"_a, "first"_a, "count"_a.none(), "threads"_a);
  m.def("codes_times_codes", [](const LatticeCodes& a, const LatticeCodes& b, double confidence,
                                bool standard_deviations, int threads) {
    return run(threads, nb::none(), [&](const Context& context) {
      return lattice::estimate_product(
          a, b, {.confidence = confidence, .standard_deviations = standard_deviations}, context);
    });
  }, "a"_a, "b"_a, "confidence"_a, "standard_deviations"_a, "threads"_a);

  nb::class_<CodesOperator>(m, "CodesOperator")
      .def(nb::init<const LatticeCodes&>(), "codes"_a, nb::keep_alive<1, 2>())
      .def_prop_ro("rows", &CodesOperator::rows)
      .def_prop_ro("cols", &CodesOperator::cols)
      .def("apply", &apply, "y"_a.noconvert(), "threads"_a);
}

}  // namespace prodigest::python
