#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attention/square_sums.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>
#include <type_traits>

#include "attention/block_product.hpp"
#include "attention/square_sums.hpp"

#ifndef PRODIGEST_ATTENTION_PAIRS_
#define PRODIGEST_ATTENTION_PAIRS_
namespace prodigest::attention {

// `count` pairs a <= b in a row, from (a, b) on: (0, 0), (0, 1), ..., (0, r - 1), (1, 1), ...
struct Pairs {
  Index a = 0, b = 0, size = 0, count = 0;

  /// run(a, b, count, done) for the pairs (a, b), ..., (a, b + count - 1).
  template <class Run>
  void for_runs(const Run& run) const {
    Index first = a, second = b;
    for (Index done = 0; done < count;) {
      const Index length = std::min(count - done, size - second);
      run(first, second, length, done);
      done += length;
      second = ++first;
    }
  }
};

}  // namespace prodigest::attention
#endif

HWY_BEFORE_NAMESPACE();
namespace prodigest::attention::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// One coordinate of up to four vectors of tokens. Named, not an array: g++ 12 spills arrays of
// vectors.
template <class D, int kVectors>
struct Tokens {
  using T = hn::TFromD<D>;
  using V = hn::Vec<D>;
  V v0, v1, v2, v3;

  HWY_INLINE static Tokens Load(D d, const T* from) {
    const size_t lanes = hn::Lanes(d);
    Tokens to;
    to.v0 = hn::LoadU(d, from);
    if constexpr (kVectors > 1) to.v1 = hn::LoadU(d, from + lanes);
    if constexpr (kVectors > 2) to.v2 = hn::LoadU(d, from + 2 * lanes);
    if constexpr (kVectors > 3) to.v3 = hn::LoadU(d, from + 3 * lanes);
    return to;
  }
  HWY_INLINE void Store(D d, T* to) const {
    const size_t lanes = hn::Lanes(d);
    hn::StoreU(v0, d, to);
    if constexpr (kVectors > 1) hn::StoreU(v1, d, to + lanes);
    if constexpr (kVectors > 2) hn::StoreU(v2, d, to + 2 * lanes);
    if constexpr (kVectors > 3) hn::StoreU(v3, d, to + 3 * lanes);
  }
  HWY_INLINE Tokens Times(V x) const {
    Tokens to;
    to.v0 = hn::Mul(v0, x);
    if constexpr (kVectors > 1) to.v1 = hn::Mul(v1, x);
    if constexpr (kVectors > 2) to.v2 = hn::Mul(v2, x);
    if constexpr (kVectors > 3) to.v3 = hn::Mul(v3, x);
    return to;
  }
  HWY_INLINE Tokens Times(const Tokens& x) const {
    Tokens to;
    to.v0 = hn::Mul(v0, x.v0);
    if constexpr (kVectors > 1) to.v1 = hn::Mul(v1, x.v1);
    if constexpr (kVectors > 2) to.v2 = hn::Mul(v2, x.v2);
    if constexpr (kVectors > 3) to.v3 = hn::Mul(v3, x.v3);
    return to;
  }
  HWY_INLINE void Add(const Tokens& x, V y) {
    v0 = hn::MulAdd(x.v0, y, v0);
    if constexpr (kVectors > 1) v1 = hn::MulAdd(x.v1, y, v1);
    if constexpr (kVectors > 2) v2 = hn::MulAdd(x.v2, y, v2);
    if constexpr (kVectors > 3) v3 = hn::MulAdd(x.v3, y, v3);
  }
  HWY_INLINE void Add(const Tokens& x, const Tokens& y) {
    v0 = hn::MulAdd(x.v0, y.v0, v0);
    if constexpr (kVectors > 1) v1 = hn::MulAdd(x.v1, y.v1, v1);
    if constexpr (kVectors > 2) v2 = hn::MulAdd(x.v2, y.v2, v2);
    if constexpr (kVectors > 3) v3 = hn::MulAdd(x.v3, y.v3, v3);
  }
  HWY_INLINE V Sum() const {
    V sum = v0;
    if constexpr (kVectors > 1) sum = hn::Add(sum, v1);
    if constexpr (kVectors > 2) sum = hn::Add(sum, hn::Add(v2, v3));
    return sum;
  }
};

// body(D, kVectors, first) for all tokens, four vectors at a time and then one.
template <class T, class Body>
HWY_INLINE void ForTokens(Index count, const Body& body) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  Index i = 0;
  for (; i + 3 * lanes < count; i += 4 * lanes) body(std::integral_constant<int, 4>(), i);
  for (; i < count; i += lanes) body(std::integral_constant<int, 1>(), i);
}

