// prodigest::Error as exceptions of Python.

#include "bindings.hpp"
#include "prodigest/base/error.hpp"

namespace prodigest::python {
namespace {

nb::handle incompatible, format, unsupported;

nb::handle exception_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument: return PyExc_ValueError;
    case ErrorCode::kIncompatible: return incompatible;
    case ErrorCode::kFormat: return format;
    case ErrorCode::kIo: return PyExc_OSError;
    case ErrorCode::kUnsupported: return unsupported;
    case ErrorCode::kCancelled: return PyExc_KeyboardInterrupt;
  }
  return PyExc_RuntimeError;
}

nb::handle new_exception(nb::module_& m, const char* name, const char* doc, nb::handle base) {
  const std::string full = std::string("prodigest.") + name;
  nb::handle made = PyErr_NewExceptionWithDoc(full.c_str(), doc, base.ptr(), nullptr);
  if (!made) throw nb::python_error();
  m.attr(name) = made;
  return made;
}

}  // namespace

void bind_errors(nb::module_& m) {
  incompatible = new_exception(m, "IncompatibleError", "Digests that cannot be combined.",
                               PyExc_ValueError);
  format = new_exception(m, "FormatError", "A file that is not what it claims to be.",
                         PyExc_ValueError);
  unsupported = new_exception(m, "UnsupportedError", "Valid input of a sort that is not handled.",
                              PyExc_NotImplementedError);
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Error& error) {
      PyErr_SetString(exception_of(error.code()).ptr(), error.what());
    }
  });
}

}  // namespace prodigest::python
