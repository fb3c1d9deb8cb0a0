// Gaussian kernel matrices. Reports are dictionaries, which prodigest/kernel.py makes classes of.

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <span>

#include "arrays.hpp"
#include "bindings.hpp"
#include "files.hpp"
#include "prodigest/kernel/diagnose.hpp"
#include "prodigest/kernel/eigenvalues.hpp"
#include "prodigest/kernel/exact_product.hpp"
#include "prodigest/kernel/hashed_product.hpp"
#include "prodigest/kernel/ridge.hpp"
#include "prodigest/kernel/softmax_attention.hpp"
#include "run.hpp"

namespace prodigest::python {
namespace {

using kernel::GaussianOperator;
using Points = Array2<const float>;
using Columns = Array2<const double>;
using Doubles = nb::ndarray<nb::numpy, double>;
using Report = nb::typed<nb::dict, nb::str, nb::any>;
using Product = nb::typed<nb::tuple, Doubles, Report>;

Doubles vector_of(std::vector<double> numbers) {
  const std::size_t size = numbers.size();
  return array_of(std::move(numbers), {size});
}

Report report_of(const kernel::ProductReport& from) {
  nb::dict to;
  to["error"] = from.error;
  to["error_bound"] = from.error_bound;
  to["pairs"] = from.pairs;
  to["pilot_seconds"] = from.pilot_seconds;
  to["apply_seconds"] = from.apply_seconds;
  to["verify_seconds"] = from.verify_seconds;
  to["attempts"] = from.attempts;
  to["exact"] = from.exact;
  to["reason"] = from.reason;
  return Report(to);
}

Report report_of(const kernel::PlanReport& from) {
  nb::dict to;
  to["key_cells"] = from.key_cells;
  to["query_cells"] = from.query_cells;
  to["near_pairs"] = from.near_pairs;
  to["near_recall"] = from.near_recall;
  to["seconds"] = from.seconds;
  to["near_seconds"] = from.near_seconds;
  to["bytes"] = from.bytes;
  return Report(to);
}

Report report_of(const kernel::HashedReport& from) {
  nb::dict to;
  to["tables"] = from.tables;
  to["repetitions"] = from.repetitions;
  to["large_keys"] = from.large_keys;
  to["density_structures"] = from.density_structures;
  to["candidates"] = from.candidates;
  to["heavy_keys"] = from.heavy_keys;
  to["density_pairs"] = from.density_pairs;
  to["samples"] = from.samples;
  to["exact_rows"] = from.exact_rows;
  to["hash_seconds"] = from.hash_seconds;
  to["sum_seconds"] = from.sum_seconds;
  return Report(to);
}

Report report_of(const kernel::PrefixDiagnosis& from) {
  nb::dict to;
  to["size"] = from.size;
  to["tail_over_head"] = from.tail_over_head;
  to["nth_over_2nth"] = from.nth_over_2nth;
  to["nth_over_next"] = from.nth_over_next;
  to["mean_row_sum"] = from.mean_row_sum;
  to["log10_mean_row_sum"] = from.log10_mean_row_sum;
  return Report(to);
}

Report report_of(const kernel::Diagnosis& from) {
  nb::dict to;
  nb::list prefixes;
  for (const kernel::PrefixDiagnosis& prefix : from.prefixes) prefixes.append(report_of(prefix));
  to["prefixes"] = prefixes;
  to["largest_tail_over_head"] = from.largest_tail_over_head;
  to["median_nth_over_2nth"] = from.median_nth_over_2nth;
  to["median_nth_over_next"] = from.median_nth_over_next;
  to["norm"] = from.norm;
  to["normalized_tail_over_head"] = from.normalized_tail_over_head;
  to["effective_keys"] = from.effective_keys;
  to["least_largest_log2"] = from.least_largest_log2;
  to["underflow"] = from.underflow;
  to["verdict"] = from.verdict;
  return Report(to);
}

// The same view twice where there are no keys: queries are keys.
MatrixView<const float> keys_of(const Points& queries, const std::optional<Points>& keys) {
  return view_of(keys ? *keys : queries);
}

GaussianOperator make_operator(const Points& queries, const std::optional<Points>& keys,
                               const std::string& spec, int threads) {
  return run(threads, nb::none(), [&](const Context& context) {
    return GaussianOperator(view_of(queries), keys_of(queries, keys),
                            kernel::parse_gaussian_spec(spec), context);
  });
}

Product apply(const GaussianOperator& made, const Columns& x, std::uint64_t call, int threads) {
  const auto columns = view_of(x);
  Matrix<double> y(made.rows(), columns.cols);
  const auto report = run(threads, nb::none(), [&](const Context& context) {
    return made.apply(columns, y.view(), call, context);
  });
  return nb::make_tuple(array_of(std::move(y)), report_of(report));
}

Doubles apply_exactly(const GaussianOperator& made, const Columns& x, int threads) {
  const auto columns = view_of(x);
  Matrix<double> y(made.rows(), columns.cols);
  run(threads, nb::none(),
      [&](const Context& context) { made.apply_exactly(columns, y.view(), context); });
  return array_of(std::move(y));
}

kernel::LinearMap map_of(const GaussianOperator& made, bool exact, const Context& context) {
  return exact ? kernel::exact_map(made, context) : kernel::approximate_map(made, context);
}

Report eigenvalues(const GaussianOperator& made, Index count, Index iterations, double tolerance,
                   Index oversampling, std::uint64_t seed, bool exact, int threads) {
  kernel::Eigenpairs found = run(threads, nb::none(), [&](const Context& context) {
    return kernel::largest_eigenvalues(map_of(made, exact, context),
                                       {.count = count,
                                        .iterations = iterations,
                                        .tolerance = tolerance,
                                        .oversampling = oversampling,
                                        .seed = {seed}},
                                       context);
  });
  nb::dict to;
  to["values"] = vector_of(std::move(found.values));
  to["vectors"] = array_of(std::move(found.vectors));
  to["residuals"] = vector_of(std::move(found.residuals));
  to["iterations"] = found.iterations;
  return Report(to);
}

Report trace(const GaussianOperator& made, int power, Index products, std::uint64_t seed,
             bool exact, int threads) {
  const auto estimate = run(threads, nb::none(), [&](const Context& context) {
    return kernel::trace(map_of(made, exact, context), power, products, {seed}, context);
  });
  nb::dict to;
  to["value"] = estimate.value;
  to["standard_error"] = estimate.standard_error;
  return Report(to);
}

Report solve_ridge(const GaussianOperator& made, const Columns& b, double ridge, double tolerance,
                   Index iterations, Index refinements, bool exact, int threads) {
  kernel::RidgeSolution found = run(threads, nb::none(), [&](const Context& context) {
    return kernel::solve_ridge(map_of(made, exact, context), kernel::exact_map(made, context),
                               view_of(b),
                               {.ridge = ridge,
                                .tolerance = tolerance,
                                .iterations = iterations,
                                .refinements = refinements},
                               context);
  });
  nb::dict to;
  to["weights"] = array_of(std::move(found.weights));
  to["residual"] = found.residual;
  to["exact_products"] = found.exact_products;
  to["approximate_products"] = found.approximate_products;
  to["converged"] = found.converged;
  return Report(to);
}

Doubles exact_product(const Points& queries, const std::optional<Points>& keys, double bandwidth,
                      const Columns& x, int threads) {
  const auto columns = view_of(x);
  Matrix<double> y(view_of(queries).rows, columns.cols);
  run(threads, nb::none(), [&](const Context& context) {
    kernel::exact_product(view_of(queries), keys_of(queries, keys), bandwidth, columns, y.view(),
                          context);
  });
  return array_of(std::move(y));
}

Product hashed_product(const Points& queries, const std::optional<Points>& keys, const Columns& x,
                       double bandwidth, double epsilon, double heavy, double large, Index tables,
                       Index projections, double width, Index density_keys, double samples,
                       Index repetitions, std::uint64_t seed, int threads) {
  const kernel::HashedSpec spec{.bandwidth = bandwidth,
                                .epsilon = epsilon,
                                .heavy = heavy,
                                .large = large,
                                .tables = tables,
                                .projections = projections,
                                .width = width,
                                .density_keys = density_keys,
                                .samples = samples,
                                .repetitions = repetitions,
                                .seed = {seed}};
  Matrix<double> y(view_of(queries).rows, 1);
  const auto report = run(threads, nb::none(), [&](const Context& context) {
    return kernel::hashed_product(view_of(queries), keys_of(queries, keys), spec, view_of(x),
                                  y.view(), context);
  });
  return nb::make_tuple(array_of(std::move(y)), report_of(report));
}

nb::typed<nb::tuple, nb::ndarray<nb::numpy, float>, Report, double, double> softmax_attention(
    const Points& queries, const Points& keys, const Points& values, double epsilon, double failure,
    std::uint64_t seed, double scale, int threads) {
  Matrix<float> out(view_of(queries).rows, view_of(values).cols);
  const auto report = run(threads, nb::none(), [&](const Context& context) {
    return kernel::softmax_attention(view_of(queries), view_of(keys), view_of(values),
                                     {.epsilon = epsilon, .failure = failure, .seed = {seed}},
                                     out.view(), scale, context);
  });
  return nb::make_tuple(array_of(std::move(out)), report_of(report.product), report.least_row_log2,
                        report.most_row_log2);
}

Report diagnose(const Points& queries, const std::optional<Points>& keys, double bandwidth,
                bool attention, double scale, Index first, Index step, int threads) {
  return report_of(run(threads, nb::none(), [&](const Context& context) {
    return kernel::diagnose(view_of(queries), keys_of(queries, keys),
                            {.bandwidth = bandwidth,
                             .attention = attention,
                             .scale = scale,
                             .first = first,
                             .step = step},
                            context);
  }));
}

}  // namespace

void bind_kernel(nb::module_& m) {
  using namespace nb::literals;
  nb::class_<GaussianOperator>(m, "GaussianOperator")
      .def_static("make", &make_operator, "queries"_a, "keys"_a.none(), "spec"_a, "threads"_a)
      .def("to_bytes",
           [](const GaussianOperator& made) { return bytes_of(kernel::to_bytes(made)); })
      .def("apply", &apply, "x"_a, "call"_a, "threads"_a)
      .def("apply_exactly", &apply_exactly, "x"_a, "threads"_a)
      .def_prop_ro("rows", &GaussianOperator::rows)
      .def_prop_ro("cols", &GaussianOperator::cols)
      .def_prop_ro("dim", &GaussianOperator::dim)
      .def_prop_ro("symmetric", &GaussianOperator::symmetric)
      .def_prop_ro("spec",
                   [](const GaussianOperator& made) { return kernel::to_text(made.spec()); })
      .def_prop_ro("bandwidth", [](const GaussianOperator& made) { return made.spec().bandwidth; })
      .def_prop_ro("epsilon", [](const GaussianOperator& made) { return made.spec().epsilon; })
      .def_prop_ro("plan", [](const GaussianOperator& made) { return report_of(made.plan()); });

  m.def("kernel_eigenvalues", &eigenvalues, "operator"_a, "count"_a, "iterations"_a, "tolerance"_a,
        "oversampling"_a, "seed"_a, "exact"_a, "threads"_a);
  m.def("kernel_trace", &trace, "operator"_a, "power"_a, "products"_a, "seed"_a, "exact"_a,
        "threads"_a);
  m.def("kernel_ridge", &solve_ridge, "operator"_a, "b"_a, "ridge"_a, "tolerance"_a, "iterations"_a,
        "refinements"_a, "exact"_a, "threads"_a);
  m.def("gaussian_product", &exact_product, "queries"_a, "keys"_a.none(), "bandwidth"_a, "x"_a,
        "threads"_a);
  m.def("hashed_product", &hashed_product, "queries"_a, "keys"_a.none(), "x"_a, "bandwidth"_a,
        "epsilon"_a, "heavy"_a, "large"_a, "tables"_a, "projections"_a, "width"_a, "density_keys"_a,
        "samples"_a, "repetitions"_a, "seed"_a, "threads"_a);
  m.def("kernel_attention", &softmax_attention, "queries"_a, "keys"_a, "values"_a, "epsilon"_a,
        "failure"_a, "seed"_a, "scale"_a, "threads"_a);
  m.def("kernel_diagnose", &diagnose, "queries"_a, "keys"_a.none(), "bandwidth"_a, "attention"_a,
        "scale"_a, "first"_a, "step"_a, "threads"_a);
}

}  // namespace prodigest::python
