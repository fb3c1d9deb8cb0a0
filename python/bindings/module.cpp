#include "bindings.hpp"
#include "prodigest/base/version.hpp"

NB_MODULE(_core, m) {
  using namespace prodigest::python;
  m.doc() = "The C++ library under prodigest; use the package, not this module.";
  m.attr("__version__") = prodigest::kVersion;
  bind_errors(m);
  bind_digests(m);
  bind_tasks(m);
  bind_attention(m);
  bind_kernel(m);
  bind_files(m);
}
