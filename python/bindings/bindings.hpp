#pragma once
// What module.cpp gathers: one function for each file beside it.

#include <nanobind/nanobind.h>

namespace prodigest::python {

namespace nb = nanobind;

void bind_errors(nb::module_& m);
void bind_digests(nb::module_& m);
void bind_tasks(nb::module_& m);
void bind_attention(nb::module_& m);
void bind_kernel(nb::module_& m);
void bind_files(nb::module_& m);

}  // namespace prodigest::python
