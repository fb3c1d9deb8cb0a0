#pragma once
// The records of a delimiter-separated text: RFC 4180 with other delimiters, LF or CRLF.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "io/line_input.hpp"
#include "prodigest/base/types.hpp"

namespace prodigest::io {

// Tab, semicolon or comma, whichever is there. Of several the header's most frequent one; in a line
// of data the first in this order, for a comma may be a decimal sign there.
char sniff_delimiter(std::string_view line, bool is_header);

// All records have as many cells as the first one. Blank lines are allowed at the end only.
//
// Text between tabs has no quotes in the sense of RFC 4180 (a cell may begin with a word in
// quotes), but quotes around a whole cell are taken off.
class CsvRecords {
 public:
  CsvRecords(LineInput& lines, char delimiter) : lines_(lines), delimiter_(delimiter) {}

  // Reads the next record; false at the end.  @throws Error{kFormat}, saying in which line
  bool next();
  // Cells of the record read last; they live until the next call.
  const std::vector<std::string_view>& cells() const noexcept { return cells_; }
  // Line where that record begins.
  Index line_number() const noexcept { return line_number_; }

 private:
  struct Piece {
    std::size_t begin;
    std::size_t size;
    bool in_scratch;
  };

  bool only_blank_lines_follow();
  void split_plain(std::string_view line);
  void unquote_whole_cells();
  void split_quoted(std::string_view line);
  std::size_t read_quoted_cell(std::string_view& line, std::size_t at);

  LineInput& lines_;
  char delimiter_;
  std::size_t width_ = 0;  // 0 before the first record
  Index line_number_ = 0;
  std::vector<std::string_view> cells_;
  std::vector<Piece> pieces_;  // cells while the line may still move in memory
  std::string scratch_;        // text of cells whose quotes were taken off
};

}  // namespace prodigest::io
