#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attention/power_weights.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>

#include "attention/power_weights.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::attention::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// s^(power - 1), from which weight and slope are one product away.
template <int kPower, class D, class V = hn::Vec<D>>
HWY_INLINE V LowerPower(D, V s) {
  if constexpr (kPower == 2) return s;
  const V square = hn::Mul(s, s);
  const V cube = hn::Mul(square, s);
  if constexpr (kPower == 4) return cube;
  if constexpr (kPower == 8) return hn::Mul(cube, hn::Mul(square, square));
}

// body(j, v -> v where row i sees, else 0) for the vectors of a row.
template <class D, class Body>
HWY_INLINE void ForVectors(D d, Index cols, Index sees, const Body& body) {
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  Index j = 0;
  for (; j + lanes <= sees; j += lanes) body(j, [](auto v) HWY_ATTR { return v; });
  if (j < sees) {
    const auto mask = hn::FirstN(d, static_cast<size_t>(sees - j));
    body(j, [&](auto v) HWY_ATTR { return hn::IfThenElseZero(mask, v); });
    j += lanes;
  }
  for (; j < cols; j += lanes) body(j, [&](auto) HWY_ATTR { return hn::Zero(d); });
}

HWY_INLINE Index Sees(const PowerWeights& how, Index row, Index cols) {
  return std::clamp<Index>(how.visible + row, 0, cols);
}

template <int kPower, class T>
HWY_INLINE void Forward(const PowerWeights& how, MatrixView<T> scores, T* HWY_RESTRICT totals) {
  const hn::ScalableTag<T> d;
  const auto gain = hn::Set(d, static_cast<T>(how.gain));
  for (Index i = 0; i < scores.rows; ++i) {
    T* const row = scores.row_data(i);
    auto sum = hn::Zero(d);
    ForVectors(d, scores.cols, Sees(how, i, scores.cols), [&](Index j, auto seen) HWY_ATTR {
      const auto s = hn::LoadU(d, row + j);
      const auto w = seen(hn::Mul(gain, hn::Mul(s, LowerPower<kPower>(d, s))));
      hn::StoreU(w, d, row + j);
      sum = hn::Add(sum, w);
    });
    totals[i] += hn::GetLane(hn::SumOfLanes(d, sum));
  }
}

template <int kPower, class T>
HWY_INLINE double Backward(const PowerWeights& how, MatrixView<T> scores, MatrixView<T> dweights,
                           const T* HWY_RESTRICT h) {
  const hn::ScalableTag<T> d;
  const auto gain = hn::Set(d, static_cast<T>(how.gain));
  double dgain = 0;
  for (Index i = 0; i < scores.rows; ++i) {
    T* const row = scores.row_data(i);
    T* const drow = dweights.row_data(i);
    const auto more = hn::Set(d, h[i]);
    auto sum = hn::Zero(d);
    ForVectors(d, scores.cols, Sees(how, i, scores.cols), [&](Index j, auto seen) HWY_ATTR {
      const auto s = hn::LoadU(d, row + j);
      const auto lower = seen(LowerPower<kPower>(d, s));
      const auto dw = hn::Add(hn::LoadU(d, drow + j), more);
      const auto power = hn::Mul(s, lower);
      sum = hn::MulAdd(power, dw, sum);
      const auto slope = hn::Mul(hn::Mul(gain, hn::Set(d, T{kPower})), lower);
      hn::StoreU(hn::Mul(slope, dw), d, row + j);
      hn::StoreU(hn::Mul(gain, power), d, drow + j);
    });
    dgain += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sum)));
  }
  return dgain;
}

template <class T>
HWY_INLINE void ForwardOf(const PowerWeights& how, MatrixView<T> scores, T* totals) {
  if (how.power == 2) return Forward<2>(how, scores, totals);
  if (how.power == 4) return Forward<4>(how, scores, totals);
  Forward<8>(how, scores, totals);
}
template <class T>
HWY_INLINE double BackwardOf(const PowerWeights& how, MatrixView<T> scores, MatrixView<T> dweights,
                             const T* h) {
  if (how.power == 2) return Backward<2>(how, scores, dweights, h);
  if (how.power == 4) return Backward<4>(how, scores, dweights, h);
  return Backward<8>(how, scores, dweights, h);
}

void ForwardFloat(const PowerWeights& how, MatrixView<float> scores, float* totals) {
  ForwardOf(how, scores, totals);
}
void ForwardDouble(const PowerWeights& how, MatrixView<double> scores, double* totals) {
  ForwardOf(how, scores, totals);
}
double BackwardFloat(const PowerWeights& how, MatrixView<float> scores, MatrixView<float> dweights,
                     const float* h) {
  return BackwardOf(how, scores, dweights, h);
}
double BackwardDouble(const PowerWeights& how, MatrixView<double> scores,
                      MatrixView<double> dweights, const double* h) {
  return BackwardOf(how, scores, dweights, h);
}

}  // namespace prodigest::attention::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::attention {
HWY_EXPORT(ForwardFloat);
HWY_EXPORT(ForwardDouble);
HWY_EXPORT(BackwardFloat);
HWY_EXPORT(BackwardDouble);

void weights_of_scores(const PowerWeights& how, MatrixView<float> scores, std::span<float> totals) {
  HWY_DYNAMIC_DISPATCH(ForwardFloat)(how, scores, totals.data());
}
void weights_of_scores(const PowerWeights& how, MatrixView<double> scores,
                       std::span<double> totals) {
  HWY_DYNAMIC_DISPATCH(ForwardDouble)(how, scores, totals.data());
}
double weights_backward(const PowerWeights& how, MatrixView<float> scores,
                        MatrixView<float> dweights, std::span<const float> h) {
  return HWY_DYNAMIC_DISPATCH(BackwardFloat)(how, scores, dweights, h.data());
}
double weights_backward(const PowerWeights& how, MatrixView<double> scores,
                        MatrixView<double> dweights, std::span<const double> h) {
  return HWY_DYNAMIC_DISPATCH(BackwardDouble)(how, scores, dweights, h.data());
}

}  // namespace prodigest::attention
#endif  // HWY_ONCE
