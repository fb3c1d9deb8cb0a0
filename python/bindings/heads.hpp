#pragma once
// Tensors of attention, and calls that may be too short for a thread of their own.

#include <cstdint>
#include <span>
#include <vector>

#include "arrays.hpp"
#include "prodigest/attention/heads.hpp"
#include "run.hpp"

namespace prodigest::python {

/// batch x heads x tokens x width with any strides but for the last.
template <class T>
using Array4 = nb::ndarray<T, nb::ndim<4>, nb::device::cpu>;

/// numpy has no bfloat16: its bits come as integers.
template <class T>
struct StoredAs {
  using Type = T;
};
template <>
struct StoredAs<attention::BFloat16> {
  using Type = std::int16_t;
};
template <>
struct StoredAs<const attention::BFloat16> {
  using Type = const std::int16_t;
};
template <class T>
using Heads = Array4<typename StoredAs<T>::Type>;

/// None is a view of width 0.
template <class T>
attention::HeadsView<T> heads_of(const Heads<T>& a) {
  if (!a.is_valid()) return {};
  const auto size = [&](std::size_t axis) { return static_cast<Index>(a.shape(axis)); };
  if (a.size() > 0 && size(3) > 1 && a.stride(3) != 1)
    throw nb::type_error("the numbers of a token must be contiguous");
  return {reinterpret_cast<T*>(a.data()),
          size(0),
          size(1),
          size(2),
          size(3),
          a.stride(0),
          a.stride(1),
          a.stride(2)};
}

/// None is an empty span.
template <class T>
std::span<T> optional_span_of(const Array1<T>& a) {
  return a.is_valid() ? span_of(a) : std::span<T>{};
}

/// Each borrowed from its owner.
template <Real T>
std::vector<nb::ndarray<nb::numpy, const T>> arrays_of(std::span<const Matrix<T>> matrices,
                                                       nb::handle owner) {
  std::vector<nb::ndarray<nb::numpy, const T>> arrays;
  for (const Matrix<T>& matrix : matrices)
    arrays.push_back(borrowed_array(
        matrix.storage.data(),
        {static_cast<std::size_t>(matrix.rows), static_cast<std::size_t>(matrix.cols)}, owner));
  return arrays;
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
