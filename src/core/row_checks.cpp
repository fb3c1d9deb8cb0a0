#include "core/row_checks.hpp"

#include <cmath>
#include <limits>

#include "base/fail.hpp"
#include "core/entries.hpp"

namespace prodigest {
namespace {

void for_each_entry(const RowsView& block, Index i, const auto& visit) {
  std::visit([&](const auto& view) { prodigest::for_each_entry(view, i, visit); }, block);
}

[[noreturn]] void refuse_row(const char* where, const RowsView& block, Index i, double squared_norm, RowId id) {
  for_each_entry(block, i, [&](Index column, double value) {
    if (!std::isfinite(value))
      fail(ErrorCode::kInvalidArgument,
           "{}: entries must be finite, got {} in row {}, column {} (drop the row or put a number)",
           where, value, id, column);
  });
  fail(ErrorCode::kInvalidArgument,
       "{}: the squared norm of a row must lie between 2^-1022 and 2^960, got {} in row {} "
       "(multiply both matrices by a power of two; the product scales with it)",
       where, squared_norm, id);
}

}  // namespace

void check_cols(const char* where, Index cols) {
  if (cols < 1 || cols > std::numeric_limits<std::int32_t>::max())
    fail(ErrorCode::kInvalidArgument, "{}: expected 1 to 2^31 - 1 columns, got {}", where, cols);
}

void check_block(const char* where, const RowsView& block, Index cols, std::size_t row_ids) {
  if (cols_of(block) != cols)
    fail(ErrorCode::kInvalidArgument, "{}: expected rows of {} columns, got {}", where, cols,
         cols_of(block));
  if (row_ids != static_cast<std::size_t>(rows_of(block)))
    fail(ErrorCode::kInvalidArgument, "{}: expected a row id for each of {} rows, got {}", where,
         rows_of(block), row_ids);
}

void check_rows(const char* where, const RowsView& block, std::span<const double> squared_norms,
                std::span<const RowId> row_ids) {
  for (std::size_t i = 0; i < squared_norms.size(); ++i) {
    const double norm = squared_norms[i];
    if (norm >= kLeastSquaredNorm && norm <= kMostSquaredNorm) [[likely]]
      continue;
    bool zero = norm == 0;
    if (zero)  // entries too small to square are not zero
      for_each_entry(block, static_cast<Index>(i), [&](Index, double value) { zero &= value == 0; });
    if (!zero) refuse_row(where, block, static_cast<Index>(i), norm, row_ids[i]);
  }
}

void check_columns(const char* where, const RowsView& block, std::span<const RowId> row_ids) {
  std::visit(
      [&](const auto& view) {
        if constexpr (requires { view.columns; }) {
          for (Index i = 0; i < view.rows; ++i) {
            Index previous = -1;
            for (const std::int32_t column : view.row_columns(i)) {
              if (column <= previous || column >= view.cols)
                fail(ErrorCode::kInvalidArgument,
                     "{}: columns of a CSR row must ascend within [0, {}), got {} after {} in row {}",
                     where, view.cols, column, previous, row_ids[static_cast<std::size_t>(i)]);
              previous = column;
            }
          }
        }
      },
      block);
}

void check_weights(const char* where, std::span<const double> weights, std::span<const double> squared_norms,
                   std::span<const RowId> row_ids) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double weight = weights[i];
    if (weight >= kLeastSquaredNorm && weight <= kMostSquaredNorm) [[likely]]
      continue;
    if (weight == 0 && squared_norms[i] == 0) continue;
    fail(ErrorCode::kInvalidArgument,
         "{}: the weight of a row must lie between 2^-1022 and 2^960, or be 0 for a zero row, got "
         "{} for row {} (if it is a leverage, columns differ too much in scale: scale them, or use mixture)",
         where, weight, row_ids[i]);
  }
}

}  // namespace prodigest
