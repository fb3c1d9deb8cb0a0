#pragma once
// A Matrix Market file (NIST exchange format) as its header and entries, one line at a time.

#include <cstdint>
#include <filesystem>
#include <string>

#include "io/line_input.hpp"
#include "prodigest/base/types.hpp"

namespace prodigest::io {

class MatrixMarketFile {
 public:
  enum class Symmetry { kGeneral, kSymmetric, kSkewSymmetric };

  // Counted from 0.
  struct Entry {
    Index row;
    std::int32_t column;
    double value;
  };

  // Reads the header.
  // @throws Error{kFormat}, Error{kUnsupported} for complex entries or 2^31 columns and more
  explicit MatrixMarketFile(const std::filesystem::path& path);

  const std::string& name() const noexcept { return lines_.name(); }
  bool is_array() const noexcept { return is_array_; }
  Symmetry symmetry() const noexcept { return symmetry_; }
  Index rows() const noexcept { return rows_; }
  Index cols() const noexcept { return cols_; }

  // The next entry of a coordinate file as it stands there (one triangle of a symmetric matrix);
  // false at the end.  @throws Error{kFormat}, saying in which line; also if there are more or
  // fewer entries than the header says
  bool next_entry(Entry& entry);
  // The next entry of an array file: columns one after the other, of a symmetric matrix from the
  // diagonal down, of a skew-symmetric one from below the diagonal.
  bool next_value(double& value);
  void rewind();

 private:
  void read_header();
  void read_banner(std::string_view line);
  void read_sizes(std::string_view line);
  Index array_entries() const;
  bool next_line(std::string_view& line);
  bool next_entry_line(std::string_view& line);
  double read_value(std::string_view& rest, std::string_view line);
  [[noreturn]] void fail_line(std::string_view expected, std::string_view line) const;

  LineInput lines_;
  bool is_array_ = false;
  bool is_pattern_ = false;
  Symmetry symmetry_ = Symmetry::kGeneral;
  Index rows_ = 0;
  Index cols_ = 0;
  Index entries_ = 0;
  Index entries_read_ = 0;
};

}  // namespace prodigest::io
