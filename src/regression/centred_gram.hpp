#pragma once
// The Gram matrix of centred rows.

#include "regression/moments.hpp"

namespace prodigest::regression {

/// Sum of share * a aᵀ over centred rows.  @shape -> d x d  @complexity O(t d²), by GEMM
Matrix<double> centred_gram(const WeightedRows& rows, const Moments& moments,
                            const Centring& centring, const Context& context);

}  // namespace prodigest::regression
