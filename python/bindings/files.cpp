// Files of any kind: digests, states of attention, prepared kernel matrices.

#include "files.hpp"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>

#include <utility>
#include <variant>

#include "prodigest/attention/attention_state.hpp"
#include "prodigest/digest/digest.hpp"
#include "prodigest/kernel/gaussian_operator.hpp"
#include "prodigest/lattice/codes_file.hpp"
#include "prodigest/linear/sketch_file.hpp"
#include "prodigest/sampling/sample_file.hpp"

namespace prodigest::python {
namespace {

using namespace nb::literals;
using attention::AttentionState;
using io::Container;
using kernel::GaussianOperator;
using Saved = std::variant<digest::Digest, AttentionState, GaussianOperator>;

Saved saved_in(const Container& file) {
  if (file.kind() == attention::kAttentionStateKind) return attention::attention_state_from(file);
  if (file.kind() == kernel::kGaussianOperatorKind) return kernel::gaussian_operator_from(file);
  return digest::digest_from(file);
}

nb::object object_of(digest::Digest digest) {
  return std::visit([](auto& d) { return nb::cast(std::move(d)); }, digest);
}
nb::object object_of(AttentionState state) { return nb::cast(std::move(state)); }
nb::object object_of(GaussianOperator made) { return nb::cast(std::move(made)); }

// The lock is released while a file is read.
template <class Open>
nb::object read(Open&& open) {
  Saved saved = [&] {
    nb::gil_scoped_release unlocked;
    return saved_in(open());
  }();
  return std::visit([](auto& s) { return object_of(std::move(s)); }, saved);
}

nb::object from_bytes(const nb::bytes& bytes) {
  const auto* const data = static_cast<const std::byte*>(bytes.data());
  return read([copy = std::vector<std::byte>(data, data + bytes.size())]() mutable {
    return Container::parse(std::move(copy));
  });
}

template <class Kind>
void bind_save(nb::module_& m) {
  m.def(
      "save", [](const Kind& saved, const std::filesystem::path& path) { save(saved, path); },
      "saved"_a, "path"_a, nb::call_guard<nb::gil_scoped_release>());
}

}  // namespace

void bind_files(nb::module_& m) {
  bind_save<sampling::RowSample>(m);
  bind_save<linear::LinearSketch>(m);
  bind_save<lattice::LatticeCodes>(m);
  bind_save<AttentionState>(m);
  bind_save<GaussianOperator>(m);
  m.def(
      "load",
      [](const std::filesystem::path& path) { return read([&] { return Container::open(path); }); },
      "path"_a);
  m.def("from_bytes", &from_bytes, "bytes"_a);
}

}  // namespace prodigest::python
