#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernel/listed_rows.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "kernel/listed_rows.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::kernel::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Four rows at a time, whose sums do not wait for each other.
void MultiplyListedRows(MatrixView<const float> rows, const std::int32_t* HWY_RESTRICT list,
                        Index count, const float* HWY_RESTRICT direction,
                        float* HWY_RESTRICT products) {
  const hn::CappedTag<float, 16> d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  const auto sum = [&](auto v) HWY_ATTR { return hn::GetLane(hn::SumOfLanes(d, v)); };
  Index i = 0;
  for (; i + 4 <= count; i += 4) {
    const float* const r0 = rows.row_data(list[i]);
    const float* const r1 = rows.row_data(list[i + 1]);
    const float* const r2 = rows.row_data(list[i + 2]);
    const float* const r3 = rows.row_data(list[i + 3]);
    auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
    for (Index c = 0; c < rows.row_stride; c += lanes) {
      const auto right = hn::LoadU(d, direction + c);
      s0 = hn::MulAdd(hn::Load(d, r0 + c), right, s0);
      s1 = hn::MulAdd(hn::Load(d, r1 + c), right, s1);
      s2 = hn::MulAdd(hn::Load(d, r2 + c), right, s2);
      s3 = hn::MulAdd(hn::Load(d, r3 + c), right, s3);
    }
    products[i] = sum(s0);
    products[i + 1] = sum(s1);
    products[i + 2] = sum(s2);
    products[i + 3] = sum(s3);
  }
  for (; i < count; ++i) {
    auto s = hn::Zero(d);
    for (Index c = 0; c < rows.row_stride; c += lanes)
      s = hn::MulAdd(hn::Load(d, rows.row_data(list[i]) + c), hn::LoadU(d, direction + c), s);
    products[i] = sum(s);
  }
}

void SumListedRows(MatrixView<const float> rows, const std::int32_t* HWY_RESTRICT list, Index count,
                   float* HWY_RESTRICT total) {
  const hn::CappedTag<float, 16> d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  for (Index c = 0; c < rows.row_stride; c += lanes) {
    auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
    Index i = 0;
    for (; i + 4 <= count; i += 4) {
      s0 = hn::Add(s0, hn::Load(d, rows.row_data(list[i]) + c));
      s1 = hn::Add(s1, hn::Load(d, rows.row_data(list[i + 1]) + c));
      s2 = hn::Add(s2, hn::Load(d, rows.row_data(list[i + 2]) + c));
      s3 = hn::Add(s3, hn::Load(d, rows.row_data(list[i + 3]) + c));
    }
    for (; i < count; ++i) s0 = hn::Add(s0, hn::Load(d, rows.row_data(list[i]) + c));
    hn::StoreU(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)), d, total + c);
  }
}

}  // namespace prodigest::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::kernel {
HWY_EXPORT(MultiplyListedRows);
HWY_EXPORT(SumListedRows);

void multiply_listed_rows(MatrixView<const float> rows, std::span<const std::int32_t> list,
                          const float* direction, float* products) {
  HWY_DYNAMIC_DISPATCH(MultiplyListedRows)
  (rows, list.data(), std::ssize(list), direction, products);
}

void sum_listed_rows(MatrixView<const float> rows, std::span<const std::int32_t> list, float* sum) {
  HWY_DYNAMIC_DISPATCH(SumListedRows)(rows, list.data(), std::ssize(list), sum);
}

}  // namespace prodigest::kernel
#endif  // HWY_ONCE
