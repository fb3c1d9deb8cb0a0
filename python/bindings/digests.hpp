#pragma once
// The parts of bind_digests, one for each file.

#include "bindings.hpp"

namespace prodigest::python {

void bind_rows(nb::module_& m);
void bind_keys(nb::module_& m);
void bind_samples(nb::module_& m);
void bind_sketches(nb::module_& m);
void bind_codes(nb::module_& m);
void bind_products(nb::module_& m);
void bind_streams(nb::module_& m);
void bind_container(nb::module_& m);

}  // namespace prodigest::python
