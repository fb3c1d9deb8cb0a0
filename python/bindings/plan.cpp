// How much an accuracy takes.

#include "prodigest/coding/rate_distortion.hpp"
#include "prodigest/sampling/plan.hpp"
#include "tasks.hpp"

namespace prodigest::python {

void bind_plan(nb::module_& m) {
  using namespace nb::literals;
  m.def("plan", &sampling::plan, "epsilon"_a, "delta"_a, "sides"_a);
  m.def("expected_size", &sampling::expected_size, "epsilon"_a, "sides"_a);
  m.def("rate_distortion", &coding::gamma, "rate"_a);
  m.def("rate_for", &coding::rate_for, "error"_a);
}

}  // namespace prodigest::python
