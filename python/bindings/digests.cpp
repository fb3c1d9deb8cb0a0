// Digests and their verbs.

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/variant.h>

#include "arrays.hpp"
#include "bindings.hpp"
#include "prodigest/digest/digest.hpp"
#include "run.hpp"

namespace prodigest::python {
namespace {

using digest::Digest;

template <Real T>
Digest sketch_dense(const Array2<const T>& a, const std::string& spec, const Array1<const RowId>& row_ids,
                    int threads, nb::handle progress) {
  const RowsView rows = view_of(a);
  return run(threads, progress, [&](const Context& context) {
    return digest::sketch(rows, digest::parse_digest_spec(spec), span_of(row_ids), {}, context);
  });
}

}  // namespace

void bind_digests(nb::module_& m) {
  using namespace nb::literals;
  nb::class_<sampling::RowSample>(m, "RowSample")
      .def_prop_ro("row_ids", [](nb::handle self) {
        const auto ids = nb::cast<const sampling::RowSample&>(self).row_ids();
        return borrowed_array(ids.data(), {ids.size()}, self);
      });
  nb::class_<linear::LinearSketch>(m, "LinearSketch");
  nb::class_<lattice::LatticeCodes>(m, "LatticeCodes");

  m.def("sketch_dense", &sketch_dense<float>, "a"_a, "spec"_a, "row_ids"_a, "threads"_a, "progress"_a.none());
  m.def("sketch_dense", &sketch_dense<double>, "a"_a, "spec"_a, "row_ids"_a, "threads"_a, "progress"_a.none());
  m.def("to_bytes", [](const Digest& digest) {
    const std::vector<std::byte> bytes = digest::to_bytes(digest);
    return nb::bytes(bytes.data(), bytes.size());
  }, "digest"_a);
  m.def("save", [](const Digest& digest, const std::filesystem::path& path) { digest::save(digest, path); },
        "digest"_a, "path"_a);
  m.def("load", [](const std::filesystem::path& path) { return digest::load(path); }, "path"_a);
}

}  // namespace prodigest::python
