#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attention/normalize.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <cmath>

#include "attention/normalize.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::attention::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// As LoadU, and not called so, lest hn's own be taken for it.
template <class D>
HWY_INLINE hn::Vec<D> Numbers(D d, const hn::TFromD<D>* from) {
  return hn::LoadU(d, from);
}
template <class D>
HWY_INLINE hn::Vec<D> Numbers(D d, const BFloat16* from) {
  const hn::RebindToUnsigned<D> words;
  const hn::Rebind<std::uint16_t, D> halves;
  const auto bits = hn::LoadU(halves, reinterpret_cast<const std::uint16_t*>(from));
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(words, bits)));
}

// body(d, j) for columns j, j + 1, ...: whole vectors, then one column at a time.
template <class T, class Body>
HWY_INLINE void ForColumns(std::size_t cols, const Body& body) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t j = 0;
  for (; j + lanes <= cols; j += lanes) body(d, j);
  for (; j < cols; ++j) body(hn::CappedTag<T, 1>(), j);
}

// The mean over the columns of term(d, j).
template <class T, class Term>
HWY_INLINE T MeanOf(std::size_t cols, const Term& term) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  auto sums = hn::Zero(d);
  std::size_t j = 0;
  for (; j + lanes <= cols; j += lanes) sums = hn::Add(sums, term(d, j));
  T sum = hn::GetLane(hn::SumOfLanes(d, sums));
  for (; j < cols; ++j) sum += hn::GetLane(term(hn::CappedTag<T, 1>(), j));
  return sum / static_cast<T>(cols);
}

template <class T>
struct Moments {
  T centre, inverse;  // 1 / the deviation from it
};

template <class T, class In>
HWY_INLINE Moments<T> MomentsOf(Normalization norm, const In* HWY_RESTRICT x, std::size_t cols) {
  T centre = 0;
  if (norm == Normalization::kLayer) {
    // Against the first number, so that the differences of equal ones are 0 and not a rounding.
    const T first = hn::GetLane(Numbers(hn::CappedTag<T, 1>(), x));
    centre = first + MeanOf<T>(cols, [&](auto d, std::size_t j) {
               return hn::Sub(Numbers(d, x + j), hn::Set(d, first));
             });
  }
  const T variance = MeanOf<T>(cols, [&](auto d, std::size_t j) {
    const auto c = hn::Sub(Numbers(d, x + j), hn::Set(d, centre));
    return hn::Mul(c, c);
  });
  return {centre, 1 / std::sqrt(variance + static_cast<T>(1e-6))};
}

template <class T, class In>
HWY_INLINE bool Normalize(RowNorm how, MatrixView<const In> x, MatrixView<T> out) {
  const auto factor = static_cast<T>(how.factor);
  const auto cols = static_cast<std::size_t>(x.cols);
  if (cols == 0) return true;
  bool finite = true;
  for (Index i = 0; i < x.rows; ++i) {
    const In* const from = x.row_data(i);
    T* const to = out.row_data(i);
    Moments<T> m{0, 1};
    if (how.norm != Normalization::kNone) m = MomentsOf<T>(how.norm, from, cols);
    ForColumns<T>(cols, [&, scale = factor * m.inverse](auto d, std::size_t j) {
      const auto c = hn::Sub(Numbers(d, from + j), hn::Set(d, m.centre));
      const auto y = hn::Mul(c, hn::Set(d, scale));
      finite &= hn::AllTrue(d, hn::IsFinite(y));
      hn::StoreU(y, d, to + j);
    });
  }
  return finite;
}

