#pragma once
// Objects as the bytes of their files.

#include <cstddef>
#include <vector>

#include "bindings.hpp"

namespace prodigest::python {

inline nb::bytes bytes_of(const std::vector<std::byte>& bytes) {
  return nb::bytes(bytes.data(), bytes.size());
}

/// to_bytes, and what is pickled: these bytes, which prodigest.load reads.
template <class Saved>
void bind_bytes(nb::class_<Saved>& c) {
  c.def(
       "to_bytes", [](const Saved& s) { return bytes_of(to_bytes(s)); },
       "The bytes of its file, as `prodigest.save` writes them. Equals have equal bytes.")
      .def("__reduce__", [](const Saved& s) -> nb::object {
        return nb::make_tuple(nb::module_::import_("prodigest").attr("load"),
                              nb::make_tuple(bytes_of(to_bytes(s))));
      });
}

}  // namespace prodigest::python
