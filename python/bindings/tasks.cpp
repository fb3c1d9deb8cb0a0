#include "tasks.hpp"

namespace prodigest::python {

void bind_tasks(nb::module_& m) {
  bind_plan(m);
  bind_regression(m);
}

}  // namespace prodigest::python
