#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernel/listed_rows.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "kernel/listed_rows.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::kernel::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

// out[i] = sum of what add(row, other, sum) makes of the coordinates of a row and `other`. Four rows
// at a time, whose sums do not wait for each other.
template <class Add>
HWY_INLINE void SumRows(MatrixView<const float> rows, const std::int32_t* HWY_RESTRICT list,
                        Index count, const float* HWY_RESTRICT other, float* HWY_RESTRICT out,
                        const Add& add) {
  const D d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  const auto total = [&](V v) HWY_ATTR { return hn::GetLane(hn::SumOfLanes(d, v)); };
  Index i = 0;
  for (; i + 4 <= count; i += 4) {
    const float* const r0 = rows.row_data(list[i]);
    const float* const r1 = rows.row_data(list[i + 1]);
    const float* const r2 = rows.row_data(list[i + 2]);
    const float* const r3 = rows.row_data(list[i + 3]);
    V s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
    for (Index c = 0; c < rows.row_stride; c += lanes) {
      const V x = hn::LoadU(d, other + c);
      s0 = add(hn::Load(d, r0 + c), x, s0);
      s1 = add(hn::Load(d, r1 + c), x, s1);
      s2 = add(hn::Load(d, r2 + c), x, s2);
      s3 = add(hn::Load(d, r3 + c), x, s3);
    }
    out[i] = total(s0);
    out[i + 1] = total(s1);
    out[i + 2] = total(s2);
    out[i + 3] = total(s3);
  }
  for (; i < count; ++i) {
    V s = hn::Zero(d);
    for (Index c = 0; c < rows.row_stride; c += lanes)
      s = add(hn::Load(d, rows.row_data(list[i]) + c), hn::LoadU(d, other + c), s);
    out[i] = total(s);
  }
}

void Multiply(MatrixView<const float> rows, const std::int32_t* list, Index count,
              const float* direction, float* products) {
  SumRows(rows, list, count, direction, products,
          [](V x, V y, V sum) HWY_ATTR { return hn::MulAdd(x, y, sum); });
}

void SquareDistances(MatrixView<const float> rows, const std::int32_t* list, Index count,
                     const float* point, float* distances) {
  SumRows(rows, list, count, point, distances, [](V x, V y, V sum) HWY_ATTR {
    const V apart = hn::Sub(x, y);
    return hn::MulAdd(apart, apart, sum);
  });
}

void Sum(MatrixView<const float> rows, const std::int32_t* HWY_RESTRICT list, Index count,
         float* HWY_RESTRICT sum) {
  const D d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  for (Index c = 0; c < rows.row_stride; c += lanes) {
    V s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
    Index i = 0;
    for (; i + 4 <= count; i += 4) {
      s0 = hn::Add(s0, hn::Load(d, rows.row_data(list[i]) + c));
      s1 = hn::Add(s1, hn::Load(d, rows.row_data(list[i + 1]) + c));
      s2 = hn::Add(s2, hn::Load(d, rows.row_data(list[i + 2]) + c));
      s3 = hn::Add(s3, hn::Load(d, rows.row_data(list[i + 3]) + c));
    }
    for (; i < count; ++i) s0 = hn::Add(s0, hn::Load(d, rows.row_data(list[i]) + c));
    hn::StoreU(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)), d, sum + c);
  }
}

}  // namespace prodigest::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::kernel {
HWY_EXPORT(Multiply);
HWY_EXPORT(SquareDistances);
HWY_EXPORT(Sum);

void multiply_listed_rows(MatrixView<const float> rows, RowList list, const float* direction,
                          float* products) {
  HWY_DYNAMIC_DISPATCH(Multiply)(rows, list.data(), std::ssize(list), direction, products);
}

void square_distances_of_listed_rows(MatrixView<const float> rows, RowList list, const float* point,
                            float* distances) {
  HWY_DYNAMIC_DISPATCH(SquareDistances)
  (rows, list.data(), std::ssize(list), point, distances);
}

void sum_listed_rows(MatrixView<const float> rows, RowList list, float* sum) {
  HWY_DYNAMIC_DISPATCH(Sum)(rows, list.data(), std::ssize(list), sum);
}

}  // namespace prodigest::kernel
#endif  // HWY_ONCE
