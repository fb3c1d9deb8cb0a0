#pragma once
// Dense products by OpenBLAS, one BLAS thread for each caller, the same bits for any number of
// ours. Each of them for double and for float.

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest {

/// out = aᵀ b.  @shape a: t x d, b: t x m, out: d x m  @complexity O(t d m)
void multiply_transposed(MatrixView<const double> a, MatrixView<const double> b,
                         MatrixView<double> out, const Context& context);
void multiply_transposed(MatrixView<const float> a, MatrixView<const float> b,
                         MatrixView<float> out, const Context& context);

/// out += aᵀ b.  @shape as above  @complexity O(t d m)
void add_transposed_product(MatrixView<const double> a, MatrixView<const double> b,
                            MatrixView<double> out, const Context& context);
void add_transposed_product(MatrixView<const float> a, MatrixView<const float> b,
                            MatrixView<float> out, const Context& context);

/// out = a b.  @shape a: n x d, b: d x m, out: n x m  @complexity O(n d m)
void multiply(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> out,
              const Context& context);
void multiply(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> out,
              const Context& context);

/// out += a bᵀ.  @shape a: n x d, b: m x d, out: n x m  @complexity O(n d m)
void add_product_by_transposed(MatrixView<const double> a, MatrixView<const double> b,
                               MatrixView<double> out, const Context& context);
void add_product_by_transposed(MatrixView<const float> a, MatrixView<const float> b,
                               MatrixView<float> out, const Context& context);

}  // namespace prodigest
