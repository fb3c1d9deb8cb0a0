// Which method suits two matrices. Results go to Python as dicts, of which prodigest/_compare.py
// makes its classes.

#include "prodigest/compare/compare.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cmath>

#include "run.hpp"
#include "tasks.hpp"

namespace prodigest::python {
namespace {

using compare::Measurement;
using compare::Method;
using compare::PairStatistics;
using compare::Recommendation;
using compare::SideStatistics;
using sampling::RowSample;

std::vector<Method> methods_of(const std::vector<std::string>& names) {
  std::vector<Method> methods;
  for (const std::string& name : names) methods.push_back(compare::parse_method(name));
  return methods;
}

std::vector<std::string> names_of(const std::vector<Method>& methods) {
  std::vector<std::string> names;
  for (const Method& method : methods) names.push_back(method.name);
  return names;
}

nb::dict dict_of(const PairStatistics& pair, const Recommendation& r) {
  nb::list forecasts;
  for (const compare::Forecast& forecast : r.methods) {
    nb::dict each;
    each["method"] = forecast.method.name;
    each["size"] = forecast.size;
    each["error"] = forecast.prediction.error;
    each["bytes"] = forecast.prediction.bytes;
    each["obstacle"] = compare::obstacle(pair, forecast.method.spec);
    forecasts.append(each);
  }
  nb::dict result;
  result["budget"] = to_text(r.budget);
  result["bytes"] = r.bytes;
  result["method"] = r.chosen ? nb::cast(r.methods[*r.chosen].method.name) : nb::none();
  result["spec"] =
      r.chosen ? nb::cast(digest::to_text(r.methods[*r.chosen].method.spec)) : nb::none();
  result["reason"] = r.reason;
  result["code_limit"] = r.bytes > 0 ? compare::code_limit(pair, r.bytes) : NAN;
  result["forecasts"] = forecasts;
  return result;
}

nb::dict dict_of(const Measurement& m) {
  nb::dict row;
  row["method"] = m.method.name;
  row["size"] = m.size;
  const auto put = [&](const char* name, double value) { row[name] = m.size > 0 ? value : NAN; };
  put("bytes", m.bytes);
  put("error", m.error.rms);
  put("error_deviation", m.error.rms_error);
  put("low", m.error.low);
  put("median", m.error.median);
  put("high", m.error.high);
  put("predicted", m.predicted);
  put("estimated", m.estimated);
  put("bound", m.bound);
  put("apriori", m.apriori);
  row["bound_held"] = m.bound_held;
  put("digest_seconds", m.digest_seconds);
  put("product_seconds", m.product_seconds);
  return row;
}

nb::dict dict_of(compare::Comparison comparison) {
  nb::list recommendations, table;
  for (const compare::BudgetResult& result : comparison.budgets) {
    const Recommendation& r = result.recommendation;
    recommendations.append(dict_of(comparison.statistics, r));
    for (std::size_t i = 0; i < result.measured.size(); ++i) {
      nb::dict row;
      row["budget"] = to_text(r.budget);
      row.update(dict_of(result.measured[i]));
      row["recommended"] = r.chosen == i;
      row["best"] = result.best == i;
      table.append(row);
    }
  }
  nb::dict fields;
  fields["exact_bytes"] = comparison.exact_bytes;
  fields["zero_error"] = comparison.zero_error;
  fields["seeds"] = comparison.seeds;
  fields["recommendations"] = recommendations;
  fields["table"] = table;
  fields["statistics"] = std::move(comparison.statistics);
  return fields;
}

nb::dict compare_all(const RowSample& a, const RowSample& b, const std::vector<std::string>& sizes,
                     const std::vector<std::string>& methods, int seeds, double confidence,
                     int threads) {
  compare::CompareOptions options{
      .methods = methods_of(methods), .seeds = seeds, .confidence = confidence};
  for (const std::string& size : sizes) options.budgets.push_back(compare::parse_budget(size));
  return dict_of(run(threads, nb::none(), [&](const Context& context) {
    return compare::compare(compare::KnownProduct(a, b, context), options, context);
  }));
}

void bind_statistics(nb::module_& m) {
  using Side = SideStatistics;
  nb::class_<Side>(m, "SideStatistics", "One matrix of a pair; counts of a sample are estimates.")
      .def_ro("cols", &Side::cols, "d")
      .def_ro("rows", &Side::rows, "n, zero rows included")
      .def_ro("nonzero_rows", &Side::nonzero_rows)
      .def_ro("nonzeros", &Side::nonzeros, "Entries that are not zero.")
      .def_ro("norm", &Side::norm, "Frobenius norm.")
      .def_ro("common_share", &Side::common_share,
              "Share of the squares in rows whose key the other side has too.")
      .def_ro("effective_rows", &Side::effective_rows,
              "As many equal rows have their squares as evenly spread.")
      .def_ro("heaviest_share", &Side::heaviest_share,
              "Share of the squares in the heaviest thousandth of the rows.");
  using Pair = PairStatistics;
  nb::class_<Pair>(m, "PairStatistics", "What the choice of a method for two matrices depends on.")
      .def_ro("a", &Pair::a, nb::rv_policy::reference_internal)
      .def_ro("b", &Pair::b, nb::rv_policy::reference_internal)
      .def_ro("common_rows", &Pair::common_rows, "Rows whose key both have.")
      .def_ro("meeting", &Pair::meeting,
              "Sum of ||A_i||² ||B_i||² over the common rows, as a share of ||A||² ||B||².")
      .def_ro("squared_product", &Pair::squared_product,
              "||AᵀB||² as a share of ||A||² ||B||².")
      .def_ro("same_rows", &Pair::same_rows, "Whether both have the very same rows.")
      .def_ro("matched_rows", &Pair::matched_rows,
              "Rows that both samples hold, where this is an estimate from two; else None.")
      .def_prop_ro("exact_bytes", &compare::exact_bytes,
                   "Bytes of both matrices stored as digests of all their rows.");
}

}  // namespace

void bind_compare(nb::module_& m) {
  using namespace nb::literals;
  bind_statistics(m);
  m.def("statistics_of", [](const RowSample& a, const RowSample& b, int threads) {
    return run(threads, nb::none(), [&](const Context& context) {
      return compare::statistics_of(a, b, context);
    });
  }, "a"_a, "b"_a, "threads"_a);
  m.def("predict", [](const PairStatistics& pair, const std::string& spec) {
    const compare::Prediction prediction = compare::predict(pair, digest::parse_digest_spec(spec));
    return nb::make_tuple(prediction.error, prediction.bytes);
  }, "pair"_a, "spec"_a);
  m.def("default_methods", [](const PairStatistics& pair) {
    return names_of(compare::default_methods(pair));
  }, "pair"_a);
  m.def("all_methods", [](const PairStatistics& pair) {
    return names_of(compare::all_methods(pair));
  }, "pair"_a);
  m.def("recommend", [](const PairStatistics& pair, const std::string& size,
                        const std::vector<std::string>& methods) {
    const std::vector<Method> considered = methods_of(methods);
    return dict_of(pair, compare::recommend(pair, compare::parse_budget(size), considered));
  }, "pair"_a, "size"_a, "methods"_a);
  m.def("compare", &compare_all, "a"_a, "b"_a, "sizes"_a, "methods"_a, "seeds"_a, "confidence"_a,
        "threads"_a);
}

}  // namespace prodigest::python
