#pragma once
/// Sketches of polynomial kernels: x -> S x of r numbers with E<S q, S k> = <q, k>^t, t the sketch
/// degree (half the degree of the attention, whose weights are <S q, S k>²).

#include <span>
#include <vector>

#include "prodigest/attention/attention_spec.hpp"
#include "prodigest/base/matrix.hpp"

namespace prodigest::attention {

/// A tree of products: its leaves are the vector itself, a node of two inputs x, y is
/// sqrt(1/r) (x G) * (y H), entry by entry, with matrices G, H. Degree 1 is one matrix, x G /
/// sqrt(r); degree 2 is one node, two dense matrices; degree 4 three nodes. Kronecker products:
/// Ahle et al., "Oblivious sketching of high-degree polynomial kernels", SODA 2020.
///
/// Random matrices are a protocol, the same bits on every machine. Row i of matrix m (as matrices()
/// counts; it has h rows, on the second level r) is drawn as row 2^24 stream + 2^20 m + i of
/// Domain::kPolynomialSketch.
/// kGaussian: r normals.
/// kOrthogonal: the same; then each group of as many columns as there are rows, from the left, is
/// made orthogonal by modified Gram-Schmidt, the length of a column the root of the number of rows.
/// kHadamard: entry (i, j) is d_i (-1)^popcount(i & s_j), the signs d and the distinct numbers s_j
/// below n = bit_ceil(rows) anew for each group g of n columns. It takes the two 64-bit words of
/// block g of a row: d_i is -1 if the highest bit of the first word is set; the s_j are 0, ..., n-1
/// shuffled, for k = 0, 1, ... entry k changing places with entry k + bounded(second word of row k,
/// n - k), bounded() being Lemire's.
template <Real T>
class PolynomialSketch {
 public:
  /// A sketch of degree spec.degree / 2, kOrthogonal, kGaussian or kHadamard.
  /// E<S q, S k> = <q, k>^t, exactly.
  /// @param head_dim h, 1 to 2^20
  /// @param stream names the head (and layer), so that heads differ: below 2^40
  /// @guarantee the variance for Gaussian ones of degree 2 and unit vectors of cosine c is
  /// ((1 + 2c²)² - c⁴) / r; the two others have less for vectors that are alike, the more so the
  /// nearer r is to h. The square of <S q, S k>, the weight in attention, is on average larger than
  /// <q, k>^2t by the variance.
  /// @throws Error{kInvalidArgument}
  static PolynomialSketch random(const AttentionSpec& spec, Index head_dim, std::uint64_t stream);
  /// Degree 2 from two matrices, learned or otherwise: (x A) * (x B) / sqrt(r).  @shape a, b: h x r
  /// @throws Error{kInvalidArgument}
  static PolynomialSketch given(MatrixView<const T> a, MatrixView<const T> b);
  /// S x = x: of degree-2 attention, and of sketches that the caller made.
  /// @throws Error{kInvalidArgument}
  static PolynomialSketch identity(Index head_dim);

  Index head_dim() const noexcept;  ///< h
  Index size() const noexcept;      ///< r
  int degree() const noexcept;      ///< t: 1, 2 or 4

  /// out = S x of each row, on the caller's thread.  @shape x: n x h, out: n x r
  /// @complexity 2 n h r flops for degree 1, 4 n h r for 2, 8 n h r + 4 n r² for 4, by GEMM
  /// @throws Error{kInvalidArgument} if a shape is another
  void apply(MatrixView<const T> x, MatrixView<T> out) const;

  /// The gradient of a loss through apply: dx += dS/dx · dout, and for degree 2 those of its
  /// matrices likewise, where da, db are not empty. Nothing is kept from apply; it is computed
  /// again.
  /// @shape dout: n x r, dx: n x h; da, db: h x r or empty
  /// @throws Error{kInvalidArgument} if a shape is another, or the matrices of another degree are
  /// asked for
  void backward(MatrixView<const T> x, MatrixView<const T> dout, MatrixView<T> dx,
                MatrixView<T> da = {}, MatrixView<T> db = {}) const;

  /// G and H of the nodes, in the order of use: degree 2 A and B, degree 4 the two lower nodes,
  /// then the upper one. None of identity().
  std::span<const Matrix<T>> matrices() const noexcept;

 private:
  PolynomialSketch() = default;
  Index head_dim_ = 0, size_ = 0;
  int degree_ = 1;
  std::vector<Matrix<T>> matrices_;
};

}  // namespace prodigest::attention
