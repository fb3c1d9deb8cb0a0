#pragma once
// Matrices to measure with, and reading them, the baseline of every pass.

#include <array>
#include <cstdint>
#include <span>

#include "harness.hpp"
#include "prodigest/base/matrix.hpp"

namespace prodigest::bench {

/// Cheap numbers that look like data: signed, of various sizes, none zero.
struct Generator {
  std::uint64_t state = 1;
  double operator()() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(static_cast<std::int64_t>(state | 1)) * 0x1p-62;
  }
};

template <class T>
Matrix<T> dense_matrix(Index rows, Index cols) {
  Matrix<T> a(rows, cols);
  Generator next;
  for (T& x : a.storage) x = static_cast<T>(next());
  return a;
}

/// @param per_row entries, one in each of as many equal ranges of columns
inline CsrMatrix<double> csr_matrix(Index rows, Index cols, Index per_row) {
  CsrMatrix<double> a;
  a.cols = cols;
  Generator next;
  const Index range = cols / per_row;
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < per_row; ++j) {
      a.columns.push_back(
          static_cast<std::int32_t>(j * range + static_cast<Index>(next.state >> 40) % range));
      a.values.push_back(next());
    }
    a.row_start.push_back(std::ssize(a.values));
  }
  return a;
}

/// Sum with independent chains, few enough for the registers of any machine: bound by memory.
template <class T>
void read_only(std::span<const T> values) {
  std::array<T, 16> sums{};
  for (std::size_t i = 0; i + 16 <= values.size(); i += 16)
    for (std::size_t l = 0; l < 16; ++l) sums[l] += values[i + l];
  double sum = 0;
  for (const T s : sums) sum += static_cast<double>(s);
  keep(sum);
}

}  // namespace prodigest::bench
