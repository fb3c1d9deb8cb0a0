#pragma once
// Arrays of Python as views, and matrices of C++ as arrays that own them; nothing is copied. What
// comes in was checked by prodigest/_arrays.py, whose messages are for people.

#include <nanobind/ndarray.h>

#include <span>
#include <utility>
#include <vector>

#include "bindings.hpp"
#include "prodigest/base/matrix.hpp"

namespace prodigest::python {

/// n x d in C order, or with a row stride.
template <class T>
using Array2 = nb::ndarray<T, nb::ndim<2>, nb::device::cpu>;
template <class T>
using Array1 = nb::ndarray<T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

/// The strides of a matrix with no or one row mean nothing and may be anything.
template <class T>
MatrixView<T> view_of(const Array2<T>& a) {
  const auto rows = static_cast<Index>(a.shape(0)), cols = static_cast<Index>(a.shape(1));
  if (cols > 1 && rows > 0 && a.stride(1) != 1)
    throw nb::type_error("rows must be contiguous (use numpy.ascontiguousarray)");
  return {a.data(), rows, cols, rows > 1 ? static_cast<Index>(a.stride(0)) : cols};
}

template <class T>
std::span<T> span_of(const Array1<T>& a) {
  return {a.data(), a.shape(0)};
}

/// A numpy array over storage that it now owns.
template <class T>
nb::ndarray<nb::numpy, T> array_of(std::vector<T> storage, std::initializer_list<std::size_t> shape) {
  auto* const owned = new std::vector<T>(std::move(storage));
  const nb::capsule owner(owned, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return nb::ndarray<nb::numpy, T>(owned->data(), shape, owner);
}

template <Real T>
nb::ndarray<nb::numpy, T> array_of(Matrix<T> matrix) {
  const auto rows = static_cast<std::size_t>(matrix.rows), cols = static_cast<std::size_t>(matrix.cols);
  return array_of(std::move(matrix.storage), {rows, cols});
}

/// A read-only numpy array over memory that `owner` keeps alive.
template <class T>
nb::ndarray<nb::numpy, const T> borrowed_array(const T* data, std::initializer_list<std::size_t> shape,
                                               nb::handle owner) {
  return nb::ndarray<nb::numpy, const T>(data, shape, owner);
}

}  // namespace prodigest::python
