// Regression: what is found goes to Python as a dict of the members of Regression, of which
// prodigest/_regression.py makes its class.

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/variant.h>

#include <array>

#include "prodigest/base/error.hpp"
#include "prodigest/regression/regress.hpp"
#include "run.hpp"
#include "tasks.hpp"

namespace prodigest::python {
namespace {

using regression::Coefficient;
using regression::Estimator;
using regression::Regression;

constexpr std::array kEstimators = {Estimator::kAuto, Estimator::kJoint, Estimator::kSingle,
                                    Estimator::kGram, Estimator::kSketch};

Estimator estimator_of(const std::string& name) {
  for (const Estimator estimator : kEstimators)
    if (name == regression::name_of(estimator)) return estimator;
  throw Error(ErrorCode::kInvalidArgument,
              "regress: estimator must be auto, joint, single, gram or sketch, got " + name);
}

nb::dict dict_of(const Coefficient& c) {
  nb::dict result;
  result["name"] = c.name;
  result["value"] = c.value;
  result["standard_error"] = c.standard_error;
  return result;
}

nb::dict dict_of(const Regression& fit) {
  nb::list coefficients, warnings;
  for (const Coefficient& c : fit.coefficients) coefficients.append(dict_of(c));
  for (const regression::Warning& warning : fit.warnings) {
    nb::dict each;
    each["kind"] = regression::name_of(warning.kind);
    each["message"] = warning.message;
    warnings.append(each);
  }
  nb::dict result;
  result["target"] = fit.target;
  result["estimator"] = regression::name_of(fit.estimator);
  result["coefficients"] = coefficients;
  result["intercept"] = fit.intercept ? nb::object(dict_of(*fit.intercept)) : nb::none();
  result["ridge"] = fit.ridge;
  result["scaled_ridge"] = fit.scaled_ridge;
  result["r_squared"] = fit.r_squared;
  result["r_squared_low"] = fit.r_squared_low;
  result["r_squared_high"] = fit.r_squared_high;
  result["matched_rows"] = fit.matched_rows;
  result["effective_rows"] = fit.effective_rows;
  result["join_rows"] = fit.join_rows;
  result["rank"] = fit.rank;
  result["warnings"] = warnings;
  return result;
}

nb::dict regress(const digest::Digest& a, const digest::Digest& b, const std::string& target,
                 const std::string& estimator, std::optional<double> ridge, bool intercept,
                 double confidence, int threads) {
  const regression::RegressionOptions options{.target = target,
                                              .estimator = estimator_of(estimator),
                                              .ridge = ridge,
                                              .intercept = intercept,
                                              .confidence = confidence};
  return dict_of(run(threads, nb::none(), [&](const Context& context) {
    return regression::regress(a, b, options, context);
  }));
}

}  // namespace

void bind_regression(nb::module_& m) {
  using namespace nb::literals;
  m.def("regress", &regress, "a"_a, "b"_a, "target"_a, "estimator"_a, "ridge"_a.none(),
        "intercept"_a, "confidence"_a, "threads"_a);
}

}  // namespace prodigest::python
