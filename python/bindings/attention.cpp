#include "bindings.hpp"

namespace prodigest::python {

void bind_attention(nb::module_&) {}

}  // namespace prodigest::python