// With c = (x - m), s² = v + 1e-6: dx = factor / s (dout - mean(dout) - c mean(dout c) / s²), where
// kRms has m = 0 and no mean(dout).
template <class T, class In>
HWY_INLINE void NormalizeBackward(RowNorm how, MatrixView<const In> x, MatrixView<const T> dout,
                                  MatrixView<T> dx) {
  const auto factor = static_cast<T>(how.factor);
  const auto cols = static_cast<std::size_t>(x.cols);
  if (cols == 0) return;
  for (Index i = 0; i < x.rows; ++i) {
    const In* const at = x.row_data(i);
    const T* const from = dout.row_data(i);
    T* const to = dx.row_data(i);
    Moments<T> m{0, 1};
    T mean = 0, along = 0;
    if (how.norm != Normalization::kNone) {
      m = MomentsOf<T>(how.norm, at, cols);
      along = m.inverse * m.inverse * MeanOf<T>(cols, [&](auto d, std::size_t j) {
                const auto c = hn::Sub(Numbers(d, at + j), hn::Set(d, m.centre));
                return hn::Mul(Numbers(d, from + j), c);
              });
    }
    if (how.norm == Normalization::kLayer)
      mean = MeanOf<T>(cols, [&](auto d, std::size_t j) { return Numbers(d, from + j); });
    ForColumns<T>(cols, [&, scale = factor * m.inverse](auto d, std::size_t j) {
      const auto c = hn::Sub(Numbers(d, at + j), hn::Set(d, m.centre));
      const auto g = hn::Sub(Numbers(d, from + j), hn::Set(d, mean));
      hn::StoreU(hn::Mul(hn::Set(d, scale), hn::NegMulAdd(c, hn::Set(d, along), g)), d, to + j);
    });
  }
}

bool NormalizeFloat(RowNorm how, MatrixView<const float> x, MatrixView<float> out) {
  return Normalize<float>(how, x, out);
}
bool NormalizeBFloat16(RowNorm how, MatrixView<const BFloat16> x, MatrixView<float> out) {
  return Normalize<float>(how, x, out);
}
bool NormalizeDouble(RowNorm how, MatrixView<const double> x, MatrixView<double> out) {
  return Normalize<double>(how, x, out);
}
void BackwardFloat(RowNorm how, MatrixView<const float> x, MatrixView<const float> dout,
                   MatrixView<float> dx) {
  NormalizeBackward<float>(how, x, dout, dx);
}
void BackwardBFloat16(RowNorm how, MatrixView<const BFloat16> x, MatrixView<const float> dout,
                      MatrixView<float> dx) {
  NormalizeBackward<float>(how, x, dout, dx);
}
void BackwardDouble(RowNorm how, MatrixView<const double> x, MatrixView<const double> dout,
                    MatrixView<double> dx) {
  NormalizeBackward<double>(how, x, dout, dx);
}

}  // namespace prodigest::attention::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::attention {
HWY_EXPORT(NormalizeFloat);
HWY_EXPORT(NormalizeBFloat16);
HWY_EXPORT(NormalizeDouble);
HWY_EXPORT(BackwardFloat);
HWY_EXPORT(BackwardBFloat16);
HWY_EXPORT(BackwardDouble);

RowNorm row_norm(const AttentionSpec& spec, Index head_dim) {
  const double scale = spec.scale > 0 ? spec.scale : 1 / std::sqrt(static_cast<double>(head_dim));
  return {spec.norm, std::sqrt(scale)};
}

bool normalize(RowNorm how, MatrixView<const float> x, MatrixView<float> out) {
  return HWY_DYNAMIC_DISPATCH(NormalizeFloat)(how, x, out);
}
bool normalize(RowNorm how, MatrixView<const BFloat16> x, MatrixView<float> out) {
  return HWY_DYNAMIC_DISPATCH(NormalizeBFloat16)(how, x, out);
}
bool normalize(RowNorm how, MatrixView<const double> x, MatrixView<double> out) {
  return HWY_DYNAMIC_DISPATCH(NormalizeDouble)(how, x, out);
}
void normalize_backward(RowNorm how, MatrixView<const float> x, MatrixView<const float> dout,
                        MatrixView<float> dx) {
  HWY_DYNAMIC_DISPATCH(BackwardFloat)(how, x, dout, dx);
}
void normalize_backward(RowNorm how, MatrixView<const BFloat16> x, MatrixView<const float> dout,
                        MatrixView<float> dx) {
  HWY_DYNAMIC_DISPATCH(BackwardBFloat16)(how, x, dout, dx);
}
void normalize_backward(RowNorm how, MatrixView<const double> x, MatrixView<const double> dout,
                        MatrixView<double> dx) {
  HWY_DYNAMIC_DISPATCH(BackwardDouble)(how, x, dout, dx);
}

}  // namespace prodigest::attention
#endif  // HWY_ONCE
