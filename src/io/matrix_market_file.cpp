#include "io/matrix_market_file.hpp"

#include <cmath>
#include <limits>
#include <string_view>

#include "base/fail.hpp"
#include "io/text_fields.hpp"

namespace prodigest::io {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

bool is_comment_or_blank(std::string_view line) {
  const std::string_view text = trimmed(line);
  return text.empty() || text.front() == '%';
}

}  // namespace

MatrixMarketFile::MatrixMarketFile(const std::filesystem::path& path) : lines_(path) {
  read_header();
}

void MatrixMarketFile::rewind() {
  lines_.rewind();
  entries_read_ = 0;
  read_header();
}

void MatrixMarketFile::read_header() {
  std::string_view line;
  if (!lines_.next(line)) line = {};
  read_banner(line);
  if (!next_line(line))
    fail(ErrorCode::kFormat,
         "{}: expected a line with the sizes of the matrix, got the end of the file", name());
  read_sizes(line);
}

void MatrixMarketFile::read_banner(std::string_view line) {
  std::string_view rest = line;
  const std::string banner = lower_case(next_token(rest));
  const std::string object = lower_case(next_token(rest));
  const std::string format = lower_case(next_token(rest));
  const std::string field = lower_case(next_token(rest));
  const std::string symmetry = lower_case(next_token(rest));
  if (banner != "%%matrixmarket" || object != "matrix")
    fail(ErrorCode::kFormat,
         "{}: not a Matrix Market file: the first line must be \"%%MatrixMarket matrix "
         "coordinate|array real|integer|pattern general|symmetric|skew-symmetric\", got {}",
         name(), shown(line));
  if (field == "complex" || symmetry == "hermitian")
    fail(
        ErrorCode::kUnsupported,
        "{}: complex matrices are not read (write the real and the imaginary part as two matrices)",
        name());
  if (format != "coordinate" && format != "array")
    fail_line("coordinate or array in the first line", format);
  is_array_ = format == "array";
  if (field != "real" && field != "double" && field != "integer" &&
      (field != "pattern" || is_array_))
    fail_line(is_array_ ? "real or integer in the first line"
                        : "real, integer or pattern in the first line",
              field);
  is_pattern_ = field == "pattern";
  if (symmetry == "general")
    symmetry_ = Symmetry::kGeneral;
  else if (symmetry == "symmetric")
    symmetry_ = Symmetry::kSymmetric;
  else if (symmetry == "skew-symmetric")
    symmetry_ = Symmetry::kSkewSymmetric;
  else
    fail_line("general, symmetric or skew-symmetric in the first line", symmetry);
}

void MatrixMarketFile::read_sizes(std::string_view line) {
  std::string_view rest = line;
  const bool read = parse_integer(next_token(rest), rows_) &&
                    parse_integer(next_token(rest), cols_) &&
                    (is_array_ || parse_integer(next_token(rest), entries_));
  if (!read || !next_token(rest).empty() || rows_ < 0 || cols_ < 0 || entries_ < 0)
    fail_line(is_array_ ? "numbers of rows and columns" : "numbers of rows, columns and entries",
              line);
  if (cols_ > std::numeric_limits<std::int32_t>::max())
    fail(ErrorCode::kUnsupported, "{}: at most 2147483647 columns are read, got {}", name(), cols_);
  if (symmetry_ != Symmetry::kGeneral && rows_ != cols_)
    fail_line("as many rows as columns in a symmetric matrix", line);
  if (is_array_) entries_ = array_entries();
}

Index MatrixMarketFile::array_entries() const {
  const Index n = rows_;
  switch (symmetry_) {
    case Symmetry::kSymmetric:
      return n * (n + 1) / 2;
    case Symmetry::kSkewSymmetric:
      return n * (n - 1) / 2;
    case Symmetry::kGeneral:
      break;
  }
  if (cols_ > 0 && rows_ > std::numeric_limits<Index>::max() / cols_)
    fail(ErrorCode::kFormat, "{}: a dense matrix of {} rows and {} columns cannot be", name(),
         rows_, cols_);
  return rows_ * cols_;
}

bool MatrixMarketFile::next_entry(Entry& entry) {
  std::string_view line;
  if (!next_entry_line(line)) return false;
  std::string_view rest = line;
  Index row = 0, column = 0;
  if (!parse_integer(next_token(rest), row) || !parse_integer(next_token(rest), column))
    fail_line("row, column and value", line);
  if (row < 1 || row > rows_ || column < 1 || column > cols_)
    fail(ErrorCode::kFormat,
         "{}: line {}: expected a row from 1 to {} and a column from 1 to {}, got {} and {}",
         name(), lines_.line_number(), rows_, cols_, row, column);
  entry = {row - 1, static_cast<std::int32_t>(column - 1),
           is_pattern_ ? 1.0 : read_value(rest, line)};
  if (!next_token(rest).empty())
    fail_line(is_pattern_ ? "row and column" : "row, column and value", line);
  if (symmetry_ == Symmetry::kSymmetric && row < column)
    fail_line("only entries on or below the diagonal of a symmetric matrix", line);
  if (symmetry_ == Symmetry::kSkewSymmetric && row <= column)
    fail_line("only entries below the diagonal of a skew-symmetric matrix", line);
  return true;
}

bool MatrixMarketFile::next_value(double& value) {
  std::string_view line;
  if (!next_entry_line(line)) return false;
  std::string_view rest = line;
  value = read_value(rest, line);
  if (!next_token(rest).empty()) fail_line("one value", line);
  return true;
}

double MatrixMarketFile::read_value(std::string_view& rest, std::string_view line) {
  double value = 0;
  if (!parse_number(next_token(rest), value)) fail_line("a value", line);
  if (!std::isfinite(value)) fail_line("a finite value", line);
  return value;
}

bool MatrixMarketFile::next_line(std::string_view& line) {
  while (lines_.next(line))
    if (!is_comment_or_blank(line)) return true;
  return false;
}

bool MatrixMarketFile::next_entry_line(std::string_view& line) {
  if (!next_line(line)) {
    if (entries_read_ < entries_)
      fail(ErrorCode::kFormat,
           "{}: expected {} entries as the header says, got {} (the file is cut short?)", name(),
           entries_, entries_read_);
    return false;
  }
  if (++entries_read_ > entries_)
    fail(ErrorCode::kFormat, "{}: line {}: expected {} entries as the header says, got more",
         name(), lines_.line_number(), entries_);
  return true;
}

void MatrixMarketFile::fail_line(std::string_view expected, std::string_view line) const {
  fail(ErrorCode::kFormat, "{}: line {}: expected {}, got {}", name(), lines_.line_number(),
       expected, shown(line));
}

}  // namespace prodigest::io
