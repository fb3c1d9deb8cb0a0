#pragma once
// From the product of decoded columns to the estimate of AᵀB and its errors.

#include <vector>

#include "lattice/product_error.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/core/estimate.hpp"
#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

/// One side of a product.
struct ProductSide {
  std::vector<ProductColumn> columns;
  std::vector<double> mean;  ///< [d], of what is not in the codes; or empty
};

/// @param other_centred whether the means of the other side are not in its codes either
ProductSide side_of(const LatticeCodes& codes, bool other_centred, const Context& context);

/// Dropped coordinates are made up for, unless both sides ask for the least error.
ProductShape shape_of(const LatticeCodes& a, const LatticeSpec& b);

/// An entry of the diagonal of AᵀA, known otherwise.
struct KnownEntry {
  double value = 0, variance = 0;
};

struct DecodedProduct {
  Matrix<double> values;  ///< <x̂_i, ŷ_j>, and what the means of one side make of the other's codes
  ProductShape shape;
  bool rotated = true;
  std::vector<KnownEntry> diagonal{};  ///< [d] or empty
};

ProductEstimate estimate_of(DecodedProduct product, const ProductSide& a, const ProductSide& b,
                            const ProductOptions& options, const Context& context);

}  // namespace prodigest::lattice
