// Lattice codes.

#include "prodigest/lattice/codes_file.hpp"
#include "prodigest/lattice/lattice_codes.hpp"

#include "digest_class.hpp"
#include "digests.hpp"

namespace prodigest::python {

void bind_codes(nb::module_& m) {
  using lattice::LatticeCodes;
  const auto parts = [](nb::handle self) -> const lattice::LatticeParts& {
    return nb::cast<const LatticeCodes&>(self).parts();
  };
  bind_digest<LatticeCodes>(m, "LatticeCodes",
                            "The columns of an n x d matrix, each in a few bits an entry.\n\n"
                            "Immutable; arrays are read-only views that keep it alive.")
      .def_prop_ro("size", &LatticeCodes::size, "Coordinates coded of each column.")
      .def_prop_ro("codes", [parts](nb::handle self) {
             const std::vector<std::uint8_t>& codes = parts(self).codes;
             const std::size_t cols = parts(self).scale.size();
             return borrowed_array(codes.data(), {cols, codes.size() / std::max<std::size_t>(cols, 1)},
                                   self);
           }, "uint8 [d, bytes of a column], not copied; the layout is in docs/format.md.")
      .def_prop_ro("scales", [parts](nb::handle self) { return array_in(self, parts(self).scale); },
                   "float32 [d], not copied.")
      .def_prop_ro("noises", [parts](nb::handle self) { return array_in(self, parts(self).noise); },
                   "1/cos² - 1, cos the angle between a column and its codes: float32 [d].")
      .def_prop_ro("means", [parts](nb::handle self) { return array_in(self, parts(self).mean); },
                   "Of the columns: float64 [d], or [0] with centre=no; not copied.")
      .def_prop_ro("bits_per_entry", &LatticeCodes::bits_per_entry,
                   "With means, scales and noises: what the file takes but for names.");
}

}  // namespace prodigest::python
