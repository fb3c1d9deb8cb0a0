#include "io/csv_records.hpp"

#include <algorithm>

#include "base/fail.hpp"

namespace prodigest::io {
namespace {

// A quote that is never closed must not draw a huge file into memory.
constexpr std::size_t kMaxQuotedBytes = std::size_t{256} << 20;

}  // namespace

char sniff_delimiter(std::string_view line, bool is_header) {
  constexpr std::string_view kDelimiters = "\t;,";
  std::size_t counts[kDelimiters.size()] = {};
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    const std::size_t delimiter = kDelimiters.find(c);
    if (!quoted && delimiter != std::string_view::npos) ++counts[delimiter];
  }
  std::size_t best = kDelimiters.size() - 1;
  for (std::size_t i = best; i-- > 0;)
    if (is_header ? counts[i] > counts[best] : counts[i] > 0) best = i;
  return kDelimiters[best];
}

bool CsvRecords::next() {
  std::string_view line;
  if (!lines_.next(line)) return false;
  line_number_ = lines_.line_number();
  if (line.empty()) {
    if (only_blank_lines_follow()) return false;
    fail(ErrorCode::kFormat, "{}: line {} is blank (delete it, or write NA for a missing cell)",
         lines_.name(), line_number_);
  }
  const bool has_quotes = line.find('"') != std::string_view::npos;
  if (has_quotes && delimiter_ != '\t') {
    split_quoted(line);
  } else {
    split_plain(line);
    if (has_quotes) unquote_whole_cells();
  }
  if (width_ == 0) width_ = cells_.size();
  if (cells_.size() != width_)
    fail(ErrorCode::kFormat, "{}: line {}: expected {} cells as in the first line, got {}",
         lines_.name(), line_number_, width_, cells_.size());
  return true;
}

bool CsvRecords::only_blank_lines_follow() {
  std::string_view line;
  while (lines_.next(line))
    if (!line.empty()) return false;
  return true;
}

void CsvRecords::split_plain(std::string_view line) {
  cells_.clear();
  std::size_t begin = 0;
  for (;;) {
    const std::size_t stop = line.find(delimiter_, begin);
    cells_.push_back(line.substr(begin, stop - begin));
    if (stop == std::string_view::npos) return;
    begin = stop + 1;
  }
}

void CsvRecords::unquote_whole_cells() {
  for (std::string_view& cell : cells_) {
    if (cell.size() < 2 || cell.front() != '"' || cell.back() != '"') continue;
    const std::string_view inside = cell.substr(1, cell.size() - 2);
    if (inside.find('"') == std::string_view::npos) cell = inside;
  }
}

void CsvRecords::split_quoted(std::string_view line) {
  pieces_.clear();
  scratch_.clear();
  std::size_t at = 0;
  for (;;) {
    if (at < line.size() && line[at] == '"') {
      const std::size_t begin = scratch_.size();
      at = read_quoted_cell(line, at + 1);
      pieces_.push_back({begin, scratch_.size() - begin, true});
    } else {
      const std::size_t stop = std::min(line.find(delimiter_, at), line.size());
      pieces_.push_back({at, stop - at, false});
      at = stop;
    }
    if (at == line.size()) break;
    ++at;
  }
  cells_.clear();
  for (const Piece& piece : pieces_)
    cells_.emplace_back((piece.in_scratch ? scratch_.data() : line.data()) + piece.begin,
                        piece.size);
}

// Appends the cell to scratch_, reading on if it contains line ends; where it ends.
std::size_t CsvRecords::read_quoted_cell(std::string_view& line, std::size_t at) {
  for (;;) {
    const std::size_t quote = std::min(line.find('"', at), line.size());
    scratch_.append(line.substr(at, quote - at));
    if (quote == line.size()) {
      at = quote;
      if (scratch_.size() > kMaxQuotedBytes || !lines_.extend(line))
        fail(ErrorCode::kFormat, "{}: line {}: a quote is opened and never closed", lines_.name(),
             line_number_);
      continue;
    }
    at = quote + 1;
    if (at == line.size() || line[at] == delimiter_) return at;
    if (line[at] != '"')
      fail(ErrorCode::kFormat,
           "{}: line {}: text after a closing quote (inside quotes write a quote twice)",
           lines_.name(), line_number_);
    scratch_.push_back('"');
    ++at;
  }
}

}  // namespace prodigest::io
