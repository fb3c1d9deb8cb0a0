#include "tasks.hpp"

namespace prodigest::python {

void bind_tasks(nb::module_& m) {
  bind_plan(m);
  bind_regression(m);
  bind_compare(m);
  bind_lattice(m);
}

}  // namespace prodigest::python
