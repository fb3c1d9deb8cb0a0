#pragma once
/// Digest files (.pdg): the safetensors layout with our metadata and checksums, so that other tools
/// can read them without us. The byte-level description is docs/format.md.

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "prodigest/base/types.hpp"

namespace prodigest::io {

/// Element types, by their safetensors names.
enum class DType { kU8, kI8, kU16, kI16, kU32, kI32, kU64, kI64, kF16, kBF16, kF32, kF64 };

/// A named array; bytes are little-endian and row-major, and borrowed.
struct Tensor {
  std::string name;
  DType dtype = DType::kU8;
  std::vector<Index> shape;
  std::span<const std::byte> bytes;
};

/// DType of a C++ element type.
template <class T>
constexpr DType dtype_of();

/// A tensor over the elements of a span (shape defaults to one dimension).
template <class T>
Tensor tensor_of(std::string name, std::span<const T> values, std::vector<Index> shape = {});

/// Text pairs in the order they are written.
using Metadata = std::vector<std::pair<std::string, std::string>>;

/// The bytes of a digest file. Equal arguments give equal bytes.
/// @param kind what the file holds, e.g. "row_sample"
std::vector<std::byte> container_bytes(std::string_view kind, const Metadata& metadata,
                                       std::span<const Tensor> tensors);

/// A digest file that has passed every check of the layout: lengths against the file's size, strict
/// JSON, offsets, shapes and types in checked 64-bit arithmetic, zero padding, CRC-32 of the header
/// and of each tensor. Opened from a path it is mapped, not copied.
class Container {
 public:
  /// @throws Error{kIo} if it cannot be read, Error{kFormat} if it is not a whole, intact digest file
  static Container open(const std::filesystem::path& path);
  /// @param name stands for the file in error messages
  static Container parse(std::vector<std::byte> bytes, std::string name = "<memory>");

  Container(Container&&) noexcept;
  Container& operator=(Container&&) noexcept;
  ~Container();

  const std::string& name() const noexcept;
  std::string_view kind() const noexcept;
  const Metadata& metadata() const noexcept;
  const std::vector<Tensor>& tensors() const noexcept;

  bool has(std::string_view key) const noexcept;
  /// @throws Error{kFormat} if there is no such entry
  const std::string& text(std::string_view key) const;
  std::uint64_t integer(std::string_view key) const;
  double number(std::string_view key) const;  ///< as written by exact_text

  const Tensor* find(std::string_view name) const noexcept;
  /// Elements of a tensor of this type and shape.  @throws Error{kFormat} if it is not there or other
  template <class T>
  std::span<const T> values(std::string_view name, std::span<const Index> shape) const;

 private:
  struct Impl;
  explicit Container(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Shortest text that reads back as the same double; "inf" for infinity.
std::string exact_text(double value);

/// Writes a temporary file beside `path`, syncs and renames, so that `path` is never half written;
/// a device or pipe is written directly, "-" is standard output.  @throws Error{kIo}
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

}  // namespace prodigest::io
