#include "lattice/hand_columns.hpp"

#include "core/entries.hpp"
#include "lattice/append_columns.hpp"

namespace prodigest::lattice {
namespace {

constexpr char kWhere[] = "product";

std::vector<double> column_sums(const Matrix<double>& matrix, const auto& of) {
  std::vector<double> sums(static_cast<std::size_t>(matrix.cols));
  for (Index i = 0; i < matrix.rows; ++i)
    for (Index j = 0; j < matrix.cols; ++j) sums[static_cast<std::size_t>(j)] += of(matrix(i, j));
  return sums;
}

}  // namespace

LatticeSpec spec_at_hand(LatticeSpec spec) {
  spec.coding = {coding::Format::kI8, 0};
  if (spec.gain == coding::Gain::kPlain) spec.gain = coding::Gain::kUnbiased;
  return spec;
}

LatticeCodes codes_at_hand(const LatticeCodes& a, const RowsView& b, const Context& context) {
  const LatticeSpec spec = spec_at_hand(a.spec());
  LatticeParts parts = no_columns(spec, a.rows(), a.parts().row_set);
  parts.schema.key = a.schema().key;
  parts.schema.key_encoding = a.schema().key_encoding;
  ColumnsOfRows columns(cols_of(b));
  columns.add(b);
  append_columns(kWhere, ColumnEncoder(spec, a.rows()), source_of(columns), parts, context);
  return LatticeCodes(std::move(parts));
}

HandColumns columns_at_hand(const LatticeCodes& a, const RowsView& b) {
  HandColumns hand;
  Matrix<double>& values = hand.values = Matrix<double>(rows_of(b), cols_of(b));
  std::visit(
      [&](const auto& view) {
        for (Index i = 0; i < view.rows; ++i)
          for_each_entry(view, i, [&](Index j, auto entry) {
            const auto value = static_cast<double>(entry);
            if (is_refused(value)) refuse_entry(kWhere, value, place_of(static_cast<RowId>(i), j));
            values(i, j) = value;
          });
      },
      b);
  if (a.spec().centre) {
    hand.mean = column_sums(values, [](double x) { return x; });
    for (double& mean : hand.mean) mean /= static_cast<double>(values.rows);
    for (Index i = 0; i < values.rows; ++i)
      for (Index j = 0; j < values.cols; ++j)
        values(i, j) -= hand.mean[static_cast<std::size_t>(j)];
  }
  hand.squared_norm = column_sums(values, [](double x) { return x * x; });
  return hand;
}

}  // namespace prodigest::lattice
