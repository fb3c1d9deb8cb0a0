#include "io/csv_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/fail.hpp"
#include "base/nearest_name.hpp"
#include "io/path_extension.hpp"
#include "io/text_fields.hpp"

namespace prodigest::io {
namespace {

constexpr std::string_view kConvert = "(convert the file, e.g. iconv -f latin1 -t utf-8)";

char delimiter_of(const std::filesystem::path& path, LineInput& lines, bool header) {
  if (extension_of(path).format == ".tsv") return '\t';
  std::string_view line;
  lines.mark();
  if (!lines.next(line)) line = {};
  const char delimiter = sniff_delimiter(line, header);
  lines.return_to_mark();
  return delimiter;
}

}  // namespace

CsvTable::CsvTable(const std::filesystem::path& path, const ReadOptions& options)
    : lines_(path),
      records_(lines_, delimiter_of(path, lines_, options.header)),
      header_(options.header),
      key_encoding_(options.key_encoding),
      first_row_(options.first_row),
      next_row_number_(options.first_row) {
  header_ ? read_header() : number_columns();
  key_ = columns(options.key, "--key");
}

void CsvTable::read_header() {
  if (!records_.next())
    fail(ErrorCode::kFormat, "{}: expected a line with the names of the columns, got an empty file",
         name());
  names_.assign(records_.cells().begin(), records_.cells().end());
  check_names();
}

void CsvTable::number_columns() {
  lines_.mark();
  if (!records_.next()) fail(ErrorCode::kFormat, "{}: expected a table, got an empty file", name());
  for (std::size_t i = 0; i < records_.cells().size(); ++i) names_.push_back(std::to_string(i));
  lines_.return_to_mark();
}

void CsvTable::check_names() const {
  std::unordered_map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const std::string_view column = names_[i];
    if (column.find('\0') != std::string_view::npos || column.find('\r') != std::string_view::npos)
      fail(ErrorCode::kFormat,
           "{}: line 1: expected the names of the columns, got {} (not a text file with LF or CRLF "
           "line ends?)",
           name(), shown(column));
    if (!is_utf8(column))
      fail(ErrorCode::kFormat, "{}: line 1: the name of column {} is not UTF-8 {}", name(), i + 1,
           kConvert);
    const auto [first, inserted] = seen.emplace(column, i);
    if (!inserted)
      fail(ErrorCode::kFormat, "{}: line 1: columns {} and {} are both named {} (rename one)",
           name(), first->second + 1, i + 1, shown(column));
  }
}

std::size_t CsvTable::column(std::string_view name_wanted) const {
  const auto found = std::find(names_.begin(), names_.end(), name_wanted);
  if (found == names_.end())
    fail(ErrorCode::kInvalidArgument, "{}", no_such_name("column", name_wanted, name(), names_));
  return static_cast<std::size_t>(found - names_.begin());
}

std::vector<std::size_t> CsvTable::columns(const std::vector<std::string>& names,
                                           std::string_view option) const {
  std::vector<std::size_t> result;
  for (const std::string& wanted : names) {
    const std::size_t found = column(wanted);
    if (std::find(result.begin(), result.end(), found) != result.end())
      fail(ErrorCode::kInvalidArgument, "{}: {} names column \"{}\" twice (name it once)", name(),
           option, wanted);
    result.push_back(found);
  }
  return result;
}

bool CsvTable::is_key(std::size_t column) const noexcept {
  return std::find(key_.begin(), key_.end(), column) != key_.end();
}

bool CsvTable::next_row() {
  if (!records_.next()) return false;
  ++next_row_number_;
  return true;
}

RowId CsvTable::row_id() {
  if (key_.empty()) return next_row_number_ - 1;
  key_parts_.clear();
  for (const std::size_t column : key_) {
    // Only an empty cell lacks a key: "NA" is the code of Namibia.
    if (trimmed(cell(column)).empty())
      fail(ErrorCode::kInvalidArgument, "{}: the key is empty (give every row a key)",
           place(column));
    key_parts_.push_back(cell(column));
  }
  try {
    return row_id_of_cells(key_parts_, key_encoding_);
  } catch (const Error&) {
    fail(ErrorCode::kFormat, "{}: line {}: the key is not UTF-8 {}", name(), records_.line_number(),
         kConvert);
  }
}

std::string CsvTable::place(std::size_t column) const {
  return fmt::format("{}: line {}, column \"{}\"", name(), records_.line_number(), names_[column]);
}

void CsvTable::mark() {
  lines_.mark();
  marked_row_number_ = next_row_number_;
}

void CsvTable::return_to_mark() {
  lines_.return_to_mark();
  next_row_number_ = marked_row_number_;
}

void CsvTable::rewind() {
  lines_.rewind();
  next_row_number_ = first_row_;
  if (header_) records_.next();
}

}  // namespace prodigest::io
