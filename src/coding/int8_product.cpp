#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "coding/int8_product.cpp"
#include "coding/simd_bytes.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>

#include "coding/int8_product.hpp"

// Highway 1.0 names another VNNI to the compiler, which such processors need not have. It is only
// emitted for loops over single bytes that the compiler vectorises, and there are none here.
#undef PRODIGEST_HAS_VNNI
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3_DL
#define PRODIGEST_HAS_VNNI 1
HWY_PUSH_ATTRIBUTES(HWY_TARGET_STR ",avx512vnni")
#else
#define PRODIGEST_HAS_VNNI 0
HWY_BEFORE_NAMESPACE();
#endif
namespace prodigest::coding::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
inline std::int32_t Dot(const std::int8_t* a, const std::int8_t* b, Index length) {
  std::int32_t sum = 0;
  for (Index k = 0; k < length; ++k) sum += a[k] * b[k];
  return sum;
}

void MultiplyMatrices(const Int8Vectors& a, const Int8Vectors& b, Index length, std::int32_t* out,
                      Index out_stride) {
  for (Index i = 0; i < a.count; ++i)
    for (Index j = 0; j < b.count; ++j)
      out[i * out_stride + j] = Dot(a.values + i * a.stride, b.values + j * b.stride, length);
}

void MultiplyVector(const Int8Vectors& a, const std::int8_t* y, Index length, std::int32_t* out) {
  for (Index i = 0; i < a.count; ++i) out[i] = Dot(a.values + i * a.stride, y, length);
}
#else

using Sums = hn::ScalableTag<std::int32_t>;

// A vector of sums. With that of Highway, on x86 a vector of 64-bit words, g++ 12 copies every one
// of them twice in each step of a loop.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_SSE4
typedef std::int32_t Sum __attribute__((vector_size(HWY_MAX_BYTES)));
HWY_INLINE hn::Vec<Sums> ToVector(Sum sum) {
  return {reinterpret_cast<decltype(hn::Vec<Sums>::raw)>(sum)};
}
HWY_INLINE Sum ToSum(hn::Vec<Sums> v) { return reinterpret_cast<Sum>(v.raw); }
#else
using Sum = hn::Vec<Sums>;
HWY_INLINE hn::Vec<Sums> ToVector(Sum sum) { return sum; }
HWY_INLINE Sum ToSum(hn::Vec<Sums> v) { return v; }
#endif
HWY_INLINE Sum NoSum() { return ToSum(hn::Zero(Sums())); }

#if PRODIGEST_HAS_VNNI
constexpr Index kStep = 64;
constexpr Index kRows = 4;
using Bytes = hn::ScalableTag<std::int8_t>;
using Values = hn::Vec<Bytes>;
// a + 128, as the instruction wants one side unsigned
HWY_INLINE Values Left(const std::int8_t* a) {
  return hn::Xor(hn::LoadU(Bytes(), a), hn::Set(Bytes(), std::int8_t{-128}));
}
HWY_INLINE Values Right(const std::int8_t* b) { return hn::LoadU(Bytes(), b); }
HWY_INLINE void MultiplyAdd(Values left, Values right, Sum& sum) {
  sum = ToSum({_mm512_dpbusd_epi32(ToVector(sum).raw, left.raw, right.raw)});
}
// What <a + 128, b> is too large by, in lanes that are yet to be added; modulo 2^32, as all of
// this.
HWY_INLINE Sum Excess(const std::int8_t* b, Index length) {
  Sum sum = NoSum();
  const Values all = hn::Set(Bytes(), std::int8_t{-128});
  for (Index k = 0; k < length; k += kStep) MultiplyAdd(all, Right(b + k), sum);
  return sum;
}
#else
using Words = hn::Repartition<std::int16_t, Sums>;
using Values = hn::Vec<Words>;
constexpr Index kStep = hn::MaxLanes(Words());
constexpr Index kRows = HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3 ? 2 : 4;  // what 16 registers hold
HWY_INLINE Values Left(const std::int8_t* a) {
  return hn::PromoteTo(Words(), hn::LoadU(hn::Rebind<std::int8_t, Words>(), a));
}
HWY_INLINE Values Right(const std::int8_t* b) { return Left(b); }
HWY_INLINE void MultiplyAdd(Values left, Values right, Sum& sum) {
  auto other = hn::Zero(Sums());
  const auto products = hn::ReorderWidenMulAccumulate(Sums(), left, right, hn::Zero(Sums()), other);
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_SSE4
  sum += ToSum(products);  // and nothing in `other`
#else
  sum = hn::Add(sum, hn::Add(products, other));
#endif
}
HWY_INLINE Sum Excess(const std::int8_t*, Index) { return NoSum(); }
#endif

