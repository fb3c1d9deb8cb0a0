#include "regression/matched_rows.hpp"

#include <algorithm>

namespace prodigest::regression {

WeightedRows matched_rows(const sampling::RowSample& a, const sampling::RowSample& b,
                          Index target) {
  WeightedRows rows{.values = a.values(), .positions = {}, .weights = {}, .target = {}};
  std::vector<Index> of_b;
  Index i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    const RowId left = a.row_ids()[static_cast<std::size_t>(i)],
                right = b.row_ids()[static_cast<std::size_t>(j)];
    if (left == right) {
      rows.positions.push_back(i);
      of_b.push_back(j);
      rows.weights.push_back(1 / std::min(a.inclusion(i), b.inclusion(j)));
    }
    if (left <= right) ++i;
    if (right <= left) ++j;
  }
  rows.target = column_at(b.values(), of_b, target);
  return rows;
}

}  // namespace prodigest::regression
