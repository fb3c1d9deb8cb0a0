#pragma once
/// Queries, keys and values of many heads, borrowed.

#include <bit>
#include <cstdint>
#include <type_traits>

#include "prodigest/base/matrix.hpp"

namespace prodigest::attention {

/// The upper half of a float, as accelerators and model files store it.
struct BFloat16 {
  std::uint16_t bits = 0;
  explicit operator float() const noexcept {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
  }
};

/// Borrowed tensor of batch x heads x tokens x width, the numbers of a token in a row, in any order
/// of the other three: [B, H, N, D] and [B, N, H, D] are both views.
template <class T>
struct HeadsView {
  T* data = nullptr;
  Index batch = 0, heads = 0, tokens = 0, width = 0;
  Index batch_stride = 0, head_stride = 0, token_stride = 0;  ///< in elements

  /// [B, H, N, D], contiguous.
  static HeadsView bhnd(T* data, Index batch, Index heads, Index tokens, Index width) {
    return {data, batch, heads, tokens, width, heads * tokens * width, tokens * width, width};
  }
  /// [B, N, H, D], contiguous.
  static HeadsView bnhd(T* data, Index batch, Index tokens, Index heads, Index width) {
    return {data, batch, heads, tokens, width, tokens * heads * width, width, heads * width};
  }
  /// A view that may write is a view that only reads.
  operator HeadsView<const T>() const noexcept requires(!std::is_const_v<T>) {
    return {data, batch, heads, tokens, width, batch_stride, head_stride, token_stride};
  }
  /// One head of one sequence: tokens x width.
  MatrixView<T> head(Index b, Index h) const noexcept {
    return {data + b * batch_stride + h * head_stride, tokens, width, token_stride};
  }
};

}  // namespace prodigest::attention
