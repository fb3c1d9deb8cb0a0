#pragma once
// What attention by squared inner products keeps of the keys it has seen. As
//   <x, y>² = Σ_{a <= b} w_ab x_a x_b y_a y_b,  w = 1 on the diagonal and 2 off it,
// sums over keys y_j of the r (r + 1) / 2 products y_a y_b times what the key carries suffice.
//
// Tokens are columns of a matrix of r rows: a vector of the machine holds one coordinate of several
// tokens, so that neither the ragged triangle of pairs nor an odd r costs anything. Columns are
// read in whole vectors (kPadding), finite numbers of any value beyond the last token.

#include <span>

#include "core/aligned_matrix.hpp"

namespace prodigest::attention {

/// Sums over tokens j of y_a y_b (v_j, e_j), the vector v_j of value_dim numbers and a number e_j.
/// Borrows the sums.
template <Real T>
class SquareSums {
 public:
  static constexpr Index kTokens = 64;  // most of one call
  static constexpr Index features(Index size) { return size * (size + 1) / 2; }
  static constexpr Index numbers(Index size, Index value_dim) {
    return features(size) * (value_dim + 1);
  }

  /// @param sums numbers(size, value_dim) of them: those of v, row by row, then those of e;
  /// none if no call is made
  SquareSums(std::span<T> sums, Index size, Index value_dim);

  /// Takes in tokens, each times the gain.  @shape y: r x n, v: n x value_dim, e: [padded(n)], 0
  /// beyond n
  /// @complexity r² (value_dim + 1) / 2 multiply-adds a token, as the two below
  void add(MatrixView<const T> y, T gain, MatrixView<const T> v, std::span<const T> e);

  /// out_i += gain Σ_j <x_i, y_j>² v_j, total_i += gain Σ_j <x_i, y_j>² e_j.
  /// @shape x: r x n, out: n x value_dim, total: [padded(n)]
  void weigh(MatrixView<const T> x, T gain, MatrixView<T> out, std::span<T> total);

  /// dx_i += Σ_j <x_i, y_j> (<g_i, v_j> + h_i e_j) y_j: half of the gradient in x_i of what weigh()
  /// gives, at gain 1, times g_i and h_i.
  /// @shape x, dx: r x n, g: value_dim x n, h: [padded(n)]
  void add_half_gradient(MatrixView<const T> x, MatrixView<const T> g, std::span<const T> h,
                         MatrixView<T> dx);

 private:
  MatrixView<T> values_;
  T* numbers_;
  Index size_;
  AlignedMatrix<T> products_;  // of a few pairs by tokens: they stay in the first cache
};

}  // namespace prodigest::attention
