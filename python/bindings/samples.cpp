// Samples of rows.

#include "digest_class.hpp"
#include "digests.hpp"
#include "prodigest/sampling/merge.hpp"
#include "prodigest/sampling/row_sample.hpp"
#include "prodigest/sampling/sample_file.hpp"

namespace prodigest::python {
namespace {

using sampling::RowSample;

nb::object dense_values(const MatrixView<const auto>& rows, nb::handle self) {
  return nb::cast(borrowed_array(
      rows.data, {static_cast<std::size_t>(rows.rows), static_cast<std::size_t>(rows.cols)}, self));
}

// scipy takes the arrays as they are, but for the small one of row pointers.
template <Real T>
nb::object sparse_values(const CsrView<T>& rows, nb::handle self) {
  const auto count = static_cast<std::size_t>(rows.rows);
  const auto entries = static_cast<std::size_t>(rows.row_start[rows.rows]);
  const nb::tuple arrays = nb::make_tuple(borrowed_array(rows.values, {entries}, self),
                                          borrowed_array(rows.columns, {entries}, self),
                                          borrowed_array(rows.row_start, {count + 1}, self));
  return nb::module_::import_("prodigest._arrays")
      .attr("csr_of")(arrays, nb::make_tuple(rows.rows, rows.cols));
}

nb::object values(nb::handle self) {
  return std::visit(
      [&](const auto& rows) {
        if constexpr (requires { rows.columns; })
          return sparse_values(rows, self);
        else
          return dense_values(rows, self);
      },
      nb::cast<const RowSample&>(self).values());
}

auto inclusion(const RowSample& sample) {
  std::vector<double> p(static_cast<std::size_t>(sample.size()));
  for (Index i = 0; i < sample.size(); ++i) p[static_cast<std::size_t>(i)] = sample.inclusion(i);
  const std::size_t size = p.size();
  return array_of(std::move(p), {size});
}

auto squared_norms(const RowSample& sample) {
  std::vector<double> norms = sample.squared_norms();
  const std::size_t size = norms.size();
  return array_of(std::move(norms), {size});
}

bool sparse(const RowSample& sample) { return sample.values().index() >= 2; }

Index entries(const RowSample& sample) {
  return std::visit(
      [](const auto& rows) {
        if constexpr (requires { rows.columns; })
          return rows.row_start[rows.rows];
        else
          return rows.rows * rows.cols;
      },
      sample.values());
}

std::optional<std::vector<double>> column_sums(const RowSample& sample) {
  if (sample.spec().totals != sampling::Totals::kFull) return std::nullopt;
  std::vector<double> sums;
  for (const ExactSum& sum : sample.totals().column_sums) sums.push_back(sum.rounded());
  return sums;
}

std::optional<Index> nonzero_rows(const RowSample& sample) {
  if (sample.spec().totals == sampling::Totals::kNone) return std::nullopt;
  return sample.totals().nonzero_rows;
}

}  // namespace

void bind_samples(nb::module_& m) {
  bind_digest<RowSample>(m, "RowSample",
                         "A coordinated sample of the rows of an n x d matrix.\n\n"
                         "Immutable; arrays are read-only views that keep it alive.")
      .def_prop_ro("size", &RowSample::size, "k, rows kept.")
      .def_prop_ro(
          "row_ids",
          [](nb::handle self) {
            return array_in(self, nb::cast<const RowSample&>(self).row_ids());
          },
          "Names of the kept rows, ascending: uint64 [k], not copied.")
      .def_prop_ro(
          "weights",
          [](nb::handle self) {
            return array_in(self, nb::cast<const RowSample&>(self).weights());
          },
          "Weights of the kept rows: float64 [k], not copied.")
      .def_prop_ro("values", &values,
                   "The kept rows, k x d: a numpy array, not copied, or where that takes fewer "
                   "bytes a scipy.sparse.csr_array over numbers that are not copied. Coded values "
                   "are as decoded.")
      .def_prop_ro("sparse", &sparse, "Whether the values are sparse.")
      .def_prop_ro("entries", &entries, "Numbers that are stored.")
      .def_prop_ro("inclusion", &inclusion, nb::rv_policy::move,
                   "Probability with which each kept row is kept, given the others: float64 [k].")
      .def_prop_ro("squared_norms", &squared_norms, nb::rv_policy::move,
                   "Of the kept rows, before any coding: float64 [k].")
      .def_prop_ro("tau", &RowSample::tau,
                   "Rows are kept with probability min(1, weight * tau); inf if all are here.")
      .def_prop_ro("complete", &RowSample::complete,
                   "Whether every row of positive weight is here.")
      .def_prop_ro("single_precision", &RowSample::single_precision,
                   "Whether rows are float32, else float64.")
      .def_prop_ro("nonzero_rows", &nonzero_rows,
                   "Rows seen that are not zero; None with totals=none.")
      .def_prop_ro("column_sums", &column_sums, "Sums of all rows, with totals=full; else None.");
  m.def(
      "truncate", [](const RowSample& sample, Index size) { return truncate(sample, size); },
      nb::arg("sample"), nb::arg("size"), nb::call_guard<nb::gil_scoped_release>());
}

}  // namespace prodigest::python
