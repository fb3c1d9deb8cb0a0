#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attention/tile_weights.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "attention/exponential_inl.hpp"
#include "attention/tile_weights.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::attention::HWY_NAMESPACE {

// body(d, c) for every vector of columns that begins at column c.
template <class T, class Body>
HWY_INLINE void ForColumns(Index cols, const Body& body) {
  const hn::ScalableTag<T> d;
  for (Index c = 0; c < cols; c += static_cast<Index>(hn::Lanes(d))) body(d, c);
}

// Four at once, as each of them waits for the one before.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> Largest(D d, MatrixView<const T> scores, Index c, hn::Vec<D> m0) {
  auto m1 = m0, m2 = m0, m3 = m0;
  Index j = 0;
  for (; j + 4 <= scores.rows; j += 4) {
    m0 = hn::Max(m0, hn::Load(d, scores.row_data(j) + c));
    m1 = hn::Max(m1, hn::Load(d, scores.row_data(j + 1) + c));
    m2 = hn::Max(m2, hn::Load(d, scores.row_data(j + 2) + c));
    m3 = hn::Max(m3, hn::Load(d, scores.row_data(j + 3) + c));
  }
  for (; j < scores.rows; ++j) m0 = hn::Max(m0, hn::Load(d, scores.row_data(j) + c));
  return hn::Max(hn::Max(m0, m1), hn::Max(m2, m3));
}

template <class T>
void SoftmaxWeights(MatrixView<T> scores, WeightColumns<T> columns) {
  ForColumns<T>(scores.cols, [&](auto d, Index c) HWY_ATTR {
    const auto before = hn::Load(d, columns.largest + c);
    const auto now = Largest(d, MatrixView<const T>(scores), c, before);
    const auto shrink = Exponential(d, hn::Sub(before, now));
    auto sum = hn::Zero(d);
    for (Index j = 0; j < scores.rows; ++j) {
      T* const at = scores.row_data(j) + c;
      const auto weight = Exponential(d, hn::Sub(hn::Load(d, at), now));
      hn::Store(weight, d, at);
      sum = hn::Add(sum, weight);
    }
    hn::Store(now, d, columns.largest + c);
    hn::Store(shrink, d, columns.shrink + c);
    hn::Store(hn::MulAdd(hn::Load(d, columns.totals + c), shrink, sum), d, columns.totals + c);
  });
}

template <class T>
void SoftmaxGradients(MatrixView<T> scores, MatrixView<T> dweights, GradientColumns<T> columns) {
  ForColumns<T>(scores.cols, [&](auto d, Index c) HWY_ATTR {
    const auto log_total = hn::Load(d, columns.log_totals + c);
    const auto dtotal = hn::Load(d, columns.dtotals + c);
    for (Index j = 0; j < scores.rows; ++j) {
      T* const score = scores.row_data(j) + c;
      T* const dweight = dweights.row_data(j) + c;
      const auto weight = Exponential(d, hn::Sub(hn::Load(d, score), log_total));
      hn::Store(weight, d, score);
      hn::Store(hn::Mul(weight, hn::Add(hn::Load(d, dweight), dtotal)), d, dweight);
    }
  });
}

// x^(kDegree - 1) is all that a gradient needs, too.
template <int kDegree, class V>
HWY_INLINE V PowerBelow(V x) {
  if constexpr (kDegree == 2) {
    return x;
  } else {
    const V half = PowerBelow<kDegree / 2>(x);  // x^(kDegree / 2 - 1)
    return hn::Mul(hn::Mul(half, half), x);
  }
}

template <int kDegree, class T>
void PowerWeights(MatrixView<T> scores, WeightColumns<T> columns) {
  ForColumns<T>(scores.cols, [&](auto d, Index c) HWY_ATTR {
    auto sum = hn::Zero(d);
    for (Index j = 0; j < scores.rows; ++j) {
      T* const at = scores.row_data(j) + c;
      const auto score = hn::Load(d, at);
      const auto weight = hn::Mul(PowerBelow<kDegree>(score), score);
      hn::Store(weight, d, at);
      sum = hn::Add(sum, weight);
    }
    hn::Store(hn::Add(hn::Load(d, columns.totals + c), sum), d, columns.totals + c);
  });
}

