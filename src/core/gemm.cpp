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

// out = aᵀ b + keep * out
void transposed_product(MatrixView<const double> a, MatrixView<const double> b, double keep,
                        MatrixView<double> out, const Context& context) {
  if (out.rows == 0 || out.cols == 0) return;
  const OneBlasThread one;
  parallel_blocks(context, out.rows, kStrip, [&](Index first, Index count) {
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, blas(count), blas(out.cols), blas(a.rows),
                1.0, a.data + first, blas(std::max<Index>(1, a.row_stride)), b.data,
                blas(std::max<Index>(1, b.row_stride)), keep, out.row_data(first), blas(out.row_stride));
  });
}

}  // namespace

void multiply_transposed(MatrixView<const double> a, MatrixView<const double> b,
                         MatrixView<double> out, const Context& context) {
  transposed_product(a, b, 0.0, out, context);
}

void add_transposed_product(MatrixView<const double> a, MatrixView<const double> b,
                            MatrixView<double> out, const Context& context) {
  transposed_product(a, b, 1.0, out, context);
}

void multiply(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> out,
              const Context& context) {
  if (out.rows == 0 || out.cols == 0) return;
  const OneBlasThread one;
  parallel_blocks(context, out.rows, kStrip, [&](Index first, Index count) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, blas(count), blas(out.cols), blas(a.cols),
                1.0, a.row_data(first), blas(std::max<Index>(1, a.row_stride)), b.data,
                blas(std::max<Index>(1, b.row_stride)), 0.0, out.row_data(first), blas(out.row_stride));
  });
}

}  // namespace prodigest
