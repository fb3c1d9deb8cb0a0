#include "prodigest/sampling/row_sample.hpp"

#include <algorithm>

#include "base/fail.hpp"
#include "core/digest_checks.hpp"
#include "core/squared_norms.hpp"
#include "prodigest/core/random.hpp"
#include "sampling/candidates.hpp"
#include "sampling/coded_values.hpp"

namespace prodigest::sampling {
namespace {

void require(bool rule, const char* text) {
  if (!rule) fail(ErrorCode::kInvalidArgument, "row sample: {}", text);
}

template <Real T>
void check_values(const Matrix<T>& rows, std::size_t size, Index cols) {
  require(rows.rows == static_cast<Index>(size) && rows.cols == cols &&
              rows.storage.size() == size * static_cast<std::size_t>(cols),
          "rows must be as many as row ids and as wide as cols");
  require(std::ranges::all_of(rows.storage, [](T x) { return std::isfinite(x); }), "values must be finite");
}

template <Real T>
void check_values(const CsrMatrix<T>& rows, std::size_t size, Index cols) {
  require(rows.row_start.size() == size + 1 && rows.cols == cols, "rows must be as many as row ids and as wide as cols");
  require(rows.row_start.front() == 0 && std::ranges::is_sorted(rows.row_start) &&
              rows.row_start.back() == std::ssize(rows.values) && rows.columns.size() == rows.values.size(),
          "row starts must ascend from 0 to the number of values");
  for (Index i = 0; i < static_cast<Index>(size); ++i) {
    const auto columns = rows.view().row_columns(i);
    require(columns.empty() || (columns.front() >= 0 && columns.back() < cols &&
                                std::ranges::adjacent_find(columns, std::greater_equal<>()) == columns.end()),
            "columns of a row must ascend within [0, cols)");
  }
  require(std::ranges::all_of(rows.values, [](T x) { return std::isfinite(x) && x != 0; }),
          "sparse values must be finite and not zero");
}

void check_totals(const SampleParts& parts) {
  const SampleTotals& totals = parts.totals;
  require(totals.rows >= std::ssize(parts.row_ids), "rows seen must be at least the rows kept");
  require(totals.nonzero_rows >= 0 && totals.nonzero_rows <= totals.rows,
          "non-zero rows must be at most the rows seen");
  require(totals.squared_norm.rounded() >= 0 && totals.weight.rounded() >= 0,
          "squared norm and sum of weights must not be negative");
  const Index sums = parts.spec.totals == Totals::kFull ? parts.cols : 0;
  require(std::ssize(totals.column_sums) == sums, "column sums must be as many as columns for totals=full, else absent");
  const Index squares = parts.spec.totals == Totals::kGram ? parts.cols * (parts.cols + 1) / 2 : 0;
  require(std::ssize(totals.gram) == squares, "the Gram matrix must be d (d + 1) / 2 numbers for totals=gram, else absent");
  require(std::ranges::all_of(totals.gram, [](double x) { return std::isfinite(x); }), "the Gram matrix must be finite");
  for (Index row = 0, at = 0; at < squares; at += parts.cols - row++)
    require(totals.gram[static_cast<std::size_t>(at)] >= 0, "the diagonal of the Gram matrix must not be negative");
}

}  // namespace

RowSample::RowSample(SampleParts parts) : parts_(std::move(parts)) {
  validate(parts_.spec);
  const std::size_t size = parts_.row_ids.size();
  require(parts_.cols >= 1, "there must be a column");
  check_names("row sample", parts_.schema, parts_.cols);
  require(parts_.weights.size() == size, "weights must be as many as row ids");
  require(std::ranges::adjacent_find(parts_.row_ids, std::greater_equal<>()) == parts_.row_ids.end(),
          "row ids must ascend");
  require(parts_.tau > 0, "tau must be positive");
  require(parts_.spec.method != Method::kPriority || static_cast<Index>(size) <= parts_.spec.size,
          "a priority sample holds at most its size");
  check_totals(parts_);
  require(parts_.coded.has_value() == parts_.spec.values.has_value(),
          "rows are coded exactly if the spec has values");
  if (parts_.coded) {
    parts_.coded->single = parts_.coded->single && size > 0;
    parts_.rows = decode_rows(parts_);
  }
  std::visit([&](const auto& rows) { check_values(rows, size, parts_.cols); }, parts_.rows);
  if (size == 0) parts_.rows = Matrix<double>(0, parts_.cols);  // whatever type it would have had
  for (std::size_t i = 0; i < size; ++i) {
    const double weight = parts_.weights[i];
    require(weight > 0 && std::isfinite(weight), "weights must be positive and finite");
    const double rank = uniform(parts_.spec.seed, Domain::kRowSelection, parts_.row_ids[i]) / weight;
    require(before(rank, parts_.row_ids[i], parts_.tau, parts_.tau_row), "the rank of a kept row must be below tau");
  }
}

RowsView RowSample::values() const noexcept {
  return std::visit([](const auto& rows) -> RowsView { return rows.view(); }, parts_.rows);
}

std::vector<double> RowSample::squared_norms() const {
  if (parts_.coded) return parts_.coded->squared_norms;
  std::vector<double> norms(parts_.row_ids.size());
  prodigest::squared_norms(values(), norms);
  return norms;
}

std::optional<double> RowSample::squared_norm() const {
  if (parts_.spec.totals == Totals::kNone) return std::nullopt;
  return parts_.totals.squared_norm.rounded();
}

bool RowSample::single_precision() const noexcept {
  return parts_.rows.index() == 0 || parts_.rows.index() == 2;
}

}  // namespace prodigest::sampling
