#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/hadamard.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <tbb/cache_aligned_allocator.h>
#include <tbb/enumerable_thread_specific.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <vector>

#include "base/fail.hpp"
#include "core/hadamard.hpp"
#include "core/parallel.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Index kFirstCacheBytes = Index{1} << 14;  // half of it, or less
constexpr Index kGroup = 8;                         // neighbours that one or more vectors hold

template <class V>
HWY_INLINE void Butterfly(V& a, V& b) {
  const V sum = hn::Add(a, b);
  b = hn::Sub(a, b);
  a = sum;
}

template <class V>
HWY_INLINE void TwoSteps(V& a, V& b, V& c, V& d) {
  Butterfly(a, b);
  Butterfly(c, d);
  Butterfly(a, c);
  Butterfly(b, d);
}

// log2(kRadix) steps on one vector of each of kRadix rows. Named, not an array: g++ 12 spills
// arrays of vectors.
template <int kRadix, class D, class T = hn::TFromD<D>>
HWY_INLINE void Steps(D d, const T* from, Index from_stride, T* to, Index to_stride) {
  auto x0 = hn::LoadU(d, from);
  if constexpr (kRadix == 1) {
    hn::StoreU(x0, d, to);
  } else {
    auto x1 = hn::LoadU(d, from + from_stride);
    if constexpr (kRadix == 2) {
      Butterfly(x0, x1);
    } else {
      auto x2 = hn::LoadU(d, from + 2 * from_stride);
      auto x3 = hn::LoadU(d, from + 3 * from_stride);
      TwoSteps(x0, x1, x2, x3);
      if constexpr (kRadix == 8) {
        auto x4 = hn::LoadU(d, from + 4 * from_stride);
        auto x5 = hn::LoadU(d, from + 5 * from_stride);
        auto x6 = hn::LoadU(d, from + 6 * from_stride);
        auto x7 = hn::LoadU(d, from + 7 * from_stride);
        TwoSteps(x4, x5, x6, x7);
        Butterfly(x0, x4);
        Butterfly(x1, x5);
        Butterfly(x2, x6);
        Butterfly(x3, x7);
        hn::StoreU(x4, d, to + 4 * to_stride);
        hn::StoreU(x5, d, to + 5 * to_stride);
        hn::StoreU(x6, d, to + 6 * to_stride);
        hn::StoreU(x7, d, to + 7 * to_stride);
      }
      hn::StoreU(x2, d, to + 2 * to_stride);
      hn::StoreU(x3, d, to + 3 * to_stride);
    }
    hn::StoreU(x0, d, to);
    hn::StoreU(x1, d, to + to_stride);
  }
}

// The same for columns c, c + lanes, ... up to `cols`, as many as fill vectors; the first that is
// left.
template <int kRadix, class D, class T = hn::TFromD<D>>
HWY_INLINE Index StepsOfVectors(D d, const T* from, Index from_stride, T* to, Index to_stride,
                                Index c, Index cols) {
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  for (; c + lanes <= cols; c += lanes) Steps<kRadix>(d, from + c, from_stride, to + c, to_stride);
  return c;
}

// The same for `cols` columns: of a single vector there are kGroup.
template <int kRadix, class T>
HWY_INLINE void Steps(const T* from, Index from_stride, T* to, Index to_stride, Index cols) {
  Index c = 0;
  c = StepsOfVectors<kRadix>(hn::ScalableTag<T>(), from, from_stride, to, to_stride, c, cols);
  c = StepsOfVectors<kRadix>(hn::CappedTag<T, kGroup>(), from, from_stride, to, to_stride, c, cols);
  StepsOfVectors<kRadix>(hn::CappedTag<T, 1>(), from, from_stride, to, to_stride, c, cols);
}

template <int kRadix, class T>
HWY_INLINE void FirstSteps(const T* from, Index from_stride, T* to, Index rows, Index cols) {
  for (Index r = 0; r < rows; r += kRadix)
    Steps<kRadix>(from + r * from_stride, from_stride, to + r * cols, cols, cols);
}

