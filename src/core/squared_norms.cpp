#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/squared_norms.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>

#include "core/squared_norms.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kLanes = 8;

HWY_INLINE double SumLanes(const double* lane) {
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

#if HWY_TARGET == HWY_SCALAR
struct Lanes {
  double lane[kLanes] = {};

  template <class T>
  bool Add(const T* x) {
    bool zeros = false;
    for (std::size_t i = 0; i < kLanes; ++i) {
      const double v = x[i];
      lane[i] += v * v;
      zeros |= v == 0;
    }
    return zeros;
  }
  void Store(double* to) const { std::copy(lane, lane + kLanes, to); }
};
#else
using Tag = hn::CappedTag<double, kLanes>;
using V = hn::Vec<Tag>;
constexpr std::size_t kVectors = kLanes / hn::MaxLanes(Tag());

HWY_INLINE V Load(const double* from) { return hn::LoadU(Tag(), from); }
HWY_INLINE V Load(const float* from) {
  return hn::PromoteTo(Tag(), hn::LoadU(hn::Rebind<float, Tag>(), from));
}

// Eight lanes in one or two vectors. Named, not an array: g++ 12 spills arrays of vectors.
struct Lanes {
  V v0, v1;

  HWY_INLINE Lanes() : v0(hn::Zero(Tag())), v1(hn::Zero(Tag())) {}

  // Adds the squares of x[0..8). Returns whether one of them is zero.
  template <class T>
  HWY_INLINE bool Add(const T* x) {
    static_assert(kVectors <= 2);
    const Tag d;
    const V x0 = Load(x);
    v0 = hn::Add(v0, hn::Mul(x0, x0));
    auto zeros = hn::Eq(x0, hn::Zero(d));
    if constexpr (kVectors == 2) {
      const V x1 = Load(x + hn::Lanes(d));
      v1 = hn::Add(v1, hn::Mul(x1, x1));
      zeros = hn::Or(zeros, hn::Eq(x1, hn::Zero(d)));
    }
    return !hn::AllFalse(d, zeros);
  }
  HWY_INLINE void Store(double* to) const {
    hn::StoreU(v0, Tag(), to);
    if constexpr (kVectors == 2) hn::StoreU(v1, Tag(), to + hn::Lanes(Tag()));
  }
};
#endif

// The sum, with `count` < 8 more entries in the lanes that are next.
template <class T>
HWY_INLINE double Finish(const Lanes& lanes, const T* rest, std::size_t count) {
  double lane[kLanes];
  lanes.Store(lane);
  for (std::size_t i = 0; i < count; ++i) {
    const double x = rest[i];
    lane[i] += x * x;
  }
  return SumLanes(lane);
}

// A row with zeros: its other entries are moved together, a buffer at a time.
template <class T>
double NormSkippingZeros(const T* x, std::size_t size) {
  constexpr std::size_t kBuffer = 1024;
  T packed[kBuffer];
  std::size_t count = 0;
  Lanes lanes;
  for (std::size_t i = 0; i < size; ++i) {
    packed[count] = x[i];
    count += x[i] != 0;
    if (count == kBuffer) {
      for (std::size_t j = 0; j < kBuffer; j += kLanes) lanes.Add(packed + j);
      count = 0;
    }
  }
  std::size_t j = 0;
  for (; j + kLanes <= count; j += kLanes) lanes.Add(packed + j);
  return Finish(lanes, packed + j, count - j);
}

template <class T>
HWY_INLINE double Norm(const T* x, std::size_t size) {
  Lanes lanes;
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes)
    if (HWY_UNLIKELY(lanes.Add(x + i))) return NormSkippingZeros(x, size);
  for (std::size_t j = i; j < size; ++j)
    if (x[j] == 0) return NormSkippingZeros(x, size);
  return Finish(lanes, x + i, size - i);
}

void DenseDoubles(MatrixView<const double> block, double* out) {
  for (Index i = 0; i < block.rows; ++i)
    out[i] = Norm(block.row_data(i), static_cast<std::size_t>(block.cols));
}
void DenseFloats(MatrixView<const float> block, double* out) {
  for (Index i = 0; i < block.rows; ++i)
    out[i] = Norm(block.row_data(i), static_cast<std::size_t>(block.cols));
}
void CsrDoubles(CsrView<double> block, double* out) {
  for (Index i = 0; i < block.rows; ++i)
    out[i] = Norm(block.values + block.row_start[i], static_cast<std::size_t>(block.row_size(i)));
}
void CsrFloats(CsrView<float> block, double* out) {
  for (Index i = 0; i < block.rows; ++i)
    out[i] = Norm(block.values + block.row_start[i], static_cast<std::size_t>(block.row_size(i)));
}

}  // namespace prodigest::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest {
HWY_EXPORT(DenseDoubles);
HWY_EXPORT(DenseFloats);
HWY_EXPORT(CsrDoubles);
HWY_EXPORT(CsrFloats);

void squared_norms(const RowsView& block, std::span<double> out) {
  if (const auto* dense = std::get_if<MatrixView<const double>>(&block))
    HWY_DYNAMIC_DISPATCH(DenseDoubles)(*dense, out.data());
  else if (const auto* dense32 = std::get_if<MatrixView<const float>>(&block))
    HWY_DYNAMIC_DISPATCH(DenseFloats)(*dense32, out.data());
  else if (const auto* csr = std::get_if<CsrView<double>>(&block))
    HWY_DYNAMIC_DISPATCH(CsrDoubles)(*csr, out.data());
  else
    HWY_DYNAMIC_DISPATCH(CsrFloats)(std::get<CsrView<float>>(block), out.data());
}

}  // namespace prodigest
#endif  // HWY_ONCE