// products(f, i) = gain w x_a x_b of token i, totals[i] += products(f, i) numbers[f].
template <class T>
HWY_INLINE void Weights(Pairs pairs, MatrixView<const T> x, T gain, const T* HWY_RESTRICT numbers,
                        T* HWY_RESTRICT totals, MatrixView<T> products) {
  const hn::ScalableTag<T> d;
  ForTokens<T>(x.cols, [&](auto vectors, Index i) HWY_ATTR {
    using Group = Tokens<decltype(d), vectors()>;
    Group total = Group::Load(d, totals + i);
    pairs.for_runs([&](Index a, Index b, Index count, Index done) HWY_ATTR {
      const T* right = x.row_data(b) + i;
      T* to = products.row_data(done) + i;
      Group sum = total;  // in registers: what is captured is not
      const auto pair = [&](const Group& left, Index k) HWY_ATTR {
        const Group product = left.Times(Group::Load(d, right));
        product.Store(d, to);
        sum.Add(product, hn::Set(d, numbers[done + k]));
        right += x.row_stride;
        to += products.row_stride;
      };
      const Group once = Group::Load(d, x.row_data(a) + i).Times(hn::Set(d, gain));
      if (a == b) pair(once, 0);
      const Group twice = once.Times(hn::Set(d, T{2}));
      for (Index k = a == b; k < count; ++k) pair(twice, k);
      total = sum;
    });
    total.Store(d, totals + i);
  });
}

// products(f, i) = gain y_a y_b of token i, numbers[f] += Σ_i products(f, i) e[i].
template <class T>
HWY_INLINE void Products(Pairs pairs, MatrixView<const T> y, T gain, const T* HWY_RESTRICT e,
                         T* HWY_RESTRICT numbers, MatrixView<T> products) {
  const hn::ScalableTag<T> d;
  ForTokens<T>(y.cols, [&](auto vectors, Index i) HWY_ATTR {
    using Group = Tokens<decltype(d), vectors()>;
    const Group weight = Group::Load(d, e + i);
    pairs.for_runs([&](Index a, Index b, Index count, Index done) HWY_ATTR {
      const Group left = Group::Load(d, y.row_data(a) + i).Times(hn::Set(d, gain));
      const T* right = y.row_data(b) + i;
      T* to = products.row_data(done) + i;
      for (Index k = 0; k < count; ++k) {
        const Group product = left.Times(Group::Load(d, right));
        product.Store(d, to);
        numbers[done + k] += hn::GetLane(hn::SumOfLanes(d, product.Times(weight).Sum()));
        right += y.row_stride;
        to += products.row_stride;
      }
    });
  });
}

// to(f, i) = numbers[f] h[i].
template <class T>
HWY_INLINE void Outer(const T* HWY_RESTRICT numbers, const T* HWY_RESTRICT h, MatrixView<T> to) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  for (Index f = 0; f < to.rows; ++f)
    for (Index i = 0; i < to.cols; i += lanes)
      hn::Store(hn::Mul(hn::Set(d, numbers[f]), hn::LoadU(d, h + i)), d, to.row_data(f) + i);
}

// dx_a += g_ab x_b, and dx_b += g_ab x_a if they are two.
template <class T>
HWY_INLINE void Contract(Pairs pairs, MatrixView<const T> x, MatrixView<const T> g,
                         MatrixView<T> dx) {
  const hn::ScalableTag<T> d;
  ForTokens<T>(x.cols, [&](auto vectors, Index i) HWY_ATTR {
    using Group = Tokens<decltype(d), vectors()>;
    pairs.for_runs([&](Index a, Index b, Index count, Index done) HWY_ATTR {
      const Group left = Group::Load(d, x.row_data(a) + i);
      Group sum = Group::Load(d, dx.row_data(a) + i);
      const T* weight = g.row_data(done) + i;
      if (a == b) sum.Add(Group::Load(d, weight), left);
      for (Index k = a == b; k < count; ++k) {
        const Group of_pair = Group::Load(d, weight + k * g.row_stride);
        sum.Add(of_pair, Group::Load(d, x.row_data(b + k) + i));
        T* const to = dx.row_data(b + k) + i;
        Group other = Group::Load(d, to);
        other.Add(of_pair, left);
        other.Store(d, to);
      }
      sum.Store(d, dx.row_data(a) + i);
    });
  });
}

