#include "io/byte_stream.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/fail.hpp"
#include "io/file_descriptor.hpp"

namespace prodigest::io {

namespace {

[[noreturn]] void cannot_read(const std::string& name, int error) {
  fail(ErrorCode::kIo, "{}: cannot be read: {}", name, std::generic_category().message(error));
}

[[noreturn]] void fail_truncated(const std::string& name, std::uint64_t offset,
                                 std::size_t expected, std::size_t got) {
  fail(ErrorCode::kFormat,
       "{}: expected {} bytes at offset {}, got {} (the file is truncated; copy it again)", name,
       expected, offset, got);
}

class FileStream final : public ByteStream {
 public:
  FileStream(std::string name, FileDescriptor file)
      : ByteStream(std::move(name)), file_(std::move(file)) {
    struct stat status {};
    regular_ = ::fstat(file_.get(), &status) == 0 && S_ISREG(status.st_mode);
    size_ = static_cast<std::uint64_t>(status.st_size);
    ::posix_fadvise(file_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  }

  std::size_t read(std::span<std::byte> out) override {
    return transfer([&] { return ::read(file_.get(), out.data(), out.size()); });
  }
  void rewind() override {
    if (!regular_) {
      fail(ErrorCode::kUnsupported,
           "{}: a pipe can be read only once (save it to a file to read it again)", name());
    }
    if (::lseek(file_.get(), 0, SEEK_SET) != 0) cannot_read(name(), errno);
  }
  std::optional<std::uint64_t> size() const override {
    return regular_ ? std::optional(size_) : std::nullopt;
  }
  bool random_access() const override { return regular_; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const std::size_t got = transfer([&] {
        return ::pread(file_.get(), out.data() + done, out.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (got == 0) fail_truncated(name(), offset, out.size(), done);
      done += got;
    }
  }

 private:
  template <class Call>
  std::size_t transfer(const Call& call) {
    for (;;) {
      const ssize_t got = call();
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) cannot_read(name(), errno);
    }
  }

  FileDescriptor file_;
  bool regular_ = false;
  std::uint64_t size_ = 0;
};

class MemoryStream final : public ByteStream {
 public:
  MemoryStream(std::string name, std::vector<std::byte> bytes)
      : ByteStream(std::move(name)), bytes_(std::move(bytes)) {}

  std::size_t read(std::span<std::byte> out) override {
    const std::size_t count = std::min(out.size(), bytes_.size() - place_);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(place_), count, out.begin());
    place_ += count;
    return count;
  }
  void rewind() override { place_ = 0; }
  std::optional<std::uint64_t> size() const override { return bytes_.size(); }
  bool random_access() const override { return true; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) override {
    const std::size_t left = offset < bytes_.size() ? bytes_.size() - offset : 0;
    if (left < out.size()) fail_truncated(name(), offset, out.size(), left);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
  }

 private:
  std::vector<std::byte> bytes_;
  std::size_t place_ = 0;
};

}  // namespace

void ByteStream::read_at(std::uint64_t, std::span<std::byte>) {
  fail(ErrorCode::kUnsupported, "{}: can be read only from the front", name_);
}

std::size_t read_fully(ByteStream& stream, std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const std::size_t got = stream.read(out.subspan(done));
    if (got == 0) break;
    done += got;
  }
  return done;
}

std::unique_ptr<ByteStream> read_rest(ByteStream& stream) {
  constexpr std::size_t kStep = std::size_t{16} << 20;
  std::vector<std::byte> bytes;
  std::size_t done = 0;
  do {
    bytes.resize(std::max(2 * done, kStep));
    done += read_fully(stream, std::span(bytes).subspan(done));
  } while (done == bytes.size());
  bytes.resize(done);
  return memory_stream(stream.name(), std::move(bytes));
}

std::unique_ptr<ByteStream> memory_stream(std::string name, std::vector<std::byte> bytes) {
  return std::make_unique<MemoryStream>(std::move(name), std::move(bytes));
}

std::unique_ptr<ByteStream> open_byte_stream(const std::filesystem::path& path) {
  const bool standard_input = path == "-";
  std::string name = standard_input ? "<stdin>" : path.string();
  FileDescriptor file(standard_input ? ::dup(STDIN_FILENO)
                                     : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) cannot_read(name, errno);
  return std::make_unique<FileStream>(std::move(name), std::move(file));
}

}  // namespace prodigest::io
