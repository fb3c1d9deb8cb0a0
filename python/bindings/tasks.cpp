#include "bindings.hpp"

namespace prodigest::python {

void bind_tasks(nb::module_&) {}

}  // namespace prodigest::python
