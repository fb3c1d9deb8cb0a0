#include "lattice/product_checks.hpp"

#include "base/fail.hpp"
#include "core/digest_checks.hpp"
#include "lattice/columns_of_rows.hpp"

namespace prodigest::lattice {

void check_multipliable(const LatticeCodes& a, const LatticeCodes& b) {
  check_seeds("product", a.spec().seed, b.spec().seed);
  if (a.rows() != b.rows())
    fail(ErrorCode::kIncompatible, "product: inner dimensions differ: {} and {} rows", a.rows(),
         b.rows());
  check_keys_meet("product", a.schema(), b.schema());
  if (a.parts().row_set != b.parts().row_set)
    fail(ErrorCode::kIncompatible,
         "product: the {} rows of one side are not those of the other, their keys differ (keep the "
         "rows that both have, then code them again; row samples match rows by themselves)",
         a.rows());
  if (a.spec().rotation != b.spec().rotation)
    fail(ErrorCode::kIncompatible,
         "product: rotations must be equal, got {} and {} (code one side again with the other's "
         "rotation=)",
         to_text(a.spec()), to_text(b.spec()));
  if (a.size() != b.size())
    fail(ErrorCode::kIncompatible,
         "product: sizes must be equal, got {} and {} (code one side again with the other's size=)",
         a.size(), b.size());
}

void check_rows_at_hand(const LatticeCodes& a, const RowsView& b) {
  if (a.rows() != rows_of(b))
    fail(ErrorCode::kInvalidArgument, "product: inner dimensions differ: {} and {} rows", a.rows(),
         rows_of(b));
  check_numbered_columns("product", b);
}

}  // namespace prodigest::lattice
