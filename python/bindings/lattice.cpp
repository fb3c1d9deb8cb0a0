// What is done with lattice codes beside products of two: the class, its encoder and those products
// are bound with the other digests.

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <algorithm>

#include "arrays.hpp"
#include "prodigest/lattice/encoder.hpp"
#include "prodigest/lattice/product.hpp"
#include "rows.hpp"
#include "run.hpp"
#include "tasks.hpp"

namespace prodigest::python {
namespace {

using lattice::CodesOperator;
using lattice::LatticeCodes;

auto decode(const LatticeCodes& codes, Index first, std::optional<Index> count, int threads) {
  return array_of(run(threads, nb::none(), [&](const Context& context) {
    return lattice::decode(codes, first, count.value_or(codes.cols() - first), context);
  }));
}

ProductEstimate gram(const LatticeCodes& codes, double confidence, bool standard_deviations,
                     int threads) {
  const ProductOptions options{confidence, standard_deviations};
  return run(threads, nb::none(),
             [&](const Context& context) { return lattice::gram(codes, options, context); });
}

// The beginning tells enough.
bool rotation_does_harm(const Rows& rows, const std::string& spec) {
  if (lattice::parse_lattice_spec(spec).rotation == lattice::Rotation::kNone) return false;
  constexpr Index kEntries = 1 << 20;
  const RowsView view = view_of(rows);
  const Index looked_at = std::max<Index>(1, kEntries / std::max<Index>(1, cols_of(view)));
  return lattice::better_unrotated(slice(view, 0, std::min(rows_of(view), looked_at)));
}

nb::tuple apply(CodesOperator& op, const Array1<const float>& y, int threads) {
  const auto cols = static_cast<std::size_t>(op.cols());
  std::vector<float> out(cols), deviation(cols);
  run(threads, nb::none(), [&](const Context& context) {
    op.apply(span_of(y), out, deviation, context);
  });
  return nb::make_tuple(array_of(std::move(out), {cols}), array_of(std::move(deviation), {cols}));
}

}  // namespace

void bind_lattice(nb::module_& m) {
  using namespace nb::literals;
  m.def("decode", &decode, "codes"_a, "first"_a, "count"_a.none(), "threads"_a);
  m.def("gram", &gram, "codes"_a, "confidence"_a, "standard_deviations"_a, "threads"_a);
  m.def("rotation_does_harm", &rotation_does_harm, "rows"_a.noconvert(), "spec"_a);
  nb::class_<CodesOperator>(m, "CodesOperator")
      .def(nb::init<const LatticeCodes&>(), "codes"_a, nb::keep_alive<1, 2>())
      .def_prop_ro("rows", &CodesOperator::rows)
      .def_prop_ro("cols", &CodesOperator::cols)
      .def("apply", &apply, "y"_a.noconvert(), "threads"_a);
}

}  // namespace prodigest::python
