// What linear attention keeps of the tokens that it has seen.

#include "prodigest/attention/attention_state.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "files.hpp"
#include "heads.hpp"

namespace prodigest::python {
namespace {

using namespace attention;

using Numbers =
    std::variant<nb::ndarray<nb::numpy, const float>, nb::ndarray<nb::numpy, const double>>;

// [sequences, key_heads, numbers of one], borrowed.
template <class Member32, class Member64>
Numbers numbers_of(nb::handle self, Index each, Member32 member32, Member64 member64) {
  const auto& state = nb::cast<const AttentionState&>(self);
  const std::initializer_list<std::size_t> shape = {static_cast<std::size_t>(state.sequences),
                                                    static_cast<std::size_t>(state.key_heads),
                                                    static_cast<std::size_t>(each)};
  if (const auto* numbers = std::get_if<StateNumbers<float>>(&state.numbers))
    return borrowed_array((numbers->*member32).data(), shape, self);
  return borrowed_array((std::get<StateNumbers<double>>(state.numbers).*member64).data(), shape,
                        self);
}

Numbers sums(nb::handle self) {
  return numbers_of(self, nb::cast<const AttentionState&>(self).layout.sums(),
                    &StateNumbers<float>::sums, &StateNumbers<double>::sums);
}

Numbers open(nb::handle self) {
  return numbers_of(self, nb::cast<const AttentionState&>(self).layout.open(),
                    &StateNumbers<float>::open, &StateNumbers<double>::open);
}

auto counts(const std::vector<Index>& counts, nb::handle self) {
  return borrowed_array(counts.data(), {counts.size()}, self);
}

}  // namespace

void bind_attention_state(nb::module_& m) {
  using namespace nb::literals;
  nb::class_<StateLayout>(m, "StateLayout")
      .def_ro("size", &StateLayout::size)
      .def_ro("value_dim", &StateLayout::value_dim)
      .def_ro("block", &StateLayout::block)
      .def_ro("kept", &StateLayout::kept)
      .def_ro("local", &StateLayout::local);
  nb::class_<AttentionState> c(
      m, "AttentionState",
      "What linear attention keeps of the tokens that it has seen; its size does not depend on "
      "their number.\n\n"
      "Made by an attention (``Attention.empty_state``, ``output_final_state=True``), belongs to "
      "its spec, shape,\nsketches and gains, and is refused by any other (IncompatibleError). "
      "Pickles and copies.");
  bind_bytes(c);
  c.def_ro("fingerprint", &AttentionState::fingerprint, "0 if a call on it failed half way.")
      .def_prop_ro("spec", [](const AttentionState& s) { return to_text(s.spec); })
      .def_ro("sequences", &AttentionState::sequences)
      .def_ro("key_heads", &AttentionState::key_heads)
      .def_ro("layout", &AttentionState::layout)
      .def_prop_ro(
          "tokens",
          [](nb::handle self) {
            return counts(nb::cast<const AttentionState&>(self).tokens, self);
          },
          "[sequences] tokens seen so far.")
      .def_prop_ro(
          "open_tokens",
          [](nb::handle self) {
            return counts(nb::cast<const AttentionState&>(self).open_tokens, self);
          },
          "[sequences] of these the last whose block is not full.")
      .def_prop_ro("sums", &sums,
                   "[sequences, key_heads, ...] sums over the tokens of full blocks; borrowed.")
      .def_prop_ro("open", &open, "[sequences, key_heads, ...] the open tokens; borrowed.")
      .def("merge", &AttentionState::merge, "later"_a, nb::call_guard<nb::gil_scoped_release>(),
           "Adds a state of later tokens of the same sequences, begun empty.\n\n"
           "With local blocks this one must end where a block ends. Raises IncompatibleError.")
      .def("copy", [](const AttentionState& s) { return s; })
      .def("__copy__", [](const AttentionState& s) { return s; })
      .def(
          "__deepcopy__", [](const AttentionState& s, nb::handle) { return s; }, "memo"_a)
      .def(
          "__eq__", [](const AttentionState& a, const AttentionState& b) { return a == b; },
          nb::is_operator(), nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__repr__", [](const AttentionState& s) {
        return nb::str("AttentionState({}, sequences={}, key_heads={}, tokens={})")
            .format(to_text(s.spec), s.sequences, s.key_heads, s.tokens);
      });
}

}  // namespace prodigest::python
