#pragma once
// The lines of a text file, of what a gzip file holds, or of standard input.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/byte_stream.hpp"
#include "prodigest/base/types.hpp"

namespace prodigest::io {

// Lines of any length that end with "\n" or "\r\n" (the last one perhaps with neither), as views
// into a buffer that live until the next call. A UTF-8 byte order mark is skipped.
class LineInput {
 public:
  // "-" is standard input.  @throws Error{kIo}, Error{kFormat} for UTF-16
  explicit LineInput(const std::filesystem::path& path);

  const std::string& name() const noexcept { return bytes_->name(); }
  // Number of the line read last, from 1.
  Index line_number() const noexcept { return line_number_; }

  // The next line without its end; false at the end of the file.
  bool next(std::string_view& line);
  // Lengthens the line read last by its line end and the next line; false at the end of the file.
  bool extend(std::string_view& line);

  // return_to_mark() gives the lines after mark() once more, even of a pipe: the buffer keeps them.
  void mark();
  void return_to_mark();

  // Goes back to the first line.  @throws Error{kUnsupported} for a pipe
  void rewind();

 private:
  struct Mark {
    std::size_t at;
    Index line_number;
  };

  void start();
  bool read_line(std::string_view& line);
  bool fill();

  std::unique_ptr<ByteStream> bytes_;
  std::vector<char> buffer_;
  std::size_t line_ = 0;  // where the line read last begins
  std::size_t next_ = 0;  // where the next one does
  std::size_t end_ = 0;   // of what is in the buffer
  Index line_number_ = 0;
  std::optional<Mark> mark_;
};

}  // namespace prodigest::io