using FourTag = hn::Full128<std::int32_t>;
using Four = hn::Vec<FourTag>;

template <class D>
HWY_INLINE Four AddBlocks(D, hn::VFromD<D> v) {
  if constexpr (hn::MaxLanes(D()) == 4) {
    return v;
  } else {
    const hn::Half<D> half;
    return AddBlocks(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}
// The sums of the lanes of each.
HWY_INLINE Four Totals(Sum s0, Sum s1, Sum s2, Sum s3) {
  const Sums d;
  const hn::Repartition<std::int64_t, Sums> pairs;
  const auto v0 = ToVector(s0), v1 = ToVector(s1), v2 = ToVector(s2), v3 = ToVector(s3);
  const auto a =
      hn::BitCast(pairs, hn::Add(hn::InterleaveLower(d, v0, v1), hn::InterleaveUpper(d, v0, v1)));
  const auto b =
      hn::BitCast(pairs, hn::Add(hn::InterleaveLower(d, v2, v3), hn::InterleaveUpper(d, v2, v3)));
  return AddBlocks(d, hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, a, b)),
                              hn::BitCast(d, hn::InterleaveUpper(pairs, a, b))));
}

HWY_INLINE void Store(Four sums, Index count, std::int32_t* out) {
  const FourTag d;
  if (count == 4) return hn::StoreU(sums, d, out);
  std::int32_t all[4];
  hn::StoreU(sums, d, all);
  for (Index i = 0; i < count; ++i) out[i] = all[i];
}

// `rows` vectors times up to four.
template <int rows>
HWY_INLINE void MultiplyTile(const std::int8_t* a, Index a_stride, const std::int8_t* const (&b)[4],
                             Four excess, Index length, Index cols, std::int32_t* out,
                             Index out_stride) {
  // Named, not an array: g++ 12 spills arrays of vectors.
  Sum s00 = NoSum(), s01 = NoSum(), s02 = NoSum(), s03 = NoSum();
  Sum s10 = NoSum(), s11 = NoSum(), s12 = NoSum(), s13 = NoSum();
  Sum s20 = NoSum(), s21 = NoSum(), s22 = NoSum(), s23 = NoSum();
  Sum s30 = NoSum(), s31 = NoSum(), s32 = NoSum(), s33 = NoSum();
  for (Index k = 0; k < length; k += kStep) {
    const Values b0 = Right(b[0] + k), b1 = Right(b[1] + k), b2 = Right(b[2] + k),
                 b3 = Right(b[3] + k);
    const Values a0 = Left(a + k);
    MultiplyAdd(a0, b0, s00);
    MultiplyAdd(a0, b1, s01);
    MultiplyAdd(a0, b2, s02);
    MultiplyAdd(a0, b3, s03);
    if constexpr (rows > 1) {
      const Values a1 = Left(a + a_stride + k);
      MultiplyAdd(a1, b0, s10);
      MultiplyAdd(a1, b1, s11);
      MultiplyAdd(a1, b2, s12);
      MultiplyAdd(a1, b3, s13);
    }
    if constexpr (rows > 2) {
      const Values a2 = Left(a + 2 * a_stride + k);
      MultiplyAdd(a2, b0, s20);
      MultiplyAdd(a2, b1, s21);
      MultiplyAdd(a2, b2, s22);
      MultiplyAdd(a2, b3, s23);
      const Values a3 = Left(a + 3 * a_stride + k);
      MultiplyAdd(a3, b0, s30);
      MultiplyAdd(a3, b1, s31);
      MultiplyAdd(a3, b2, s32);
      MultiplyAdd(a3, b3, s33);
    }
  }
  Store(hn::Sub(Totals(s00, s01, s02, s03), excess), cols, out);
  if constexpr (rows > 1)
    Store(hn::Sub(Totals(s10, s11, s12, s13), excess), cols, out + out_stride);
  if constexpr (rows > 2) {
    Store(hn::Sub(Totals(s20, s21, s22, s23), excess), cols, out + 2 * out_stride);
    Store(hn::Sub(Totals(s30, s31, s32, s33), excess), cols, out + 3 * out_stride);
  }
}

