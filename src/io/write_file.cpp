#include "prodigest/io/write_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>

#include "base/fail.hpp"
#include "io/file_descriptor.hpp"

namespace prodigest::io {

namespace {

namespace fs = std::filesystem;

std::string_view advice(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return " (free some space or write to another disk)";
    case EFBIG:
      return " (the limit on file sizes is too low, see ulimit -f)";
    case ENOENT:
      return " (make its folder first)";
    case EACCES:
    case EPERM:
    case EROFS:
      return " (choose a place you may write to)";
    default:
      return "";
  }
}

[[noreturn]] void cannot_write(const std::string& name, int error) {
  fail(ErrorCode::kIo, "{}: cannot be written: {}{}", name, std::generic_category().message(error),
       advice(error));
}

void write_all(int descriptor, std::span<const std::byte> bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) cannot_write(name, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

// A new file that is removed again unless it takes the place of its target.
class TemporaryFile {
 public:
  TemporaryFile(const fs::path& target, const std::string& name)
      : target_(target), name_(name), file_(-1) {
    // a long name is cut, so that the temporary's is not too long for the file system
    const std::string stem = target.filename().string().substr(0, 200);
    static std::atomic<unsigned> count = 0;  // two threads may write at once
    do {
      path_ = target.parent_path() / fmt::format(".{}.{}.{}.tmp", stem, ::getpid(), count++);
      file_ = FileDescriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    } while (file_.get() < 0 && errno == EEXIST);
    if (file_.get() < 0) cannot_write(name_, errno);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  int get() const noexcept { return file_.get(); }

  void replace_target() {
    if (::fsync(file_.get()) != 0 || file_.close() != 0 ||
        ::rename(path_.c_str(), target_.c_str()) != 0) {
      cannot_write(name_, errno);
    }
    path_.clear();
  }

 private:
  const fs::path& target_;
  const std::string& name_;
  fs::path path_;
  FileDescriptor file_;
};

// After a crash the folder has the old or the new file whole; this asks for the new one. Not every
// file system can be asked, so its answer does not count.
void sync_folder(const fs::path& folder) {
  const FileDescriptor descriptor(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() >= 0) ::fsync(descriptor.get());
}

// Where a file named by links that lead nowhere yet will come to stand.
fs::path follow_links(fs::path path, const std::string& name) {
  constexpr int kMaxLinks = 40;
  for (int links = 0; fs::is_symlink(fs::symlink_status(path)); ++links) {
    if (links == kMaxLinks) cannot_write(name, ELOOP);
    path = path.parent_path() / fs::read_symlink(path);
  }
  return path;
}

}  // namespace

void write_file(const fs::path& path, std::span<const std::byte> bytes) {
  if (path == "-") return write_all(STDOUT_FILENO, bytes, "<stdout>");

  const std::string name = path.string();
  try {
    struct stat status {};
    const bool exists = ::stat(path.c_str(), &status) == 0;
    if (exists && !S_ISREG(status.st_mode)) {
      FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
      if (file.get() < 0) cannot_write(name, errno);
      write_all(file.get(), bytes, name);
      if (file.close() != 0) cannot_write(name, errno);
      return;
    }
    // the rename would replace even a file that is write-protected
    if (exists && ::access(path.c_str(), W_OK) != 0) cannot_write(name, errno);

    const fs::path target = exists ? fs::canonical(path) : follow_links(path, name);
    TemporaryFile temporary(target, name);
    if (exists && ::fchmod(temporary.get(), status.st_mode & 07777) != 0) cannot_write(name, errno);
    write_all(temporary.get(), bytes, name);
    temporary.replace_target();
    sync_folder(target.parent_path());
  } catch (const fs::filesystem_error& error) {
    cannot_write(name, error.code().value());
  }
}

}  // namespace prodigest::io
