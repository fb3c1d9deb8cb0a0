#include "io/line_input.hpp"

#include <cstring>
#include <span>

#include "base/fail.hpp"
#include "io/gzip_stream.hpp"

namespace prodigest::io {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

}  // namespace

LineInput::LineInput(const std::filesystem::path& path)
    : bytes_(inflated_if_gzip(open_byte_stream(path))), buffer_(kBufferBytes) {
  start();
}

void LineInput::rewind() {
  bytes_->rewind();
  start();
}

void LineInput::start() {
  line_ = next_ = end_ = 0;
  line_number_ = 0;
  mark_.reset();
  while (end_ < 3 && fill()) {
  }
  const std::string_view head(buffer_.data(), end_);
  if (head.starts_with("\xef\xbb\xbf")) line_ = next_ = 3;
  if (head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff"))
    fail(ErrorCode::kFormat,
         "{}: expected UTF-8 text, got UTF-16 (convert it: iconv -f utf-16 -t utf-8)", name());
}

bool LineInput::next(std::string_view& line) {
  line_ = next_;
  return read_line(line);
}

bool LineInput::extend(std::string_view& line) { return read_line(line); }

void LineInput::mark() { mark_ = Mark{next_, line_number_}; }

void LineInput::return_to_mark() {
  line_ = next_ = mark_->at;
  line_number_ = mark_->line_number;
  mark_.reset();
}

bool LineInput::read_line(std::string_view& line) {
  std::size_t searched = next_ - line_;
  const char* newline = nullptr;
  for (;;) {
    const char* const from = buffer_.data() + line_ + searched;
    const std::size_t count = end_ - line_ - searched;
    newline = static_cast<const char*>(std::memchr(from, '\n', count));
    if (newline) break;
    searched += count;
    if (!fill()) break;
  }
  if (!newline && next_ == end_) return false;
  const std::size_t begin = next_;
  std::size_t end = newline ? static_cast<std::size_t>(newline - buffer_.data()) : end_;
  next_ = newline ? end + 1 : end_;
  if (end > begin && buffer_[end - 1] == '\r') --end;
  line = {buffer_.data() + line_, end - line_};
  ++line_number_;
  return true;
}

// Reads on, dropping from the buffer what lies before the mark or the current line.
bool LineInput::fill() {
  if (const std::size_t keep = mark_ ? mark_->at : line_; keep > 0) {
    std::memmove(buffer_.data(), buffer_.data() + keep, end_ - keep);
    line_ -= keep;
    next_ -= keep;
    end_ -= keep;
    if (mark_) mark_->at = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
  const std::size_t count = bytes_->read(std::as_writable_bytes(std::span(buffer_)).subspan(end_));
  end_ += count;
  return count > 0;
}

}  // namespace prodigest::io