void MultiplyMatrices(const Int8Vectors& a, const Int8Vectors& b, Index length, std::int32_t* out,
                      Index out_stride) {
  for (Index j = 0; j < b.count; j += 4, out += 4) {
    const Index cols = std::min(Index{4}, b.count - j);
    const auto column = [&](Index c) { return b.values + (j + std::min(c, cols - 1)) * b.stride; };
    const std::int8_t* const columns[4] = {column(0), column(1), column(2), column(3)};
    const Four excess = Totals(Excess(columns[0], length), Excess(columns[1], length),
                               Excess(columns[2], length), Excess(columns[3], length));
    Index i = 0;
    for (; i + kRows <= a.count; i += kRows)
      MultiplyTile<kRows>(a.values + i * a.stride, a.stride, columns, excess, length, cols,
                          out + i * out_stride, out_stride);
    for (; i < a.count; ++i)
      MultiplyTile<1>(a.values + i * a.stride, a.stride, columns, excess, length, cols,
                      out + i * out_stride, out_stride);
  }
}

HWY_INLINE Four FourProducts(const std::int8_t* a, Index stride, const std::int8_t* y,
                             Index length) {
  Sum s0 = NoSum(), s1 = NoSum(), s2 = NoSum(), s3 = NoSum();
  for (Index k = 0; k < length; k += kStep) {
    const Values right = Right(y + k);
    MultiplyAdd(Left(a + k), right, s0);
    MultiplyAdd(Left(a + stride + k), right, s1);
    MultiplyAdd(Left(a + 2 * stride + k), right, s2);
    MultiplyAdd(Left(a + 3 * stride + k), right, s3);
  }
  return Totals(s0, s1, s2, s3);
}

// The product is the sum of the four.
HWY_INLINE Four OneProduct(const std::int8_t* a, const std::int8_t* y, Index length) {
  Sum s0 = NoSum(), s1 = NoSum(), s2 = NoSum(), s3 = NoSum();
  Index k = 0;
  for (; k + 4 * kStep <= length; k += 4 * kStep) {
    MultiplyAdd(Left(a + k), Right(y + k), s0);
    MultiplyAdd(Left(a + k + kStep), Right(y + k + kStep), s1);
    MultiplyAdd(Left(a + k + 2 * kStep), Right(y + k + 2 * kStep), s2);
    MultiplyAdd(Left(a + k + 3 * kStep), Right(y + k + 3 * kStep), s3);
  }
  for (; k < length; k += kStep) MultiplyAdd(Left(a + k), Right(y + k), s0);
  return Totals(s0, s1, s2, s3);
}

void MultiplyVector(const Int8Vectors& a, const std::int8_t* y, Index length, std::int32_t* out) {
  const FourTag d;
  const Sum excess = Excess(y, length);
  const Four excesses = Totals(excess, excess, excess, excess);
  Index i = 0;
  for (; i + 4 <= a.count; i += 4)
    hn::StoreU(hn::Sub(FourProducts(a.values + i * a.stride, a.stride, y, length), excesses), d,
               out + i);
  for (; i < a.count; ++i)
    out[i] = hn::GetLane(
        hn::Sub(hn::SumOfLanes(d, OneProduct(a.values + i * a.stride, y, length)), excesses));
}
#endif

}  // namespace prodigest::coding::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::coding {
HWY_EXPORT(MultiplyMatrices);
HWY_EXPORT(MultiplyVector);

void multiply_int8(const Int8Vectors& a, const Int8Vectors& b, Index length, std::int32_t* out,
                   Index out_stride) {
  HWY_DYNAMIC_DISPATCH(MultiplyMatrices)(a, b, length, out, out_stride);
}

void multiply_int8(const Int8Vectors& a, const std::int8_t* y, Index length, std::int32_t* out) {
  HWY_DYNAMIC_DISPATCH(MultiplyVector)(a, y, length, out);
}

}  // namespace prodigest::coding
#endif  // HWY_ONCE
