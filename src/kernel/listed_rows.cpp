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

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void StoreSums(V v0, V v1, V v2, V v3, float* HWY_RESTRICT to) {
  to[0] = hn::GetLane(v0);
  to[1] = hn::GetLane(v1);
  to[2] = hn::GetLane(v2);
  to[3] = hn::GetLane(v3);
}
#else
using Four = hn::CappedTag<float, 4>;

// Rows of a matrix of four by four, in each block of four lanes, become its columns.
template <class Vector, class Tag = hn::DFromV<Vector> >
HWY_INLINE void TransposeBlocks(Vector& v0, Vector& v1, Vector& v2, Vector& v3) {
  const Tag d;
  const hn::Repartition<double, Tag> pairs;
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, v0, v1));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, v2, v3));
  const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, v0, v1));
  const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, v2, v3));
  v0 = hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23));
  v1 = hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23));
  v2 = hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23));
  v3 = hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23));
}

template <class Tag>
HWY_INLINE hn::Vec<Four> SumOfBlocks(Tag, hn::Vec<Tag> v) {
  if constexpr (hn::MaxLanes(Tag()) == 4) {
    return v;
  } else {
    const hn::Half<Tag> half;
    return SumOfBlocks(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

// The sums of four vectors, side by side.
HWY_INLINE void StoreSums(V v0, V v1, V v2, V v3, float* HWY_RESTRICT to) {
  TransposeBlocks(v0, v1, v2, v3);
  hn::StoreU(SumOfBlocks(D(), hn::Add(hn::Add(v0, v1), hn::Add(v2, v3))), Four(), to);
}
#endif

// out[i] = sum of what add(row, other, sum) makes of the coordinates of a row and `other`. Four
// rows at a time, whose sums do not wait for each other.
template <class Add>
HWY_INLINE void SumRows(MatrixView<const float> rows, const std::int32_t* HWY_RESTRICT list,
                        Index count, const float* HWY_RESTRICT other, float* HWY_RESTRICT out,
                        const Add& add) {
  const D d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
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
    StoreSums(s0, s1, s2, s3, out + i);
  }
  for (; i < count; ++i) {
    V s = hn::Zero(d);
    for (Index c = 0; c < rows.row_stride; c += lanes)
      s = add(hn::Load(d, rows.row_data(list[i]) + c), hn::LoadU(d, other + c), s);
    out[i] = hn::GetLane(hn::SumOfLanes(d, s));
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

void Transpose(MatrixView<const float> rows, const std::int32_t* HWY_RESTRICT list, Index count,
               Index lanes, float* HWY_RESTRICT to) {
  Index i = 0;
#if HWY_TARGET != HWY_SCALAR
  const Four d;
  for (; i + 4 <= count; i += 4) {
    const float* const r0 = rows.row_data(list[i]);
    const float* const r1 = rows.row_data(list[i + 1]);
    const float* const r2 = rows.row_data(list[i + 2]);
    const float* const r3 = rows.row_data(list[i + 3]);
    for (Index c = 0; c < rows.cols; c += 4) {
      auto v0 = hn::Load(d, r0 + c), v1 = hn::Load(d, r1 + c);
      auto v2 = hn::Load(d, r2 + c), v3 = hn::Load(d, r3 + c);
      TransposeBlocks(v0, v1, v2, v3);
      float* const block = to + c * lanes + i;
      hn::StoreU(v0, d, block);
      hn::StoreU(v1, d, block + lanes);
      hn::StoreU(v2, d, block + 2 * lanes);
      hn::StoreU(v3, d, block + 3 * lanes);
    }
  }
#endif
  for (; i < count; ++i)
    for (Index c = 0; c < rows.cols; ++c) to[c * lanes + i] = rows.row_data(list[i])[c];
}

}  // namespace prodigest::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::kernel {
HWY_EXPORT(Multiply);
HWY_EXPORT(SquareDistances);
HWY_EXPORT(Sum);
HWY_EXPORT(Transpose);

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

void transpose_listed_rows(MatrixView<const float> rows, RowList list, Index lanes, float* to) {
  HWY_DYNAMIC_DISPATCH(Transpose)(rows, list.data(), std::ssize(list), lanes, to);
}

}  // namespace prodigest::kernel
#endif  // HWY_ONCE
