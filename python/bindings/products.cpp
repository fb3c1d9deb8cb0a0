// AᵀB from digests, or from a digest and a matrix at hand.

#include <nanobind/stl/optional.h>
#include <fmt/format.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <utility>

#include "core/digest_checks.hpp"
#include "digests.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/digest/digest.hpp"
#include "prodigest/lattice/product.hpp"
#include "prodigest/linear/product.hpp"
#include "prodigest/sampling/product.hpp"
#include "rows.hpp"
#include "run.hpp"

namespace prodigest::python {
namespace {

using namespace nb::literals;
using lattice::LatticeCodes;
using sampling::RowSample;

// Codes with themselves know the diagonal.
ProductEstimate product(const LatticeCodes& a, const LatticeCodes& b, const ProductOptions& options,
                        const Context& context) {
  return lattice::same_codes(a, b) ? lattice::gram(a, options, context)
                                   : lattice::estimate_product(a, b, options, context);
}
ProductEstimate product(const auto& a, const auto& b, const ProductOptions& options,
                        const Context& context) {
  using digest::estimate_product;  // for digests of different kinds
  return estimate_product(a, b, options, context);
}

template <class Digest>
ProductEstimate of_digests(const Digest& a, const Digest& b, double confidence,
                           bool standard_deviations, int threads) {
  const ProductOptions options{confidence, standard_deviations};
  return run(threads, nb::none(),
             [&](const Context& context) { return product(a, b, options, context); });
}

// A few thousand rows at a time, so that Ctrl-C is noticed.
ProductEstimate beside(const RowSample& a, const RowsView& b, std::span<const RowId> row_ids,
                       const Schema& schema, const ProductOptions& options, const Context& context) {
  constexpr Index kBlock = 1 << 14;
  const Index rows = rows_of(b);
  if (!row_ids.empty() && std::ssize(row_ids) != rows)
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("product: expected a row id for each of {} rows or none, got {}", rows,
                            row_ids.size()));
  sampling::ExactSide side(a, cols_of(b), schema);
  for (Index first = 0; first < rows; first += kBlock) {
    if (context.cancel.stop_requested()) throw Error(ErrorCode::kCancelled, "product: stopped");
    const RowsView block = slice(b, first, std::min(kBlock, rows - first));
    if (row_ids.empty())
      side.update(block, static_cast<RowId>(first));
    else
      side.update(block, row_ids.subspan(static_cast<std::size_t>(first),
                                         static_cast<std::size_t>(rows_of(block))));
  }
  return std::move(side).estimate_product(options, context);
}

// Rows must be in the order of their ids, as the codes have them.
ProductEstimate beside(const LatticeCodes& a, const RowsView& b, std::span<const RowId> row_ids,
                       const Schema& schema, const ProductOptions& options, const Context& context) {
  check_keys_meet("product", a.schema(), schema);
  const std::uint64_t row_set =
      row_ids.empty() ? lattice::row_set_of(rows_of(b)) : lattice::row_set_of(row_ids);
  if (row_set != a.parts().row_set && rows_of(b) == a.rows())
    throw Error(ErrorCode::kIncompatible,
                "product: the rows of the matrix are not those that were coded, their row ids "
                "differ (keep the rows that both have, then code them again; row samples match "
                "rows by themselves)");
  return lattice::estimate_product(a, b, options, context);
}

template <class Digest>
ProductEstimate of_matrix(const Digest& a, const Rows& b, const RowIds& row_ids,
                          const Schema& schema, double confidence, bool standard_deviations,
                          int threads) {
  const RowsView view = view_of(b);
  const ProductOptions options{confidence, standard_deviations};
  return run(threads, nb::none(), [&](const Context& context) {
    return beside(a, view, span_of(row_ids), schema, options, context);
  });
}

Matrix<double> transposed(const Matrix<double>& matrix) {
  Matrix<double> result(matrix.cols, matrix.rows);
  for (Index i = 0; i < matrix.rows; ++i)
    for (Index j = 0; j < matrix.cols; ++j) result(j, i) = matrix(i, j);
  return result;
}

// AᵀB of BᵀA.
ProductEstimate turned(ProductEstimate estimate) {
  estimate.value = transposed(estimate.value);
  estimate.standard_deviation = transposed(estimate.standard_deviation);
  return estimate;
}

auto matrix_in(nb::handle self, const Matrix<double>& matrix) {
  return borrowed_array(matrix.storage.data(),
                        {static_cast<std::size_t>(matrix.rows), static_cast<std::size_t>(matrix.cols)},
                        self);
}

template <class Digest>
void bind_product(nb::module_& m) {
  m.def("estimate_product", &of_digests<Digest>, "a"_a, "b"_a, "confidence"_a,
        "standard_deviations"_a, "threads"_a);
}

template <class Digest>
void bind_product_beside(nb::module_& m) {
  m.def("estimate_product_beside", &of_matrix<Digest>, "a"_a, "b"_a.noconvert(),
        "row_ids"_a.noconvert(), "schema"_a, "confidence"_a, "standard_deviations"_a, "threads"_a);
}

void bind_estimate(nb::module_& m) {
  nb::class_<FrobeniusError>(m, "FrobeniusError",
                             "Error of an estimated product in the Frobenius norm; inf is \"no "
                             "statement\".")
      .def_ro("estimated", &FrobeniusError::estimated,
              "Root of an unbiased estimate of the mean squared error. Of samples never to be "
              "quoted alone: it is zero when the rows that matter were not sampled.")
      .def_ro("blind", &FrobeniusError::blind,
              "What rows seen by one side only may have added, at most; 0 for linear sketches.")
      .def_ro("bound", &FrobeniusError::bound,
              "sqrt(estimated**2 / (1 - confidence) + blind**2).")
      .def_ro("apriori", &FrobeniusError::apriori,
              "The guarantee from the sizes and norms alone.")
      .def_ro("confidence", &FrobeniusError::confidence,
              "Probability with which bound and apriori hold.")
      .def("__repr__", [](const FrobeniusError& e) {
        return fmt::format("FrobeniusError(estimated={:.4g}, blind={:.4g}, bound={:.4g}, "
                           "apriori={:.4g}, confidence={})",
                           e.estimated, e.blind, e.bound, e.apriori, e.confidence);
      });
  nb::class_<ProductEstimate>(m, "ProductEstimate",
                              "An estimate of the product of A transposed and B, and what is known "
                              "of its error. Arrays are read-only views that keep it alive.")
      .def_prop_ro("value", [](nb::handle self) {
             return matrix_in(self, nb::cast<const ProductEstimate&>(self).value);
           }, "float64 [d, m], not copied.")
      .def_prop_ro("standard_deviation", [](nb::handle self) -> nb::object {
             const Matrix<double>& matrix = nb::cast<const ProductEstimate&>(self).standard_deviation;
             return matrix.storage.empty() ? nb::none() : nb::cast(matrix_in(self, matrix));
           }, "Of each entry, float64 [d, m], not copied; None if it was not asked for.")
      .def_ro("matched_rows", &ProductEstimate::matched_rows,
              "Rows that both samples hold; 0 for linear sketches and codes.")
      .def_ro("effective_rows", &ProductEstimate::effective_rows,
              "How many equal rows the estimate is worth.")
      .def_ro("frobenius_error", &ProductEstimate::frobenius_error)
      .def("transposed", [](const ProductEstimate& estimate) { return turned(estimate); },
           "The estimate of the product of B transposed and A.")
      .def("__repr__", [](const ProductEstimate& e) {
        return fmt::format("<ProductEstimate {} x {}, {} matched rows, error {:.4g}, at most {:.4g} "
                           "with {:.4g} confidence>",
                           e.value.rows, e.value.cols, e.matched_rows, e.frobenius_error.estimated,
                           e.frobenius_error.bound, e.frobenius_error.confidence);
      });
}

}  // namespace

void bind_products(nb::module_& m) {
  bind_estimate(m);
  bind_product<RowSample>(m);
  bind_product<linear::LinearSketch>(m);
  bind_product<LatticeCodes>(m);
  bind_product<digest::Digest>(m);  // of different kinds: the library says why not
  bind_product_beside<RowSample>(m);
  bind_product_beside<LatticeCodes>(m);
}

}  // namespace prodigest::python
