#include "prodigest/attention/polynomial_sketch.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>
#include <utility>

#include "attention/sketch_matrix.hpp"
#include "base/fail.hpp"
#include "core/gemm.hpp"

namespace prodigest::attention {
namespace {

constexpr Index kStrip =
    256;  // rows at a time, so that what is between the steps stays in the cache
const Context kSerial{.threads = 1};

void check_shape(std::string_view name, Index rows, Index cols, Index want_rows, Index want_cols) {
  if (rows != want_rows || cols != want_cols)
    fail(ErrorCode::kInvalidArgument, "sketch: {} must be {} x {}, got {} x {}", name, want_rows,
         want_cols, rows, cols);
}

template <Real T>
Matrix<T> rounded(Matrix<double> matrix) {
  if constexpr (std::same_as<T, double>) {
    return matrix;
  } else {
    Matrix<T> out(matrix.rows, matrix.cols);
    std::ranges::transform(matrix.storage, out.storage.begin(),
                           [](double x) { return static_cast<T>(x); });
    return out;
  }
}

template <Real T>
Matrix<T> copy_of(MatrixView<const T> from) {
  Matrix<T> to(from.rows, from.cols);
  for (Index i = 0; i < from.rows; ++i) std::ranges::copy(from.row(i), to.view().row(i).begin());
  return to;
}

// sqrt(1/r)
template <Real T>
T scale_of(const Matrix<T>& g) {
  return static_cast<T>(1 / std::sqrt(static_cast<double>(g.cols)));
}

// to = factor * from, the same memory or another
template <Real T>
void scale(MatrixView<const T> from, T factor, MatrixView<T> to) {
  for (Index i = 0; i < from.rows; ++i)
    std::ranges::transform(from.row(i), to.row(i).begin(), [=](T x) { return factor * x; });
}

// (x, y) -> sqrt(1/r) (x G) * (y H)
template <Real T>
struct Node {
  const Matrix<T>& g;
  const Matrix<T>& h;

  /// @shape out, right: n x r; `right` is scratch
  void apply(MatrixView<const T> x, MatrixView<const T> y, MatrixView<T> out,
             MatrixView<T> right) const {
    multiply(x, g, out, kSerial);
    multiply(y, h, right, kSerial);
    const T c = scale_of(g);
    for (Index i = 0; i < out.rows; ++i)
      std::ranges::transform(out.row(i), right.row(i), out.row(i).begin(),
                             [=](T a, T b) { return c * a * b; });
  }

