#include "io/file_bytes.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/fail.hpp"
#include "io/file_descriptor.hpp"

namespace prodigest::io {

namespace {

[[noreturn]] void cannot_read(const std::string& name, int error) {
  fail(ErrorCode::kIo, "{}: cannot be read: {}", name, std::generic_category().message(error));
}

std::vector<std::byte> read_all(int descriptor, const std::string& name, std::uint64_t max_read) {
  constexpr std::size_t kBlock = std::size_t{1} << 16;
  std::vector<std::byte> bytes;
  std::size_t size = 0;
  for (;;) {
    if (bytes.size() - size < kBlock) bytes.resize(2 * bytes.size() + kBlock);
    const ssize_t count = ::read(descriptor, bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) cannot_read(name, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
    if (size > max_read) {
      fail(ErrorCode::kUnsupported,
           "{}: more than {} bytes from a pipe are not read (save them to a file first)", name,
           max_read);
    }
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

FileBytes FileBytes::open(const std::filesystem::path& path, std::uint64_t max_read) {
  if (path == "-") return FileBytes(read_all(STDIN_FILENO, "<stdin>", max_read));

  const std::string name = path.string();
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) cannot_read(name, errno);
  if (S_ISDIR(status.st_mode)) cannot_read(name, EISDIR);

  if (S_ISREG(status.st_mode) && status.st_size > 0) {
    const auto size = static_cast<std::size_t>(status.st_size);
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (data != MAP_FAILED) {
      FileBytes mapped;
      mapped.bytes_ = {static_cast<const std::byte*>(data), size};
      return mapped;
    }
  }
  return FileBytes(read_all(file.get(), name, max_read));
}

FileBytes::FileBytes(std::vector<std::byte> bytes) noexcept
    : owned_(std::move(bytes)), bytes_(owned_) {}

FileBytes::FileBytes(FileBytes&& other) noexcept
    : owned_(std::move(other.owned_)), bytes_(std::exchange(other.bytes_, {})) {}

FileBytes& FileBytes::operator=(FileBytes&& other) noexcept {
  std::swap(owned_, other.owned_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

FileBytes::~FileBytes() {
  if (owned_.empty() && !bytes_.empty()) {
    ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  }
}

}  // namespace prodigest::io
