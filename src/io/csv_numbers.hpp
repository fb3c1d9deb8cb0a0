#pragma once
// The numeric columns of a text table as dense rows.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/csv_table.hpp"
#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {

class CsvNumbers final : public RowReader {
 public:
  // options.columns, or all columns but the key that hold nothing but numbers in the first rows.
  CsvNumbers(const std::filesystem::path& path, const ReadOptions& options);

  Index cols() const override { return static_cast<Index>(columns_.size()); }
  const std::vector<std::string>& column_names() const override { return names_; }
  bool next(RowBlock& block) override;
  void rewind() override;
  std::vector<std::string> notes() const override;

 private:
  void choose_numeric_columns();
  bool append_row();
  std::optional<double> missing_value(std::size_t column);

  CsvTable table_;
  MissingCells missing_;
  std::vector<std::size_t> columns_;
  std::vector<std::string> names_;
  std::vector<std::string> left_out_;  // notes about columns
  Index rows_per_block_ = 1;
  std::vector<double> values_;
  std::vector<RowId> row_ids_;
  Index cells_as_zero_ = 0;
  Index rows_left_out_ = 0;
};

}  // namespace prodigest::io
