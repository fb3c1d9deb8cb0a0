#pragma once
// A text table: its delimiter, column names and key, and its rows as cells.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "io/csv_records.hpp"
#include "io/line_input.hpp"
#include "prodigest/core/key.hpp"
#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {

class CsvTable {
 public:
  // Reads the header. The delimiter is a tab if the path ends in .tsv, else sniffed.
  // @throws Error{kFormat} for an empty file or a header that is no list of different UTF-8 names,
  //         Error{kInvalidArgument} for key columns that are not there
  CsvTable(const std::filesystem::path& path, const ReadOptions& options);
  CsvTable(const CsvTable&) = delete;  // records_ refers to lines_
  CsvTable& operator=(const CsvTable&) = delete;

  const std::string& name() const noexcept { return lines_.name(); }
  const std::vector<std::string>& column_names() const noexcept { return names_; }
  // @throws Error{kInvalidArgument}, with the nearest name
  std::size_t column(std::string_view name) const;
  // The same for several, which must differ; `option` stands for them in the message.
  std::vector<std::size_t> columns(const std::vector<std::string>& names,
                                   std::string_view option) const;
  bool has_key() const noexcept { return !key_.empty(); }
  bool is_key(std::size_t column) const noexcept;

  bool next_row();
  std::string_view cell(std::size_t column) const { return records_.cells()[column]; }
  // Hash of the key, or the number of the row.  @throws Error{kInvalidArgument, kFormat}
  RowId row_id();
  // Number of the row that next_row() reads next.
  RowId next_row_number() const noexcept { return next_row_number_; }
  // `a.csv: line 17, column "size"`, of the row read last.
  std::string place(std::size_t column) const;

  // return_to_mark() gives the rows after mark() once more, even of a pipe.
  void mark();
  void return_to_mark();
  void rewind();

 private:
  void read_header();
  void number_columns();
  void check_names() const;

  LineInput lines_;
  CsvRecords records_;
  bool header_;
  KeyEncoding key_encoding_;
  RowId first_row_;
  std::vector<std::string> names_;
  std::vector<std::size_t> key_;
  std::vector<std::string_view> key_parts_;
  RowId next_row_number_;
  RowId marked_row_number_ = 0;
};

}  // namespace prodigest::io