  /// Adds to dx, dy and, where they are not empty, dg, dh.  @shape left, right: n x r, scratch
  void backward(MatrixView<const T> x, MatrixView<const T> y, MatrixView<const T> dout,
                MatrixView<T> dx, MatrixView<T> dy, MatrixView<T> dg, MatrixView<T> dh,
                MatrixView<T> left, MatrixView<T> right) const {
    multiply(x, g, left, kSerial);
    multiply(y, h, right, kSerial);
    const T c = scale_of(g);
    for (Index i = 0; i < dout.rows; ++i) {
      const auto a = left.row(i), b = right.row(i);
      const auto d = dout.row(i);
      for (std::size_t j = 0; j < d.size(); ++j) {  // left and right become their gradients
        const T dj = c * d[j], aj = a[j];
        a[j] = dj * b[j];
        b[j] = dj * aj;
      }
    }
    add_product_by_transposed(left, g, dx, kSerial);
    add_product_by_transposed(right, h, dy, kSerial);
    if (dg.data != nullptr) add_transposed_product(x, left, dg, kSerial);
    if (dh.data != nullptr) add_transposed_product(y, right, dh, kSerial);
  }
};

template <Real T>
Node<T> node(const std::vector<Matrix<T>>& matrices, std::size_t number) {
  return {matrices[2 * number], matrices[2 * number + 1]};
}

}  // namespace

template <Real T>
PolynomialSketch<T> PolynomialSketch<T>::random(const AttentionSpec& spec, Index head_dim,
                                                std::uint64_t stream) {
  validate(spec);
  if (spec.kind != Kind::kPolysketch)
    fail(ErrorCode::kInvalidArgument, "sketch: only polysketch has one, got \"{}\"", to_text(spec));
  if (spec.sketch == SketchKind::kGiven || spec.sketch == SketchKind::kExternal)
    fail(ErrorCode::kInvalidArgument,
         "sketch: a random one is orthogonal, gaussian or hadamard, got \"{}\" (take given() or "
         "identity())",
         to_text(spec));
  if (head_dim < 1 || head_dim > kMostNames)
    fail(ErrorCode::kInvalidArgument, "sketch: head_dim must be 1 to 2^20, got {}", head_dim);
  if (stream >= kMostStreams)
    fail(ErrorCode::kInvalidArgument, "sketch: stream must be below 2^40, got {}", stream);
  PolynomialSketch sketch;
  sketch.head_dim_ = head_dim;
  sketch.size_ = spec.size;
  sketch.degree_ = spec.degree / 2;
  const int count = sketch.degree_ == 4 ? 6 : sketch.degree_;
  for (int number = 0; number < count; ++number) {
    const Index inputs = number < 4 ? head_dim : spec.size;  // only degree 4 has a second level
    sketch.matrices_.push_back(rounded<T>(sketch_matrix(spec, stream, number, inputs)));
  }
  return sketch;
}

template <Real T>
PolynomialSketch<T> PolynomialSketch<T>::given(MatrixView<const T> a, MatrixView<const T> b) {
  if (a.rows < 1 || a.cols < 1)
    fail(ErrorCode::kInvalidArgument, "sketch: a must have rows and columns, got {} x {}", a.rows,
         a.cols);
  check_shape("b", b.rows, b.cols, a.rows, a.cols);
  PolynomialSketch sketch;
  sketch.head_dim_ = a.rows;
  sketch.size_ = a.cols;
  sketch.degree_ = 2;
  sketch.matrices_ = {copy_of(a), copy_of(b)};
  return sketch;
}

template <Real T>
PolynomialSketch<T> PolynomialSketch<T>::identity(Index head_dim) {
  if (head_dim < 1)
    fail(ErrorCode::kInvalidArgument, "sketch: head_dim must be at least 1, got {}", head_dim);
  PolynomialSketch sketch;
  sketch.head_dim_ = sketch.size_ = head_dim;
  return sketch;
}

template <Real T>
Index PolynomialSketch<T>::head_dim() const noexcept {
  return head_dim_;
}
template <Real T>
Index PolynomialSketch<T>::size() const noexcept {
  return size_;
}
template <Real T>
int PolynomialSketch<T>::degree() const noexcept {
  return degree_;
}
template <Real T>
std::span<const Matrix<T>> PolynomialSketch<T>::matrices() const noexcept {
  return matrices_;
}

template <Real T>
void PolynomialSketch<T>::apply(MatrixView<const T> x, MatrixView<T> out) const {
  check_shape("x", x.rows, x.cols, x.rows, head_dim_);
  check_shape("out", out.rows, out.cols, x.rows, size_);
  if (matrices_.empty()) return scale(x, T{1}, out);
  if (degree_ == 1) {
    multiply(x, matrices_[0], out, kSerial);
    return scale<T>(out, scale_of(matrices_[0]), out);
  }
  const Index strip = std::min(kStrip, x.rows);
  Matrix<T> right(strip, size_);
  Matrix<T> x1, x2;  // of the lower nodes
  if (degree_ == 4) x1 = x2 = right;
  for (Index first = 0; first < x.rows; first += strip) {
    const Index count = std::min(strip, x.rows - first);
    const auto cut = [=](Matrix<T>& scratch) { return scratch.view().slice(0, count); };
    const auto rows = x.slice(first, count);
    const auto to = out.slice(first, count);
    if (degree_ == 2) {
      node(matrices_, 0).apply(rows, rows, to, cut(right));
    } else {
      node(matrices_, 0).apply(rows, rows, cut(x1), cut(right));
      node(matrices_, 1).apply(rows, rows, cut(x2), cut(right));
      node(matrices_, 2).apply(cut(x1), cut(x2), to, cut(right));
    }
  }
}

template <Real T>
void PolynomialSketch<T>::backward(MatrixView<const T> x, MatrixView<const T> dout,
                                   MatrixView<T> dx, MatrixView<T> da, MatrixView<T> db) const {
  check_shape("x", x.rows, x.cols, x.rows, head_dim_);
  check_shape("dout", dout.rows, dout.cols, x.rows, size_);
  check_shape("dx", dx.rows, dx.cols, x.rows, head_dim_);
  for (const auto& [name, view] : {std::pair{"da", da}, std::pair{"db", db}}) {
    if (view.data == nullptr) continue;
    if (degree_ != 2)
      fail(ErrorCode::kInvalidArgument,
           "sketch: only one of degree 2 has gradients of its matrices, got {} for degree {}", name,
           degree_);
    check_shape(name, view.rows, view.cols, head_dim_, size_);
  }
  const Index strip = std::min(kStrip, x.rows);
  Matrix<T> left(strip, size_), right;
  Matrix<T> x1, x2, dx1, dx2;  // of the lower nodes
  if (degree_ > 1) right = left;
  if (degree_ == 4) x1 = x2 = dx1 = dx2 = left;
  for (Index first = 0; first < x.rows; first += strip) {
    const Index count = std::min(strip, x.rows - first);
    const auto cut = [=](Matrix<T>& scratch) { return scratch.view().slice(0, count); };
    const auto rows = x.slice(first, count);
    const auto from = dout.slice(first, count);
    const auto to = dx.slice(first, count);
    if (matrices_.empty()) {
      for (Index i = 0; i < count; ++i)
        std::ranges::transform(from.row(i), to.row(i), to.row(i).begin(), std::plus<T>());
    } else if (degree_ == 1) {
      scale(from, scale_of(matrices_[0]), cut(left));
      add_product_by_transposed(cut(left), matrices_[0], to, kSerial);
    } else if (degree_ == 2) {
      node(matrices_, 0).backward(rows, rows, from, to, to, da, db, cut(left), cut(right));
    } else {
      node(matrices_, 0).apply(rows, rows, cut(x1), cut(right));
      node(matrices_, 1).apply(rows, rows, cut(x2), cut(right));
      std::ranges::fill(dx1.storage, T{0});
      std::ranges::fill(dx2.storage, T{0});
      node(matrices_, 2)
          .backward(cut(x1), cut(x2), from, cut(dx1), cut(dx2), {}, {}, cut(left), cut(right));
      node(matrices_, 0).backward(rows, rows, cut(dx1), to, to, {}, {}, cut(left), cut(right));
      node(matrices_, 1).backward(rows, rows, cut(dx2), to, to, {}, {}, cut(left), cut(right));
    }
  }
}

template class PolynomialSketch<float>;
template class PolynomialSketch<double>;

}  // namespace prodigest::attention
