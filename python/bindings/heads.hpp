#pragma once
// Tensors of attention, and calls that may be too short for a thread of their own.

#include <cstdint>

#include "arrays.hpp"
#include "prodigest/attention/heads.hpp"
#include "run.hpp"

// What DLPack calls bfloat16; numpy has no such type.
template <>
struct nanobind::detail::dtype_traits<prodigest::attention::BFloat16> {
  static constexpr dlpack::dtype value{static_cast<std::uint8_t>(dlpack::dtype_code::Bfloat), 16, 1};
  static constexpr auto name = const_name("bfloat16");
};

namespace prodigest::python {

/// batch x heads x tokens x width with any strides but for the last.
template <class T>
using Array4 = nb::ndarray<T, nb::ndim<4>, nb::device::cpu>;

/// None is a view of width 0.
template <class T>
attention::HeadsView<T> heads_of(const Array4<T>& a) {
  if (!a.is_valid()) return {};
  const auto size = [&](std::size_t axis) { return static_cast<Index>(a.shape(axis)); };
  if (a.size() > 0 && size(3) > 1 && a.stride(3) != 1)
    throw nb::type_error("the numbers of a token must be contiguous");
  return {a.data(), size(0), size(1), size(2), size(3), a.stride(0), a.stride(1), a.stride(2)};
}

/// None is an empty span.
template <class T>
std::span<T> optional_span_of(const Array1<T>& a) {
  return a.is_valid() ? span_of(a) : std::span<T>{};
}

/// As run(), but on this thread if the work, in multiply-adds, is a matter of milliseconds: nobody
/// stops that, and a decoded token takes less time than a thread.
template <class F>
auto run_or_call(double work, int threads, F&& f) {
  constexpr double kShort = 1e8;
  if (work > kShort) return run(threads, nb::none(), std::forward<F>(f));
  nb::gil_scoped_release unlocked;
  return f(Context{.threads = threads});
}

void bind_attention_state(nb::module_& m);
void bind_polynomial_sketch(nb::module_& m);

}  // namespace prodigest::python
