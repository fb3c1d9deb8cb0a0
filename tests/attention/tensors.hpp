#pragma once
// Queries, keys and values for tests of attention.

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "core/draws.hpp"
#include "prodigest/attention/attention.hpp"

namespace prodigest::attention {

/// An owned tensor of [B, H, N, D].
template <class T>
struct Tensor {
  std::vector<T> values;
  Index batch = 0, heads = 0, tokens = 0, width = 0;

  Tensor() = default;
  Tensor(Index b, Index h, Index n, Index d)
      : values(static_cast<std::size_t>(b * h * n * d)), batch(b), heads(h), tokens(n), width(d) {}

  HeadsView<T> view() { return HeadsView<T>::bhnd(values.data(), batch, heads, tokens, width); }
  HeadsView<const T> view() const {
    return HeadsView<const T>::bhnd(values.data(), batch, heads, tokens, width);
  }
  T& operator()(Index b, Index h, Index n, Index d) {
    return values[static_cast<std::size_t>(((b * heads + h) * tokens + n) * width + d)];
  }
  const T& operator()(Index b, Index h, Index n, Index d) const {
    return values[static_cast<std::size_t>(((b * heads + h) * tokens + n) * width + d)];
  }
  /// Tokens first, ..., first + count - 1.
  Tensor tokens_from(Index first, Index count) const {
    Tensor part(batch, heads, count, width);
    for (Index b = 0; b < batch; ++b)
      for (Index h = 0; h < heads; ++h)
        for (Index n = 0; n < count; ++n)
          for (Index d = 0; d < width; ++d) part(b, h, n, d) = (*this)(b, h, first + n, d);
    return part;
  }
  friend bool operator==(const Tensor&, const Tensor&) = default;
};

template <class T>
Tensor<T> normal_tensor(Index b, Index h, Index n, Index d, std::uint64_t seed) {
  Tensor<T> tensor(b, h, n, d);
  std::vector<double> numbers(tensor.values.size());
  random_normals(Seed{seed}, 0, numbers);
  std::ranges::transform(numbers, tensor.values.begin(),
                         [](double x) { return static_cast<T>(x); });
  return tensor;
}

template <class T>
struct Inputs3 {
  Tensor<T> q, k, v;
};

template <class T>
Inputs3<T> normal_inputs(const AttentionShape& shape, Index batch, Index tokens,
                         std::uint64_t seed) {
  return {normal_tensor<T>(batch, shape.heads, tokens, shape.head_dim, seed),
          normal_tensor<T>(batch, shape.key_heads, tokens, shape.head_dim, seed + 1),
          normal_tensor<T>(batch, shape.key_heads, tokens, shape.value_dim, seed + 2)};
}

template <class T>
Tensor<T> applied(const Attention<T>& attention, const Inputs3<T>& in,
                  const AttendOptions& options = {},
                  std::type_identity_t<Denominators<T>>* denominators = nullptr,
                  const Context& context = {.threads = 1}) {
  Tensor<T> out(in.q.batch, in.q.heads, in.q.tokens, in.v.width);
  std::ranges::fill(out.values, std::numeric_limits<T>::quiet_NaN());
  attention.apply(in.q.view(), in.k.view(), in.v.view(), out.view(), options, denominators,
                  context);
  return out;
}

/// ||a - b|| / ||b||
template <class T, class U>
double relative_error(const std::vector<T>& a, const std::vector<U>& b) {
  double error = 0, norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
    norm += static_cast<double>(b[i]) * b[i];
  }
  return std::sqrt(error / norm);
}

}  // namespace prodigest::attention
