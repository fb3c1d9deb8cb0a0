#pragma once
// The members of a zip archive as streams of bytes. Streams of one archive may be read in turns,
// but not from several threads at once.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/byte_stream.hpp"

namespace prodigest::io {

class ZipArchive {
 public:
  /// @throws Error{kIo, kFormat}
  explicit ZipArchive(const std::filesystem::path& path);

  const std::string& name() const noexcept { return name_; }
  const std::vector<std::string>& members() const noexcept { return members_; }
  bool has(std::string_view member) const;
  /// The stream checks the member's CRC-32 when it reaches the end; it may outlive the archive.
  /// @throws Error{kFormat, kUnsupported}
  std::unique_ptr<ByteStream> open(std::string_view member) const;

 private:
  struct Handle;
  class MemberStream;

  std::string name_;
  std::shared_ptr<Handle> handle_;
  std::vector<std::string> members_;
};

}  // namespace prodigest::io