void WeightsFloat(Pairs pairs, MatrixView<const float> x, float gain, const float* numbers,
                  float* totals, MatrixView<float> products) {
  Weights(pairs, x, gain, numbers, totals, products);
}
void WeightsDouble(Pairs pairs, MatrixView<const double> x, double gain, const double* numbers,
                   double* totals, MatrixView<double> products) {
  Weights(pairs, x, gain, numbers, totals, products);
}
void ProductsFloat(Pairs pairs, MatrixView<const float> y, float gain, const float* e,
                   float* numbers, MatrixView<float> products) {
  Products(pairs, y, gain, e, numbers, products);
}
void ProductsDouble(Pairs pairs, MatrixView<const double> y, double gain, const double* e,
                    double* numbers, MatrixView<double> products) {
  Products(pairs, y, gain, e, numbers, products);
}
void OuterFloat(const float* numbers, const float* h, MatrixView<float> to) {
  Outer(numbers, h, to);
}
void OuterDouble(const double* numbers, const double* h, MatrixView<double> to) {
  Outer(numbers, h, to);
}
void ContractFloat(Pairs pairs, MatrixView<const float> x, MatrixView<const float> g,
                   MatrixView<float> dx) {
  Contract(pairs, x, g, dx);
}
void ContractDouble(Pairs pairs, MatrixView<const double> x, MatrixView<const double> g,
                    MatrixView<double> dx) {
  Contract(pairs, x, g, dx);
}

}  // namespace prodigest::attention::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::attention {
HWY_EXPORT(WeightsFloat);
HWY_EXPORT(WeightsDouble);
HWY_EXPORT(ProductsFloat);
HWY_EXPORT(ProductsDouble);
HWY_EXPORT(OuterFloat);
HWY_EXPORT(OuterDouble);
HWY_EXPORT(ContractFloat);
HWY_EXPORT(ContractDouble);

namespace {

constexpr Index kChunk = 66;  // pairs at a time: eleven tiles of block_product.cpp

template <Real T>
struct Kernels;
template <>
struct Kernels<float> {
  static auto weights() { return HWY_DYNAMIC_DISPATCH(WeightsFloat); }
  static auto products() { return HWY_DYNAMIC_DISPATCH(ProductsFloat); }
  static auto outer() { return HWY_DYNAMIC_DISPATCH(OuterFloat); }
  static auto contract() { return HWY_DYNAMIC_DISPATCH(ContractFloat); }
};
template <>
struct Kernels<double> {
  static auto weights() { return HWY_DYNAMIC_DISPATCH(WeightsDouble); }
  static auto products() { return HWY_DYNAMIC_DISPATCH(ProductsDouble); }
  static auto outer() { return HWY_DYNAMIC_DISPATCH(OuterDouble); }
  static auto contract() { return HWY_DYNAMIC_DISPATCH(ContractDouble); }
};

// body(pairs, first) for chunks of all pairs, `first` the number of the first one.
template <class Body>
void for_chunks(Index size, const Body& body) {
  Index a = 0, b = 0;
  const Index all = SquareSums<float>::features(size);
  for (Index first = 0; first < all; first += kChunk) {
    const Pairs pairs{a, b, size, std::min(kChunk, all - first)};
    body(pairs, first);
    pairs.for_runs([&](Index i, Index j, Index count, Index) {
      a = j + count == size ? i + 1 : i;
      b = j + count == size ? i + 1 : j + count;
    });
  }
}

}  // namespace

template <Real T>
SquareSums<T>::SquareSums(std::span<T> sums, Index size, Index value_dim)
    : values_(sums.data(), features(size), value_dim),
      numbers_(sums.empty() ? nullptr : sums.data() + features(size) * value_dim),
      size_(size),
      products_(std::min(kChunk, features(size)), kTokens) {}

template <Real T>
void SquareSums<T>::add(MatrixView<const T> y, T gain, MatrixView<const T> v,
                        std::span<const T> e) {
  for_chunks(size_, [&](Pairs pairs, Index first) {
    const auto products = columns(products_.view().slice(0, pairs.count), 0, y.cols);
    Kernels<T>::products()(pairs, y, gain, e.data(), numbers_ + first, products);
    multiply_block(plain(products), v, values_.slice(first, pairs.count), Into::kAdd);
  });
}

template <Real T>
void SquareSums<T>::weigh(MatrixView<const T> x, T gain, MatrixView<T> out, std::span<T> total) {
  for_chunks(size_, [&](Pairs pairs, Index first) {
    const auto products = columns(products_.view().slice(0, pairs.count), 0, x.cols);
    Kernels<T>::weights()(pairs, x, gain, numbers_ + first, total.data(), products);
    multiply_block(transposed(products), MatrixView<const T>(values_.slice(first, pairs.count)),
                   out, Into::kAdd);
  });
}

template <Real T>
void SquareSums<T>::add_half_gradient(MatrixView<const T> x, MatrixView<const T> g,
                                      std::span<const T> h, MatrixView<T> dx) {
  for_chunks(size_, [&](Pairs pairs, Index first) {
    const auto products = columns(products_.view().slice(0, pairs.count), 0, x.cols);
    Kernels<T>::outer()(numbers_ + first, h.data(), products);
    multiply_block(plain(values_.slice(first, pairs.count)), g, products, Into::kAdd);
    Kernels<T>::contract()(pairs, x, products, dx);
  });
}

template class SquareSums<float>;
template class SquareSums<double>;

}  // namespace prodigest::attention
#endif  // HWY_ONCE
