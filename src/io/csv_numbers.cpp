#include "io/csv_numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "base/fail.hpp"
#include "io/text_fields.hpp"

namespace prodigest::io {
namespace {

constexpr int kSampleRows = 1000;

enum class CellKind { kMissing, kNumber, kText };

// `value` is set for a number, which may be infinite but not NaN.
CellKind read_cell(std::string_view cell, double& value) {
  constexpr std::array<std::string_view, 7> kMissing = {"",     "NA",   "NaN", "nan",
                                                        "null", "NULL", "None"};
  if (parse_number(cell, value)) return std::isnan(value) ? CellKind::kMissing : CellKind::kNumber;
  const bool missing = std::find(kMissing.begin(), kMissing.end(), trimmed(cell)) != kMissing.end();
  return missing ? CellKind::kMissing : CellKind::kText;
}

}  // namespace

CsvNumbers::CsvNumbers(const std::filesystem::path& path, const ReadOptions& options)
    : table_(path, options),
      missing_(options.missing),
      columns_(table_.columns(options.columns, "--columns")) {
  if (columns_.empty()) choose_numeric_columns();
  for (const std::size_t column : columns_) names_.push_back(table_.column_names()[column]);
  rows_per_block_ = std::max<Index>(
      1, static_cast<Index>(options.block_bytes / (sizeof(double) * columns_.size())));
}

void CsvNumbers::choose_numeric_columns() {
  const std::vector<std::string>& all = table_.column_names();
  std::vector<CellKind> kinds(all.size(), CellKind::kMissing);
  table_.mark();
  int rows = 0;
  for (; rows < kSampleRows && table_.next_row(); ++rows) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      double value = 0;
      if (kinds[i] != CellKind::kText)
        kinds[i] = std::max(kinds[i], read_cell(table_.cell(i), value));
    }
  }
  table_.return_to_mark();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (table_.is_key(i)) continue;
    if (kinds[i] == CellKind::kText)
      left_out_.push_back(fmt::format("column \"{}\" is text: left out", all[i]));
    else if (kinds[i] == CellKind::kMissing && rows > 0)
      left_out_.push_back(fmt::format(
          "column \"{}\" has no number in the first {} rows: left out (--columns keeps it)", all[i],
          rows));
    else
      columns_.push_back(i);
  }
  if (columns_.empty())
    fail(ErrorCode::kInvalidArgument,
         "{}: expected numeric columns, got none (columns: {}; --words reads a text column)",
         table_.name(), fmt::join(all, ", "));
}

bool CsvNumbers::next(RowBlock& block) {
  values_.clear();
  row_ids_.clear();
  block.first_row = table_.next_row_number();
  Index rows = 0;
  while (rows < rows_per_block_ && table_.next_row()) rows += append_row() ? 1 : 0;
  block.rows = MatrixView<const double>(values_.data(), rows, cols());
  block.row_ids = row_ids_;
  return rows > 0;
}

// False if the row is left out for a missing cell.
bool CsvNumbers::append_row() {
  // Left-out rows leave gaps in the numbering, so that rows are named one by one then too.
  if (table_.has_key() || missing_ == MissingCells::kDropRow) row_ids_.push_back(table_.row_id());
  const std::size_t begin = values_.size();
  values_.resize(begin + columns_.size());
  double* out = values_.data() + begin;
  for (const std::size_t column : columns_) {
    double value = 0;
    const CellKind kind = read_cell(table_.cell(column), value);
    if (kind == CellKind::kText)
      fail(ErrorCode::kFormat,
           "{}: expected a number, got {} (correct the cell, or leave the column out of --columns)",
           table_.place(column), shown(table_.cell(column)));
    if (kind == CellKind::kNumber && std::isinf(value))
      fail(ErrorCode::kInvalidArgument,
           "{}: expected a finite number, got {} (correct the cell, or write NA)",
           table_.place(column), shown(table_.cell(column)));
    if (kind == CellKind::kMissing) {
      const std::optional<double> stand_in = missing_value(column);
      if (!stand_in) {
        values_.resize(begin);
        row_ids_.pop_back();
        return false;
      }
      value = *stand_in;
    }
    *out++ = value;
  }
  return true;
}

// What to take for a missing cell of this row; nothing if the row is to be left out.
std::optional<double> CsvNumbers::missing_value(std::size_t column) {
  switch (missing_) {
    case MissingCells::kZero:
      ++cells_as_zero_;
      return 0.0;
    case MissingCells::kDropRow:
      ++rows_left_out_;
      return std::nullopt;
    case MissingCells::kError:
      break;
  }
  fail(ErrorCode::kInvalidArgument,
       "{}: expected a number, got {} (choose --missing zero or --missing drop)",
       table_.place(column), shown(table_.cell(column)));
}

void CsvNumbers::rewind() {
  table_.rewind();
  cells_as_zero_ = 0;
  rows_left_out_ = 0;
}

std::vector<std::string> CsvNumbers::notes() const {
  std::vector<std::string> notes = left_out_;
  if (cells_as_zero_ > 0)
    notes.push_back(fmt::format("missing cells taken as 0: {}", cells_as_zero_));
  if (rows_left_out_ > 0)
    notes.push_back(fmt::format("rows left out for a missing cell: {}", rows_left_out_));
  return notes;
}

}  // namespace prodigest::io