template <int kDegree, class T>
void PowerGradients(MatrixView<T> scores, MatrixView<T> dweights, GradientColumns<T> columns) {
  ForColumns<T>(scores.cols, [&](auto d, Index c) HWY_ATTR {
    const auto dtotal = hn::Load(d, columns.dtotals + c);
    for (Index j = 0; j < scores.rows; ++j) {
      T* const score = scores.row_data(j) + c;
      T* const dweight = dweights.row_data(j) + c;
      const auto s = hn::Load(d, score);
      const auto below = PowerBelow<kDegree>(s);
      const auto slope = hn::Mul(hn::Set(d, static_cast<T>(kDegree)), below);
      hn::Store(hn::Mul(below, s), d, score);
      hn::Store(hn::Mul(slope, hn::Add(hn::Load(d, dweight), dtotal)), d, dweight);
    }
  });
}

template <class T>
void Weigh(int degree, MatrixView<T> scores, WeightColumns<T> columns) {
  if (degree == 0) return SoftmaxWeights(scores, columns);
  if (degree == 2) return PowerWeights<2>(scores, columns);
  if (degree == 4) return PowerWeights<4>(scores, columns);
  PowerWeights<8>(scores, columns);
}
void WeighFloat(int degree, MatrixView<float> scores, WeightColumns<float> columns) {
  Weigh(degree, scores, columns);
}
void WeighDouble(int degree, MatrixView<double> scores, WeightColumns<double> columns) {
  Weigh(degree, scores, columns);
}

template <class T>
void Differentiate(int degree, MatrixView<T> scores, MatrixView<T> dweights,
                   GradientColumns<T> columns) {
  if (degree == 0) return SoftmaxGradients(scores, dweights, columns);
  if (degree == 2) return PowerGradients<2>(scores, dweights, columns);
  if (degree == 4) return PowerGradients<4>(scores, dweights, columns);
  PowerGradients<8>(scores, dweights, columns);
}
void DifferentiateFloat(int degree, MatrixView<float> scores, MatrixView<float> dweights,
                        GradientColumns<float> columns) {
  Differentiate(degree, scores, dweights, columns);
}
void DifferentiateDouble(int degree, MatrixView<double> scores, MatrixView<double> dweights,
                         GradientColumns<double> columns) {
  Differentiate(degree, scores, dweights, columns);
}

template <class T>
void Exponentials(MatrixView<T> rows, const T* HWY_RESTRICT shifts, T most) {
  for (Index i = 0; i < rows.rows; ++i) {
    T* const row = rows.row_data(i);
    ForColumns<T>(rows.cols, [&, shift = shifts[i]](auto d, Index c) HWY_ATTR {
      const auto x = hn::Sub(hn::Load(d, row + c), hn::Set(d, shift));
      hn::Store(Exponential(d, hn::Min(x, hn::Set(d, most))), d, row + c);
    });
  }
}
void ExponentialsFloat(MatrixView<float> rows, const float* shifts, float most) {
  Exponentials(rows, shifts, most);
}
void ExponentialsDouble(MatrixView<double> rows, const double* shifts, double most) {
  Exponentials(rows, shifts, most);
}

}  // namespace prodigest::attention::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::attention {
HWY_EXPORT(WeighFloat);
HWY_EXPORT(WeighDouble);
HWY_EXPORT(DifferentiateFloat);
HWY_EXPORT(DifferentiateDouble);
HWY_EXPORT(ExponentialsFloat);
HWY_EXPORT(ExponentialsDouble);

void weigh(int degree, MatrixView<float> scores, WeightColumns<float> columns) {
  HWY_DYNAMIC_DISPATCH(WeighFloat)(degree, scores, columns);
}
void weigh(int degree, MatrixView<double> scores, WeightColumns<double> columns) {
  HWY_DYNAMIC_DISPATCH(WeighDouble)(degree, scores, columns);
}
void differentiate(int degree, MatrixView<float> scores, MatrixView<float> dweights,
                   GradientColumns<float> columns) {
  HWY_DYNAMIC_DISPATCH(DifferentiateFloat)(degree, scores, dweights, columns);
}
void differentiate(int degree, MatrixView<double> scores, MatrixView<double> dweights,
                   GradientColumns<double> columns) {
  HWY_DYNAMIC_DISPATCH(DifferentiateDouble)(degree, scores, dweights, columns);
}

void exponentials(MatrixView<float> rows, const float* shifts, float most) {
  HWY_DYNAMIC_DISPATCH(ExponentialsFloat)(rows, shifts, most);
}
void exponentials(MatrixView<double> rows, const double* shifts, double most) {
  HWY_DYNAMIC_DISPATCH(ExponentialsDouble)(rows, shifts, most);
}

}  // namespace prodigest::attention
#endif  // HWY_ONCE
