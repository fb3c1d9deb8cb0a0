#include "io/zip_archive.hpp"

#include <zip.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/fail.hpp"

namespace prodigest::io {

struct ZipArchive::Handle {
  explicit Handle(zip_t* zip_) : zip(zip_) {}
  ~Handle() { zip_discard(zip); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  zip_t* zip;
};

class ZipArchive::MemberStream final : public ByteStream {
 public:
  MemberStream(std::string name, std::shared_ptr<Handle> archive, zip_uint64_t index)
      : ByteStream(std::move(name)), archive_(std::move(archive)), index_(index) {
    rewind();
  }

  std::size_t read(std::span<std::byte> out) override {
    const zip_int64_t got = zip_fread(file_.get(), out.data(), out.size());
    if (got < 0) fail_zip(zip_file_get_error(file_.get()));
    return static_cast<std::size_t>(got);
  }
  void rewind() override {
    file_.reset(zip_fopen_index(archive_->zip, index_, 0));
    if (file_ == nullptr) fail_zip(zip_get_error(archive_->zip));
  }
  std::optional<std::uint64_t> size() const override {
    zip_stat_t status;
    const bool known = zip_stat_index(archive_->zip, index_, 0, &status) == 0 &&
                       (status.valid & ZIP_STAT_SIZE) != 0;
    return known ? std::optional<std::uint64_t>(status.size) : std::nullopt;
  }

 private:
  [[noreturn]] void fail_zip(zip_error_t* error) const {
    const int code = zip_error_code_zip(error);
    const bool unsupported =
        code == ZIP_ER_COMPNOTSUPP || code == ZIP_ER_ENCRNOTSUPP || code == ZIP_ER_NOPASSWD;
    fail(unsupported ? ErrorCode::kUnsupported : ErrorCode::kFormat,
         "{}: {} (write it with numpy.savez or scipy.sparse.save_npz)", name(),
         zip_error_strerror(error));
  }

  struct Close {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
  };

  std::shared_ptr<Handle> archive_;
  zip_uint64_t index_;
  std::unique_ptr<zip_file_t, Close> file_;  // closed before the archive is
};

ZipArchive::ZipArchive(const std::filesystem::path& path) : name_(path.string()) {
  int code = 0;
  zip_t* zip = zip_open(path.c_str(), ZIP_RDONLY, &code);
  if (zip == nullptr) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string text = zip_error_strerror(&error);
    zip_error_fini(&error);
    const bool unreadable = code == ZIP_ER_OPEN || code == ZIP_ER_READ || code == ZIP_ER_NOENT;
    fail(unreadable ? ErrorCode::kIo : ErrorCode::kFormat,
         "{}: cannot be read as a zip archive: {} (is it whole? copy it again)", name_, text);
  }
  handle_ = std::make_shared<Handle>(zip);
  const zip_int64_t count = zip_get_num_entries(zip, 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* member = zip_get_name(zip, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
    members_.emplace_back(member != nullptr ? member : "");
  }
}

bool ZipArchive::has(std::string_view member) const {
  return std::find(members_.begin(), members_.end(), member) != members_.end();
}

std::unique_ptr<ByteStream> ZipArchive::open(std::string_view member) const {
  const auto found = std::find(members_.begin(), members_.end(), member);
  const std::string name = fmt::format("{}: {}", name_, member);
  if (found == members_.end()) fail(ErrorCode::kFormat, "{} is not in the archive", name);
  return std::make_unique<MemberStream>(name, handle_,
                                        static_cast<zip_uint64_t>(found - members_.begin()));
}

}  // namespace prodigest::io
