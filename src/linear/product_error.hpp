#pragma once
// The mean squared error of (S A)ᵀ(S B), exactly and estimated from the sketches. The derivations
// are in docs/theory/linear.md.

#include "prodigest/linear/linear_spec.hpp"

namespace prodigest::linear {

/// Squares of norms of both sides are multiplied: beyond double, within long double.
using Wide = long double;

/// c in E||W - AᵀB||² = c (||A||²||B||² + ||AᵀB||² - 2 D).
Wide variance_factor(const LinearSpec& spec);

/// W is the sum of products of independent parts of the sketches, as many as this: the sketch rows,
/// or the bands of a sparse embedding.
Index independent_parts(const LinearSpec& spec);

/// What is known of a product, or of one of its entries.
struct ProductMoments {
  Wide norms = 0;    ///< ||A||²||B||²
  Wide product = 0;  ///< ||W||²
  Wide parts = 0;    ///< sum of the squared norms of the independent parts of W
};

/// Unbiased, but for being held within what is possible.  @return >= 0
Wide mean_squared_error(const LinearSpec& spec, const ProductMoments& moments);

}  // namespace prodigest::linear
