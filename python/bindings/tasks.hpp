#pragma once
// What tasks.cpp gathers: one function for each task.

#include "bindings.hpp"

namespace prodigest::python {

void bind_plan(nb::module_& m);
void bind_regression(nb::module_& m);
void bind_compare(nb::module_& m);
void bind_lattice(nb::module_& m);

}  // namespace prodigest::python
