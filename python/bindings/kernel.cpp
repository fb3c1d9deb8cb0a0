#include "bindings.hpp"

namespace prodigest::python {

void bind_kernel(nb::module_&) {}

}  // namespace prodigest::python