// Transforms the columns of `from` into the contiguous `to`, which may be the same panel. Eighths
// are finished before they are combined, so that they are combined in the nearest cache possible.
template <class T>
void Transform(const T* from, Index from_stride, T* to, Index rows, Index cols) {
  if (rows > 8 && rows * cols * static_cast<Index>(sizeof(T)) > kFirstCacheBytes) {
    const Index part = rows / 8;
    for (Index k = 0; k < 8; ++k)
      Transform(from + k * part * from_stride, from_stride, to + k * part * cols, part, cols);
    Steps<8>(to, part * cols, to, part * cols, part * cols);
    return;
  }
  const int steps = std::countr_zero(static_cast<std::uint64_t>(rows));
  const int first = steps == 0 ? 0 : (steps - 1) % 3 + 1;
  if (first == 0) FirstSteps<1>(from, from_stride, to, rows, cols);
  if (first == 1) FirstSteps<2>(from, from_stride, to, rows, cols);
  if (first == 2) FirstSteps<4>(from, from_stride, to, rows, cols);
  if (first == 3) FirstSteps<8>(from, from_stride, to, rows, cols);
  for (Index apart = Index{1} << first; apart < rows; apart *= 8)
    for (Index r = 0; r < rows; r += 8 * apart)
      Steps<8>(to + r * cols, apart * cols, to + r * cols, apart * cols, apart * cols);
}

// Transforms columns of a wider panel. Its rows may lie a power of two apart, where they would push
// each other out of the cache, so all but the last steps are done in `scratch`.
template <class T>
void TransformStrip(T* panel, Index stride, Index rows, Index cols, T* scratch) {
  if (stride == cols) return Transform(panel, stride, panel, rows, cols);
  if (rows == 1) return;
  if (rows == 2) return Steps<2>(panel, stride, panel, stride, cols);
  if (rows == 4) return Steps<4>(panel, stride, panel, stride, cols);
  const Index part = rows / 8;
  if (part == 1) return Steps<8>(panel, stride, panel, stride, cols);
  for (Index k = 0; k < 8; ++k)
    Transform(panel + k * part * stride, stride, scratch + k * part * cols, part, cols);
  for (Index r = 0; r < part; ++r)
    Steps<8>(scratch + r * cols, part * cols, panel + r * stride, part * stride, cols);
}

// Lane i gets lane i ^ kApart.
template <int kApart, class D, class V = hn::Vec<D>>
HWY_INLINE V Swap(D d, V v) {
  if constexpr (kApart == 1) return hn::Reverse2(d, v);
  if constexpr (kApart == 2) return hn::Reverse2(d, hn::Reverse4(d, v));
  if constexpr (kApart == 4) return hn::Reverse4(d, hn::Reverse8(d, v));
}

// One step within vectors: b + a in the lane of a, b' + (-b) in that of b. Adding in the other
// order and adding the negative both round as in Butterfly.
template <int kApart, class D, class V = hn::Vec<D>>
HWY_INLINE V LaneStep(D d, V v) {
  if constexpr (kApart < hn::MaxLanes(D())) {
    using T = hn::TFromD<D>;
    alignas(64) T sign[kGroup];
    for (Index i = 0; i < kGroup; ++i) sign[i] = i & kApart ? T(-0.0) : T(0);
    return hn::Add(Swap<kApart>(d, v), hn::Xor(v, hn::Load(d, sign)));
  } else {
    return v;
  }
}

template <class T>
void TransformVector(T* x, Index size) {
  if (size < kGroup) return Transform(x, 1, x, size, 1);
  const hn::CappedTag<T, kGroup> d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  for (Index i = 0; i < size; i += lanes) {
    auto v = hn::LoadU(d, x + i);
    v = LaneStep<1>(d, v);
    v = LaneStep<2>(d, v);
    v = LaneStep<4>(d, v);
    hn::StoreU(v, d, x + i);
  }
  Transform(x, lanes, x, size / lanes, lanes);
}

void VectorOfFloats(float* x, Index size) { TransformVector(x, size); }
void VectorOfDoubles(double* x, Index size) { TransformVector(x, size); }
void StripOfFloats(float* panel, Index stride, Index rows, Index cols, float* scratch) {
  TransformStrip(panel, stride, rows, cols, scratch);
}
void StripOfDoubles(double* panel, Index stride, Index rows, Index cols, double* scratch) {
  TransformStrip(panel, stride, rows, cols, scratch);
}

}  // namespace prodigest::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest {
HWY_EXPORT(VectorOfFloats);
HWY_EXPORT(VectorOfDoubles);
HWY_EXPORT(StripOfFloats);
HWY_EXPORT(StripOfDoubles);

