#pragma once
/// Sketches of polynomial kernels: x -> S x of r numbers with E<S q, S k> = <q, k>^t, t the sketch degree
/// (half the degree of the attention, whose weights are <S q, S k>²).

#include <span>
#include <vector>

#include "prodigest/attention/attention_spec.hpp"
#include "prodigest/base/matrix.hpp"

namespace prodigest::attention {

/// A tree of products: its leaves are the vector itself, a node of two inputs x, y is
/// sqrt(1/r) (x G) * (y H), entry by entry, with matrices G, H. Degree 1 is one matrix, x G / sqrt(r);
/// degree 2 is one node, two dense matrices; degree 4 three nodes.
/// Kronecker products: Ahle et al., "Oblivious sketching of high-degree polynomial kernels", SODA 2020.
template <Real T>
class PolynomialSketch {
 public:
  /// Matrices drawn for the spec's seed, Domain::kPolynomialSketch; every head has its own stream.
  /// kHadamard pads the vectors to a power of two, and r must be one.
  /// @param stream names the head (and layer), so that heads differ
  /// @throws Error{kInvalidArgument}
  static PolynomialSketch random(const AttentionSpec& spec, Index head_dim, std::uint64_t stream);
  /// Degree 2 from two matrices, learned or otherwise: (x A) * (x B) / sqrt(r).  @shape a, b: h x r
  static PolynomialSketch given(MatrixView<const T> a, MatrixView<const T> b);
  /// S x = x: of degree-2 attention, and of sketches that the caller made.
  static PolynomialSketch identity(Index head_dim);

  Index head_dim() const noexcept;  ///< h
  Index size() const noexcept;      ///< r
  int degree() const noexcept;      ///< t: 1, 2 or 4

  /// out = S x of each row.  @shape x: n x h, out: n x r
  /// @complexity O(n h r) by GEMM a leaf
  void apply(MatrixView<const T> x, MatrixView<T> out) const;

  /// The gradient of a loss through apply: dx += dS/dx · dout, and for kGiven da, db likewise. Nothing
  /// is kept from apply; it is computed again.  @shape dout: n x r, dx: n x h; da, db: h x r or empty
  void backward(MatrixView<const T> x, MatrixView<const T> dout, MatrixView<T> dx, MatrixView<T> da = {},
                MatrixView<T> db = {}) const;

  /// The matrices of the nodes, in the order of use; degree 2: A and B.
  std::span<const Matrix<T>> matrices() const noexcept;

 private:
  PolynomialSketch() = default;
  Index head_dim_ = 0, size_ = 0;
  int degree_ = 1;
  std::vector<Matrix<T>> matrices_;
};

}  // namespace prodigest::attention
