#include "io/gzip_stream.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "base/fail.hpp"

namespace prodigest::io {
namespace {

constexpr std::size_t kSourceBytes = std::size_t{256} << 10;

bool is_gzip(std::span<const std::byte> head) {
  return head.size() >= 2 && head[0] == std::byte{0x1f} && head[1] == std::byte{0x8b};
}

// zlib's gzread would do most of this, but takes a damaged second member for the end of the data.
class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  void restart() { inflateReset(&stream_); }
  // Takes bytes off the front of `in` and appends what they hold to `out`; true at a member's end.
  bool inflate_some(std::span<std::byte>& in, std::span<std::byte>& out, const std::string& name) {
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    const auto in_size = static_cast<uInt>(std::min(in.size(), kMost));
    const auto out_size = static_cast<uInt>(std::min(out.size(), kMost));
    stream_.next_in = reinterpret_cast<Bytef*>(in.data());
    stream_.avail_in = in_size;
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = out_size;
    const int status = ::inflate(&stream_, Z_NO_FLUSH);
    in = in.subspan(in_size - stream_.avail_in);
    out = out.subspan(out_size - stream_.avail_out);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status != Z_OK && status != Z_BUF_ERROR && status != Z_STREAM_END)
      fail(ErrorCode::kFormat, "{}: damaged gzip data: {} (copy the file again)", name,
           stream_.msg ? stream_.msg : "unknown fault");
    return status == Z_STREAM_END;
  }

 private:
  z_stream stream_{};
};

class GzipStream final : public ByteStream {
 public:
  // `head` is what has been read of the source.
  GzipStream(std::unique_ptr<ByteStream> source, std::span<const std::byte> head)
      : ByteStream(source->name()), source_(std::move(source)), buffer_(kSourceBytes) {
    std::copy(head.begin(), head.end(), buffer_.begin());
    pending_ = std::span(buffer_).first(head.size());
  }

  std::size_t read(std::span<std::byte> out) override {
    const std::size_t size = out.size();
    while (out.size() == size && size > 0) {
      if (between_members_ && !next_member()) return 0;
      if (pending_.empty() && !refill())
        fail(ErrorCode::kFormat, "{}: the gzip data is truncated (copy the file again)", name());
      between_members_ = inflater_.inflate_some(pending_, out, name());
    }
    return size - out.size();
  }

  void rewind() override {
    source_->rewind();
    inflater_.restart();
    pending_ = {};
    between_members_ = false;
  }

 private:
  bool refill() {
    pending_ = std::span(buffer_).first(source_->read(buffer_));
    return !pending_.empty();
  }

  bool next_member() {
    for (;;) {
      const auto data = std::find_if(pending_.begin(), pending_.end(),
                                     [](std::byte b) { return b != std::byte{}; });
      pending_ = pending_.subspan(static_cast<std::size_t>(data - pending_.begin()));
      if (!pending_.empty()) break;
      if (!refill()) return false;
    }
    inflater_.restart();
    return true;
  }

  std::unique_ptr<ByteStream> source_;
  Inflater inflater_;
  std::vector<std::byte> buffer_;
  std::span<std::byte> pending_;  // the part of buffer_ not yet inflated
  bool between_members_ = false;
};

// A stream that cannot go back, after a look at its first bytes.
class PeekedStream final : public ByteStream {
 public:
  PeekedStream(std::unique_ptr<ByteStream> source, std::span<const std::byte> head)
      : ByteStream(source->name()), source_(std::move(source)), head_(head.begin(), head.end()) {}

  std::size_t read(std::span<std::byte> out) override {
    if (head_.empty()) return source_->read(out);
    const std::size_t count = std::min(out.size(), head_.size());
    std::copy_n(head_.begin(), count, out.begin());
    head_.erase(head_.begin(), head_.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }
  void rewind() override {
    source_->rewind();
    head_.clear();
  }

 private:
  std::unique_ptr<ByteStream> source_;
  std::vector<std::byte> head_;
};

}  // namespace

std::unique_ptr<ByteStream> inflated_if_gzip(std::unique_ptr<ByteStream> source) {
  std::byte bytes[2];
  const std::span<const std::byte> head = std::span(bytes).first(read_fully(*source, bytes));
  if (is_gzip(head)) return std::make_unique<GzipStream>(std::move(source), head);
  if (!source->random_access()) return std::make_unique<PeekedStream>(std::move(source), head);
  source->rewind();
  return source;
}

}  // namespace prodigest::io
