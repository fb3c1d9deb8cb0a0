// Digest files as they lie on disk.

#include "prodigest/io/container.hpp"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>

#include "arrays.hpp"
#include "digests.hpp"

namespace prodigest::python {
namespace {

using io::Container;
using io::DType;

// numpy has no BF16, whose bits are given instead.
nb::dlpack::dtype dtype_of(DType dtype) {
  using Code = nb::dlpack::dtype_code;
  const std::string_view name = io::dtype_name(dtype);
  const Code code = name.starts_with('F') ? Code::Float : name.starts_with('I') ? Code::Int : Code::UInt;
  return {static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(8 * io::dtype_size(dtype)), 1};
}

nb::dict tensors(nb::handle self) {
  nb::dict result;
  for (const io::Tensor& tensor : nb::cast<const Container&>(self).tensors()) {
    const std::vector<std::size_t> shape(tensor.shape.begin(), tensor.shape.end());
    result[tensor.name.c_str()] = nb::ndarray<nb::numpy, nb::ro>(
        tensor.bytes.data(), shape.size(), shape.data(), self, nullptr, dtype_of(tensor.dtype));
  }
  return result;
}

nb::dict metadata(const Container& container) {
  nb::dict result;
  result["prodigest.kind"] = std::string(container.kind());
  result["prodigest.writer"] = std::string(container.writer());
  for (const auto& [key, value] : container.metadata()) result[key.c_str()] = value;
  return result;
}

}  // namespace

void bind_container(nb::module_& m) {
  nb::class_<Container>(m, "Container", "A digest file, mapped into memory.")
      .def_static("open", [](const std::filesystem::path& path, bool checksums) {
             return Container::open(path, checksums ? io::Checksums::kAll : io::Checksums::kHeader);
           }, nb::arg("path"), nb::arg("checksums"), nb::call_guard<nb::gil_scoped_release>())
      .def_prop_ro("metadata", &metadata, nb::for_getter(nb::sig("def metadata(self, /) -> dict[str, str]")))
      .def_prop_ro("tensors", &tensors, nb::for_getter(nb::sig("def tensors(self, /) -> dict[str, numpy.ndarray]")),
                   "Read-only arrays over the file, which they keep mapped.");
}

}  // namespace prodigest::python
