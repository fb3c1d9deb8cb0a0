#include "core/gemm.hpp"

#include <cblas.h>

#include <mutex>

#include "core/parallel.hpp"

namespace prodigest {
namespace {

// OpenBLAS has one thread setting for the whole process: held at one while any of our calls runs,
// then given back as the user had it.
class OneBlasThread {
 public:
  OneBlasThread() {
    const std::scoped_lock lock(mutex_);
    if (callers_++ == 0) {
      before_ = openblas_get_num_threads();
      openblas_set_num_threads(1);
    }
  }
  ~OneBlasThread() {
    const std::scoped_lock lock(mutex_);
    if (--callers_ == 0) openblas_set_num_threads(before_);
  }
  OneBlasThread(const OneBlasThread&) = delete;
  OneBlasThread& operator=(const OneBlasThread&) = delete;

 private:
  static inline std::mutex mutex_;
  static inline int callers_ = 0;
  static inline int before_ = 1;
};

constexpr Index kStrip = 256;  // rows of the result that one call of BLAS makes

blasint blas(Index n) { return static_cast<blasint>(n); }

auto gemm_of(float) { return cblas_sgemm; }
auto gemm_of(double) { return cblas_dgemm; }

template <Real T>
struct Factor {
  MatrixView<const T> matrix;
  bool transposed = false;

  CBLAS_TRANSPOSE order() const { return transposed ? CblasTrans : CblasNoTrans; }
  blasint stride() const { return blas(std::max<Index>(1, matrix.row_stride)); }
  const T* from_row(Index first) const {  // of the factor, transposed or not
    return transposed ? matrix.data + first : matrix.row_data(first);
  }
};

// out = a b + keep * out, where a has `inner` columns
template <Real T>
void product(Factor<T> a, Factor<T> b, Index inner, T keep, MatrixView<T> out,
             const Context& context) {
  if (out.rows == 0 || out.cols == 0) return;
  const OneBlasThread one;
  parallel_blocks(context, out.rows, kStrip, [&](Index first, Index count) {
    gemm_of(T{})(CblasRowMajor, a.order(), b.order(), blas(count), blas(out.cols), blas(inner),
                 T{1}, a.from_row(first), a.stride(), b.matrix.data, b.stride(), keep,
                 out.row_data(first), blas(out.row_stride));
  });
}

}  // namespace

void multiply_transposed(MatrixView<const double> a, MatrixView<const double> b,
                         MatrixView<double> out, const Context& context) {
  product<double>({a, true}, {b}, a.rows, 0, out, context);
}
void multiply_transposed(MatrixView<const float> a, MatrixView<const float> b,
                         MatrixView<float> out, const Context& context) {
  product<float>({a, true}, {b}, a.rows, 0, out, context);
}

void add_transposed_product(MatrixView<const double> a, MatrixView<const double> b,
                            MatrixView<double> out, const Context& context) {
  product<double>({a, true}, {b}, a.rows, 1, out, context);
}
void add_transposed_product(MatrixView<const float> a, MatrixView<const float> b,
                            MatrixView<float> out, const Context& context) {
  product<float>({a, true}, {b}, a.rows, 1, out, context);
}

void multiply(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> out,
              const Context& context) {
  product<double>({a}, {b}, a.cols, 0, out, context);
}
void multiply(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> out,
              const Context& context) {
  product<float>({a}, {b}, a.cols, 0, out, context);
}

void add_product_by_transposed(MatrixView<const double> a, MatrixView<const double> b,
                               MatrixView<double> out, const Context& context) {
  product<double>({a}, {b, true}, a.cols, 1, out, context);
}
void add_product_by_transposed(MatrixView<const float> a, MatrixView<const float> b,
                               MatrixView<float> out, const Context& context) {
  product<float>({a}, {b, true}, a.cols, 1, out, context);
}

}  // namespace prodigest
