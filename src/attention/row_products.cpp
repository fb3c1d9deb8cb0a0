#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attention/row_products.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "attention/row_products.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::attention::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Four rows at a time, whose sums do not wait for each other.
template <class T>
HWY_INLINE void MultiplyRows(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> out) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  const auto sum = [&](auto v) HWY_ATTR { return hn::GetLane(hn::SumOfLanes(d, v)); };
  for (Index j = 0; j < b.rows; ++j) {
    const T* const y = b.row_data(j);
    Index i = 0;
    for (; i + 4 <= a.rows; i += 4) {
      const T* const x = a.row_data(i);
      auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
      for (Index k = 0; k < a.cols; k += lanes) {
        const auto right = hn::Load(d, y + k);
        s0 = hn::MulAdd(hn::Load(d, x + k), right, s0);
        s1 = hn::MulAdd(hn::Load(d, x + k + a.row_stride), right, s1);
        s2 = hn::MulAdd(hn::Load(d, x + k + 2 * a.row_stride), right, s2);
        s3 = hn::MulAdd(hn::Load(d, x + k + 3 * a.row_stride), right, s3);
      }
      out(i, j) = sum(s0);
      out(i + 1, j) = sum(s1);
      out(i + 2, j) = sum(s2);
      out(i + 3, j) = sum(s3);
    }
    for (; i < a.rows; ++i) {
      auto s = hn::Zero(d);
      for (Index k = 0; k < a.cols; k += lanes)
        s = hn::MulAdd(hn::Load(d, a.row_data(i) + k), hn::Load(d, y + k), s);
      out(i, j) = sum(s);
    }
  }
}

void FloatRows(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> out) {
  MultiplyRows(a, b, out);
}
void DoubleRows(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> out) {
  MultiplyRows(a, b, out);
}

}  // namespace prodigest::attention::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::attention {
HWY_EXPORT(FloatRows);
HWY_EXPORT(DoubleRows);

void multiply_rows(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> out) {
  HWY_DYNAMIC_DISPATCH(FloatRows)(a, b, out);
}
void multiply_rows(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> out) {
  HWY_DYNAMIC_DISPATCH(DoubleRows)(a, b, out);
}

}  // namespace prodigest::attention
#endif  // HWY_ONCE
