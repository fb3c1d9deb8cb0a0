#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "coding/vector_sums.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>

#include "coding/vector_sums.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::coding::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kSums = 8;

#if HWY_TARGET == HWY_SCALAR
struct Lanes {
  double product[kSums] = {}, squares[kSums] = {};

  template <class T>
  void Add(const float* x, const T* v) {
    for (std::size_t i = 0; i < kSums; ++i) {
      const double value = v[i];
      product[i] += x[i] * value;
      squares[i] += value * value;
    }
  }
  void Store(double* products_to, double* squares_to) const {
    std::copy(product, product + kSums, products_to);
    std::copy(squares, squares + kSums, squares_to);
  }
};
#else
using Tag = hn::CappedTag<double, kSums>;
using V = hn::Vec<Tag>;
constexpr std::size_t kVectors = kSums / hn::MaxLanes(Tag());

HWY_INLINE V Load(const float* from) {
  return hn::PromoteTo(Tag(), hn::LoadU(hn::Rebind<float, Tag>(), from));
}
HWY_INLINE V Load(const std::int8_t* from) {
  const hn::Rebind<std::int32_t, Tag> integers;
  return hn::PromoteTo(Tag(),
                       hn::PromoteTo(integers, hn::LoadU(hn::Rebind<std::int8_t, Tag>(), from)));
}

// Eight lanes in one or two vectors. Named, not an array: g++ 12 spills arrays of vectors.
struct Lanes {
  V product0, product1, squares0, squares1;

  HWY_INLINE Lanes()
      : product0(hn::Zero(Tag())), product1(product0), squares0(product0), squares1(product0) {}

  template <class T>
  HWY_INLINE void Add(const float* x, const T* v) {
    static_assert(kVectors <= 2);
    const V v0 = Load(v);
    product0 = hn::Add(product0, hn::Mul(Load(x), v0));
    squares0 = hn::Add(squares0, hn::Mul(v0, v0));
    if constexpr (kVectors == 2) {
      const std::size_t half = hn::Lanes(Tag());
      const V v1 = Load(v + half);
      product1 = hn::Add(product1, hn::Mul(Load(x + half), v1));
      squares1 = hn::Add(squares1, hn::Mul(v1, v1));
    }
  }
  HWY_INLINE void Store(double* products_to, double* squares_to) const {
    hn::StoreU(product0, Tag(), products_to);
    hn::StoreU(squares0, Tag(), squares_to);
    if constexpr (kVectors == 2) {
      hn::StoreU(product1, Tag(), products_to + kSums / 2);
      hn::StoreU(squares1, Tag(), squares_to + kSums / 2);
    }
  }
};
#endif

HWY_INLINE double SumOf(const double* lane) {
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

template <class T>
HWY_INLINE VectorSums Sums(const float* x, const T* v, std::size_t size) {
  Lanes lanes;
  std::size_t i = 0;
  for (; i + kSums <= size; i += kSums) lanes.Add(x + i, v + i);
  double product[kSums], squares[kSums];
  lanes.Store(product, squares);
  for (std::size_t lane = 0; i < size; ++i, ++lane) {
    const double value = v[i];
    product[lane] += x[i] * value;
    squares[lane] += value * value;
  }
  return {SumOf(product), SumOf(squares)};
}

VectorSums OfIntegers(const float* x, const std::int8_t* v, std::size_t size) {
  return Sums(x, v, size);
}
VectorSums OfFloats(const float* x, const float* v, std::size_t size) { return Sums(x, v, size); }

}  // namespace prodigest::coding::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::coding {
HWY_EXPORT(OfIntegers);
HWY_EXPORT(OfFloats);

VectorSums vector_sums(std::span<const float> x, std::span<const std::int8_t> v) {
  return HWY_DYNAMIC_DISPATCH(OfIntegers)(x.data(), v.data(), x.size());
}
VectorSums vector_sums(std::span<const float> x, std::span<const float> v) {
  return HWY_DYNAMIC_DISPATCH(OfFloats)(x.data(), v.data(), x.size());
}

}  // namespace prodigest::coding
#endif  // HWY_ONCE
