#include "prodigest/lattice/product.hpp"

#include <vector>

#include "core/digest_checks.hpp"
#include "lattice/decoded_product.hpp"
#include "lattice/hand_columns.hpp"
#include "lattice/product_checks.hpp"
#include "lattice/product_estimate.hpp"

namespace prodigest::lattice {
namespace {

bool is_rotated(const LatticeSpec& spec) { return spec.rotation == Rotation::kHadamard; }

// Adds what the means of one side make of the sums of the other.
void add_products(Matrix<double>& product, std::span<const double> a, std::span<const double> b) {
  for (Index i = 0; i < product.rows; ++i)
    for (Index j = 0; j < product.cols; ++j)
      product(i, j) += a[static_cast<std::size_t>(i)] * b[static_cast<std::size_t>(j)];
}

}  // namespace

ProductEstimate estimate_product(const LatticeCodes& a, const LatticeCodes& b,
                                 const ProductOptions& options, const Context& context) {
  if (&a == &b) return gram(a, options, context);
  check_product_options(options);
  check_multipliable(a, b);
  const bool centred_a = a.spec().centre, centred_b = b.spec().centre;
  const ProductSide side_a = side_of(a, centred_b, context),
                    side_b = side_of(b, centred_a, context);
  Matrix<double> product = decoded_product(a, b, context);
  if (centred_a && !centred_b) add_products(product, side_a.mean, decoded_sums(b, context));
  if (centred_b && !centred_a) add_products(product, decoded_sums(a, context), side_b.mean);
  return estimate_of({std::move(product), shape_of(a, b.spec()), is_rotated(a.spec())}, side_a,
                     side_b, options, context);
}

ProductEstimate estimate_product(const LatticeCodes& a, const RowsView& b,
                                 const ProductOptions& options, const Context& context) {
  check_product_options(options);
  check_rows_at_hand(a, b);
  if (is_rotated(a.spec()))
    return estimate_product(a, codes_at_hand(a, b, context), options, context);
  const HandColumns columns = columns_at_hand(a, b);
  const ProductSide side_a = side_of(a, a.spec().centre, context);
  ProductSide side_b{{}, columns.mean};
  for (const double norm : columns.squared_norm) side_b.columns.push_back({.squared_norm = norm});
  return estimate_of(
      {decoded_product(a, columns.values.view(), context), shape_of(a, a.spec()), false}, side_a,
      side_b, options, context);
}

bool same_codes(const LatticeCodes& a, const LatticeCodes& b) {
  const LatticeParts &left = a.parts(), &right = b.parts();
  return left.spec == right.spec && left.row_set == right.row_set && left.mean == right.mean &&
         left.scale == right.scale && left.codes == right.codes;
}

ProductEstimate gram(const LatticeCodes& a, const ProductOptions& options, const Context& context) {
  // Of a norm: half of the last place of a noise, and what floats leave of scale and rotation.
  constexpr double kHalf = 0x1p-11, kFloats = 0x1p-20;
  check_product_options(options);
  const ProductSide side = side_of(a, a.spec().centre, context);
  DecodedProduct product{decoded_product(a, a, context), shape_of(a, a.spec()),
                         is_rotated(a.spec())};
  const double dropped = 2 * (1 / product.shape.kept - 1) / product.shape.rows;
  for (std::size_t c = 0; c < side.columns.size(); ++c) {
    const double norm = side.columns[c].squared_norm, noise = side.columns[c].noise;
    const double mean = side.mean.empty() ? 0 : side.mean[c];
    const double rounding = kHalf * noise / (1 + noise) + kFloats;
    product.diagonal.push_back(
        {norm + product.shape.rows * mean * mean, norm * norm * (dropped + rounding * rounding)});
  }
  return estimate_of(std::move(product), side, side, options, context);
}

}  // namespace prodigest::lattice
