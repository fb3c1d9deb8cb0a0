#pragma once
// Bytes of a file, of memory or of something packed, read from the front.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace prodigest::io {

class ByteStream {
 public:
  /// @param name stands for the stream in error messages
  explicit ByteStream(std::string name) : name_(std::move(name)) {}
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  virtual ~ByteStream() = default;

  const std::string& name() const noexcept { return name_; }

  /// Reads some bytes, at least one unless `out` is empty; 0 means the end.
  virtual std::size_t read(std::span<std::byte> out) = 0;
  /// Goes back to the first byte.  @throws Error{kUnsupported} for a pipe
  virtual void rewind() = 0;
  /// Number of bytes, if that is known before they are read.
  virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
  /// Whether read_at can be called.
  virtual bool random_access() const { return false; }
  /// Fills `out` from this offset; the place of read() stays.
  /// @throws Error{kFormat} if the bytes end before
  virtual void read_at(std::uint64_t offset, std::span<std::byte> out);

 private:
  std::string name_;
};

/// Fills `out` as far as the bytes reach; returns how many there were.
std::size_t read_fully(ByteStream& stream, std::span<std::byte> out);

/// All that is left of the stream, as a stream in memory of the same name, with random access.
std::unique_ptr<ByteStream> read_rest(ByteStream& stream);

std::unique_ptr<ByteStream> memory_stream(std::string name, std::vector<std::byte> bytes);

/// Opens a file as it is; "-" is standard input.
/// @throws Error{kIo}, as does read()
std::unique_ptr<ByteStream> open_byte_stream(const std::filesystem::path& path);

}  // namespace prodigest::io