namespace {

constexpr Index kSecondCacheBytes = Index{1} << 19;  // half of it: what a strip may fill
constexpr Index kLineBytes = 64;
constexpr Index kMostStripRows = 512;  // of more rows far apart, each evicts another

void transform_strip(float* panel, Index stride, Index rows, Index cols, float* scratch) {
  HWY_DYNAMIC_DISPATCH(StripOfFloats)(panel, stride, rows, cols, scratch);
}
void transform_strip(double* panel, Index stride, Index rows, Index cols, double* scratch) {
  HWY_DYNAMIC_DISPATCH(StripOfDoubles)(panel, stride, rows, cols, scratch);
}

// `count` panels alike, `apart` elements from one to the next.
template <Real T>
struct Panels {
  MatrixView<T> first;
  Index count = 1;
  Index apart = 0;
};

template <Real T>
void transform_strips(const Panels<T>& panels, const Context& context) {
  const MatrixView<T>& panel = panels.first;
  const Index row_bytes = static_cast<Index>(sizeof(T)) * panel.rows;
  Index width = panel.cols;
  if (row_bytes * width > kSecondCacheBytes)
    width = std::min(
        width, std::max(kLineBytes / static_cast<Index>(sizeof(T)), kSecondCacheBytes / row_bytes));
  const Index strips = (panel.cols + width - 1) / width;
  const Index grain = std::max(Index{1}, kSecondCacheBytes / (row_bytes * width));
  const Index scratch_size = panel.row_stride == width ? 0 : panel.rows * width;
  using Scratch = std::vector<T, tbb::cache_aligned_allocator<T>>;
  tbb::enumerable_thread_specific<Scratch> scratch(
      [&] { return Scratch(static_cast<std::size_t>(scratch_size)); });
  const Context quiet{.threads = context.threads, .cancel = context.cancel};
  parallel_blocks(quiet, panels.count * strips, grain, [&](Index first, Index count) {
    for (Index i = first; i < first + count; ++i) {
      const Index col = i % strips * width;
      transform_strip(panel.data + i / strips * panels.apart + col, panel.row_stride, panel.rows,
                      std::min(width, panel.cols - col), scratch.local().data());
    }
  });
}

void require_power_of_two(const char* what, Index size) {
  if (size < 1 || !std::has_single_bit(static_cast<std::uint64_t>(size)))
    fail(ErrorCode::kInvalidArgument,
         "hadamard: the {} must be a power of two, got {} (pad with zeros to {})", what, size,
         std::bit_ceil(static_cast<std::uint64_t>(std::max(size, Index{1}))));
}

template <Real T>
void transform_columns(const MatrixView<T>& panel, const Context& context) {
  require_power_of_two("number of rows", panel.rows);
  if (panel.cols == 0) return;
  if (panel.cols == 1 && panel.row_stride == 1)
    return hadamard(std::span(panel.data, static_cast<std::size_t>(panel.rows)));
  const bool cached = panel.rows * panel.cols * static_cast<Index>(sizeof(T)) <= kSecondCacheBytes;
  if (panel.rows <= kMostStripRows || cached) return transform_strips(Panels<T>{panel}, context);
  // Rows 0 .. low-1 of every block of low rows, then rows low apart.
  const int steps = std::countr_zero(static_cast<std::uint64_t>(panel.rows));
  const Index low = Index{1} << ((steps + 1) / 2);
  const Index high = panel.rows / low;
  transform_strips(Panels<T>{panel.slice(0, low), high, low * panel.row_stride}, context);
  if (panel.row_stride == panel.cols) {
    transform_strips(Panels<T>{{panel.data, high, low * panel.cols}}, context);
  } else {
    const MatrixView<T> spread(panel.data, high, panel.cols, low * panel.row_stride);
    transform_strips(Panels<T>{spread, low, panel.row_stride}, context);
  }
}

}  // namespace

void hadamard(std::span<float> x) {
  require_power_of_two("length", static_cast<Index>(x.size()));
  HWY_DYNAMIC_DISPATCH(VectorOfFloats)(x.data(), static_cast<Index>(x.size()));
}
void hadamard(std::span<double> x) {
  require_power_of_two("length", static_cast<Index>(x.size()));
  HWY_DYNAMIC_DISPATCH(VectorOfDoubles)(x.data(), static_cast<Index>(x.size()));
}

void hadamard_columns(MatrixView<float> panel, const Context& context) {
  transform_columns(panel, context);
}
void hadamard_columns(MatrixView<double> panel, const Context& context) {
  transform_columns(panel, context);
}

}  // namespace prodigest
#endif  // HWY_ONCE
