#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attention/weighted_mean.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "attention/weighted_mean.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::attention::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// body(d, j) for columns j, j + 1, ...: whole vectors, then one column at a time.
template <class T, class Body>
HWY_INLINE void ForColumns(Index cols, const Body& body) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  Index j = 0;
  for (; j + lanes <= cols; j += lanes) body(d, j);
  for (; j < cols; ++j) body(hn::CappedTag<T, 1>(), j);
}

template <class T>
HWY_INLINE T Inverse(T total) {
  return total == 0 ? T{0} : 1 / total;
}

template <class T>
HWY_INLINE void Divide(MatrixView<T> sums, const T* totals) {
  for (Index i = 0; i < sums.rows; ++i) {
    T* const row = sums.row_data(i);
    ForColumns<T>(sums.cols, [&, inverse = Inverse(totals[i])](auto d, Index j) HWY_ATTR {
      hn::StoreU(hn::Mul(hn::LoadU(d, row + j), hn::Set(d, inverse)), d, row + j);
    });
  }
}

template <class T>
HWY_INLINE void Backward(MatrixView<const T> means, MatrixView<const T> dmeans, const T* totals,
                         MatrixView<T> dsums, T* dtotals) {
  const hn::ScalableTag<T> whole;
  for (Index i = 0; i < means.rows; ++i) {
    const T* const mean = means.row_data(i);
    const T* const from = dmeans.row_data(i);
    T* const to = dsums.row_data(i);
    auto along = hn::Zero(whole);
    T rest = 0;
    ForColumns<T>(means.cols, [&, inverse = Inverse(totals[i])](auto d, Index j) HWY_ATTR {
      const auto g = hn::Mul(hn::LoadU(d, from + j), hn::Set(d, inverse));
      const auto m = hn::LoadU(d, mean + j);
      if constexpr (std::is_same_v<decltype(d), hn::CappedTag<T, 1>>)
        rest += hn::GetLane(hn::Mul(g, m));
      else
        along = hn::MulAdd(g, m, along);
      hn::StoreU(g, d, to + j);
    });
    dtotals[i] = -(hn::GetLane(hn::SumOfLanes(whole, along)) + rest);
  }
}

void DivideFloat(MatrixView<float> sums, const float* totals) { Divide(sums, totals); }
void DivideDouble(MatrixView<double> sums, const double* totals) { Divide(sums, totals); }
void BackwardFloat(MatrixView<const float> means, MatrixView<const float> dmeans,
                   const float* totals, MatrixView<float> dsums, float* dtotals) {
  Backward(means, dmeans, totals, dsums, dtotals);
}
void BackwardDouble(MatrixView<const double> means, MatrixView<const double> dmeans,
                    const double* totals, MatrixView<double> dsums, double* dtotals) {
  Backward(means, dmeans, totals, dsums, dtotals);
}

}  // namespace prodigest::attention::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::attention {
HWY_EXPORT(DivideFloat);
HWY_EXPORT(DivideDouble);
HWY_EXPORT(BackwardFloat);
HWY_EXPORT(BackwardDouble);

void divide_by_totals(MatrixView<float> sums, std::span<const float> totals) {
  HWY_DYNAMIC_DISPATCH(DivideFloat)(sums, totals.data());
}
void divide_by_totals(MatrixView<double> sums, std::span<const double> totals) {
  HWY_DYNAMIC_DISPATCH(DivideDouble)(sums, totals.data());
}
void divide_by_totals_backward(MatrixView<const float> means, MatrixView<const float> dmeans,
                               std::span<const float> totals, MatrixView<float> dsums,
                               std::span<float> dtotals) {
  HWY_DYNAMIC_DISPATCH(BackwardFloat)(means, dmeans, totals.data(), dsums, dtotals.data());
}
void divide_by_totals_backward(MatrixView<const double> means, MatrixView<const double> dmeans,
                               std::span<const double> totals, MatrixView<double> dsums,
                               std::span<double> dtotals) {
  HWY_DYNAMIC_DISPATCH(BackwardDouble)(means, dmeans, totals.data(), dsums, dtotals.data());
}

}  // namespace prodigest::attention
#endif  // HWY_ONCE
