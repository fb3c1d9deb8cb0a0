// Products and their errors.

#include "prodigest/core/estimate.hpp"

#include "arrays.hpp"
#include "tasks.hpp"

namespace prodigest::python {
namespace {

nb::object entries(const Matrix<double>& matrix, nb::handle owner) {
  if (matrix.storage.empty()) return nb::none();
  const auto rows = static_cast<std::size_t>(matrix.rows);
  const auto cols = static_cast<std::size_t>(matrix.cols);
  return nb::cast(borrowed_array(matrix.storage.data(), {rows, cols}, owner));
}

}  // namespace

void bind_estimate(nb::module_& m) {
  nb::class_<FrobeniusError>(m, "FrobeniusError")
      .def_ro("estimated", &FrobeniusError::estimated)
      .def_ro("blind", &FrobeniusError::blind)
      .def_ro("bound", &FrobeniusError::bound)
      .def_ro("apriori", &FrobeniusError::apriori)
      .def_ro("confidence", &FrobeniusError::confidence);
  nb::class_<ProductEstimate>(m, "ProductEstimate")
      .def_prop_ro("value", [](nb::handle self) {
        return entries(nb::cast<const ProductEstimate&>(self).value, self);
      })
      .def_prop_ro("standard_deviation", [](nb::handle self) {
        return entries(nb::cast<const ProductEstimate&>(self).standard_deviation, self);
      })
      .def_ro("matched_rows", &ProductEstimate::matched_rows)
      .def_ro("effective_rows", &ProductEstimate::effective_rows)
      .def_ro("frobenius_error", &ProductEstimate::frobenius_error,
              nb::rv_policy::reference_internal);
}

}  // namespace prodigest::python
