#pragma once
// The bytes of a whole file: mapped where that is possible, else read.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace prodigest::io {

class FileBytes {
 public:
  // What cannot be mapped (a pipe, standard input) is read up to this size.
  static constexpr std::uint64_t kMaxRead = std::uint64_t{4} << 30;

  // @param path "-" is standard input
  // @throws Error{kIo}, Error{kUnsupported} beyond max_read
  static FileBytes open(const std::filesystem::path& path, std::uint64_t max_read = kMaxRead);
  explicit FileBytes(std::vector<std::byte> bytes) noexcept;

  FileBytes(FileBytes&& other) noexcept;
  FileBytes& operator=(FileBytes&& other) noexcept;
  ~FileBytes();

  std::span<const std::byte> span() const noexcept { return bytes_; }

 private:
  FileBytes() = default;

  std::vector<std::byte> owned_;  // empty if mapped
  std::span<const std::byte> bytes_;
};

}  // namespace prodigest::io
