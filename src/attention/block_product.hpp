#pragma once
// Products of blocks that lie in the first caches: what attention is made of. On blocks of this
// size faster than a BLAS, which packs and checks first.

#include "prodigest/base/matrix.hpp"

namespace prodigest::attention {

/// Left factor: (i, k) is data[i * row_step + k * inner_step].
template <Real T>
struct BlockFactor {
  const T* data;
  Index row_step, inner_step;
};

template <class T>
BlockFactor<std::remove_const_t<T>> plain(MatrixView<T> a) {
  return {a.data, a.row_stride, 1};
}
template <class T>
BlockFactor<std::remove_const_t<T>> transposed(MatrixView<T> a) {
  return {a.data, 1, a.row_stride};
}

enum class Into { kNew, kAdd };

/// out = a b, or out += a b.  @shape a: n x d, b: d x m, out: n x m
void multiply_block(BlockFactor<float> a, MatrixView<const float> b, MatrixView<float> out,
                    Into into);
void multiply_block(BlockFactor<double> a, MatrixView<const double> b, MatrixView<double> out,
                    Into into);

}  // namespace prodigest::attention
