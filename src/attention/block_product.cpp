#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attention/block_product.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>

#include "attention/block_product.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using attention::BlockFactor;
using attention::Into;

constexpr int kTileRows = 6;
// So many vectors wide that the sums of a tile fill the registers.
constexpr int kTileVectors = HWY_TARGET == HWY_AVX3 ? 4 : 2;

// Up to four vectors of one row of the result. Named, not an array: g++ 12 spills arrays of
// vectors.
template <class D, int kVectors, bool kMasked>
struct Sums {
  using T = hn::TFromD<D>;
  using V = hn::Vec<D>;
  V v0, v1, v2, v3;

  HWY_INLINE static V LoadOne(D d, const T* from, size_t count) {
    if constexpr (kMasked) return hn::MaskedLoad(hn::FirstN(d, count), d, from);
    return hn::LoadU(d, from);
  }
  HWY_INLINE void Load(D d, const T* from, size_t count) {
    const size_t lanes = hn::Lanes(d);
    v0 = LoadOne(d, from, count);
    if constexpr (kVectors > 1) v1 = hn::LoadU(d, from + lanes);
    if constexpr (kVectors > 2) v2 = hn::LoadU(d, from + 2 * lanes);
    if constexpr (kVectors > 3) v3 = hn::LoadU(d, from + 3 * lanes);
  }
  HWY_INLINE void Clear(D d) {
    v0 = hn::Zero(d);
    if constexpr (kVectors > 1) v1 = hn::Zero(d);
    if constexpr (kVectors > 2) v2 = hn::Zero(d);
    if constexpr (kVectors > 3) v3 = hn::Zero(d);
  }
  HWY_INLINE void Add(V a, const Sums& b) {
    v0 = hn::MulAdd(a, b.v0, v0);
    if constexpr (kVectors > 1) v1 = hn::MulAdd(a, b.v1, v1);
    if constexpr (kVectors > 2) v2 = hn::MulAdd(a, b.v2, v2);
    if constexpr (kVectors > 3) v3 = hn::MulAdd(a, b.v3, v3);
  }
  HWY_INLINE void Store(D d, T* to, size_t count) const {
    const size_t lanes = hn::Lanes(d);
    if constexpr (kMasked)
      hn::BlendedStore(v0, hn::FirstN(d, count), d, to);
    else
      hn::StoreU(v0, d, to);
    if constexpr (kVectors > 1) hn::StoreU(v1, d, to + lanes);
    if constexpr (kVectors > 2) hn::StoreU(v2, d, to + 2 * lanes);
    if constexpr (kVectors > 3) hn::StoreU(v3, d, to + 3 * lanes);
  }
};

// kRows x kVectors vectors of the result; masked: one vector of `count` columns.
template <int kRows, int kVectors, bool kMasked, class D, class T = hn::TFromD<D>>
HWY_NOINLINE void Tile(D d, BlockFactor<T> a, const T* b, Index b_stride, Index inner, T* out,
                       Index out_stride, size_t count, Into into) {
  using Row = Sums<D, kVectors, kMasked>;
  Row r0, r1, r2, r3, r4, r5;
  const auto each = [&](auto&& call) HWY_ATTR {
    call(r0, 0);
    if constexpr (kRows > 1) call(r1, 1);
    if constexpr (kRows > 2) call(r2, 2);
    if constexpr (kRows > 3) call(r3, 3);
    if constexpr (kRows > 4) call(r4, 4);
    if constexpr (kRows > 5) call(r5, 5);
  };
  if (into == Into::kAdd)
    each([&](Row& row, Index i) HWY_ATTR { row.Load(d, out + i * out_stride, count); });
  else
    each([&](Row& row, Index) HWY_ATTR { row.Clear(d); });
  for (Index k = 0; k < inner; ++k) {
    Row right;
    right.Load(d, b + k * b_stride, count);
    const T* const left = a.data + k * a.inner_step;
    each([&](Row& row, Index i) HWY_ATTR { row.Add(hn::Set(d, left[i * a.row_step]), right); });
  }
  each([&](Row& row, Index i) HWY_ATTR { row.Store(d, out + i * out_stride, count); });
}

template <int kVectors, bool kMasked, class D, class T = hn::TFromD<D>>
void Columns(D d, BlockFactor<T> a, const T* b, Index b_stride, Index inner, MatrixView<T> out,
             size_t count, Into into) {
  Index i = 0;
  const auto tile = [&](auto rows) HWY_ATTR {
    Tile<rows(), kVectors, kMasked>(d, {a.data + i * a.row_step, a.row_step, a.inner_step}, b,
                                    b_stride, inner, out.row_data(i), out.row_stride, count, into);
    i += rows();
  };
  while (i + kTileRows <= out.rows) tile(std::integral_constant<int, kTileRows>());
  if (i + 4 <= out.rows) tile(std::integral_constant<int, 4>());
  if (i + 2 <= out.rows) tile(std::integral_constant<int, 2>());
  if (i < out.rows) tile(std::integral_constant<int, 1>());
}

template <class T>
void Product(BlockFactor<T> a, MatrixView<const T> b, MatrixView<T> out, Into into) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  Index j = 0;
  const auto columns = [&](auto vectors) HWY_ATTR {
    Columns<vectors(), false>(d, a, b.data + j, b.row_stride, b.rows,
                              MatrixView<T>(out.data + j, out.rows, out.cols, out.row_stride), 0,
                              into);
    j += vectors() * lanes;
  };
  while (j + kTileVectors * lanes <= out.cols) columns(std::integral_constant<int, kTileVectors>());
  if (kTileVectors > 2 && j + 2 * lanes <= out.cols) columns(std::integral_constant<int, 2>());
  if (j + lanes <= out.cols) columns(std::integral_constant<int, 1>());
  if (j < out.cols)
    Columns<1, true>(d, a, b.data + j, b.row_stride, b.rows,
                     MatrixView<T>(out.data + j, out.rows, out.cols, out.row_stride),
                     static_cast<size_t>(out.cols - j), into);
}

void FloatProduct(BlockFactor<float> a, MatrixView<const float> b, MatrixView<float> out,
                  Into into) {
  Product(a, b, out, into);
}
void DoubleProduct(BlockFactor<double> a, MatrixView<const double> b, MatrixView<double> out,
                   Into into) {
  Product(a, b, out, into);
}

}  // namespace prodigest::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest {
HWY_EXPORT(FloatProduct);
HWY_EXPORT(DoubleProduct);

namespace attention {
void multiply_block(BlockFactor<float> a, MatrixView<const float> b, MatrixView<float> out,
                    Into into) {
  HWY_DYNAMIC_DISPATCH(FloatProduct)(a, b, out, into);
}
void multiply_block(BlockFactor<double> a, MatrixView<const double> b, MatrixView<double> out,
                    Into into) {
  HWY_DYNAMIC_DISPATCH(DoubleProduct)(a, b, out, into);
}
}  // namespace attention

}  // namespace prodigest
#endif  // HWY_ONCE
