#pragma once
/// Digest files (.pdg): the safetensors layout with our metadata and checksums, so that other tools
/// can read them without us. The byte-level description is docs/format.md.

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "prodigest/base/types.hpp"
#include "prodigest/io/write_file.hpp"

namespace prodigest::io {

/// Element types, by their safetensors names.
enum class DType { kU8, kI8, kU16, kI16, kU32, kI32, kU64, kI64, kF16, kBF16, kF32, kF64 };

std::string_view dtype_name(DType dtype) noexcept;  ///< e.g. "F64"
std::size_t dtype_size(DType dtype) noexcept;       ///< bytes of one element

/// DType of a C++ element type: float, double or an integer.
template <class T>
constexpr DType dtype_of();

/// A named array; bytes are little-endian and row-major, and borrowed.
struct Tensor {
  std::string name;
  DType dtype = DType::kU8;
  std::vector<Index> shape;  ///< empty for a scalar
  std::span<const std::byte> bytes;
};

/// A tensor over the elements of a vector, array or span, which must outlive it.
template <std::ranges::contiguous_range Values>
requires std::ranges::borrowed_range<Values> Tensor tensor_of(std::string name, Values&& values,
                                                              std::vector<Index> shape);
/// The same with one dimension.
template <std::ranges::contiguous_range Values>
requires std::ranges::borrowed_range<Values> Tensor tensor_of(std::string name, Values&& values);

/// Text pairs in the order they are written.
using Metadata = std::vector<std::pair<std::string, std::string>>;

/// The bytes of a digest file. Equal arguments give equal bytes.
/// @param kind what the file holds, in lower case, digits and underscores, e.g. "row_sample"
/// @param metadata UTF-8; keys are unique and do not begin with "prodigest."
/// @param tensors names are unique, not empty, not "__metadata__" and do not begin with "_pad"
/// @param feature without which a reader cannot understand the file: one that docs/format.md lists
/// @throws Error{kInvalidArgument} on anything else, and if names and metadata exceed 1 MiB
std::vector<std::byte> container_bytes(std::string_view kind, const Metadata& metadata,
                                       std::span<const Tensor> tensors,
                                       std::string_view feature = {});

/// Which checksums of a file are compared: those of tensors take a read of the whole file.
enum class Checksums { kAll, kHeader };

/// A digest file that has passed every check of the layout: lengths against the file's size, strict
/// JSON, offsets, shapes and types in checked 64-bit arithmetic, zero padding, CRC-32 of the header
/// and of each tensor. Opened from a path it is mapped, not copied, so the file may be replaced but
/// not cut short while it is open.
class Container {
 public:
  /// @param path "-" is standard input
  /// @throws Error{kIo} if it cannot be read, Error{kFormat} if it is not a whole, intact digest
  /// file, Error{kUnsupported} if it needs a newer prodigest
  static Container open(const std::filesystem::path& path, Checksums checksums = Checksums::kAll);
  /// @param name stands for the file in error messages
  static Container parse(std::vector<std::byte> bytes, std::string name = "<memory>");

  Container(Container&&) noexcept;
  Container& operator=(Container&&) noexcept;
  ~Container();

  const std::string& name() const noexcept;
  std::string_view kind() const noexcept;
  std::string_view writer() const noexcept;  ///< e.g. "prodigest 0.1.0"; may be empty
  std::string_view feature() const noexcept;  ///< that it needs; empty if none

  /// As given to container_bytes; the container's own "prodigest." entries are not among them.
  const Metadata& metadata() const noexcept;
  const std::vector<Tensor>& tensors() const noexcept;

  bool has(std::string_view key) const noexcept;
  /// One entry of the metadata.  @throws Error{kFormat} if it is not there or is no such number
  const std::string& text(std::string_view key) const;
  std::uint64_t integer(std::string_view key) const;  ///< decimal digits
  double number(std::string_view key) const;          ///< as written by exact_text

  const Tensor* find(std::string_view tensor) const noexcept;
  /// Elements of a tensor of this type and shape; valid while the container lives.
  /// @throws Error{kFormat} if it is not there or has another type or shape
  template <class T>
  std::span<const T> values(std::string_view tensor, std::initializer_list<Index> shape) const;

 private:
  struct Impl;
  explicit Container(std::unique_ptr<Impl> impl);
  std::span<const std::byte> bytes_of(std::string_view tensor, DType dtype,
                                      std::span<const Index> shape) const;
  std::unique_ptr<Impl> impl_;
};

/// Shortest text that reads back as the same double; "inf" for infinity.
std::string exact_text(double value);

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::same_as<T, double>) {
    return DType::kF64;
  } else if constexpr (std::same_as<T, float>) {
    return DType::kF32;
  } else {
    static_assert(std::integral<T> && !std::same_as<T, bool>, "no DType for this element type");
    constexpr DType kUnsigned[] = {DType::kU8, DType::kU16, DType::kU32, DType::kU64};
    constexpr DType kSigned[] = {DType::kI8, DType::kI16, DType::kI32, DType::kI64};
    return (std::unsigned_integral<T> ? kUnsigned : kSigned)[std::countr_zero(sizeof(T))];
  }
}

template <std::ranges::contiguous_range Values>
requires std::ranges::borrowed_range<Values> Tensor tensor_of(std::string name, Values&& values,
                                                              std::vector<Index> shape) {
  return {std::move(name), dtype_of<std::ranges::range_value_t<Values>>(), std::move(shape),
          std::as_bytes(std::span(values))};
}

template <std::ranges::contiguous_range Values>
requires std::ranges::borrowed_range<Values> Tensor tensor_of(std::string name, Values&& values) {
  return tensor_of(std::move(name), values, {static_cast<Index>(std::ranges::size(values))});
}

template <class T>
std::span<const T> Container::values(std::string_view tensor,
                                     std::initializer_list<Index> shape) const {
  const std::span<const std::byte> bytes =
      bytes_of(tensor, dtype_of<T>(), {shape.begin(), shape.size()});
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

}  // namespace prodigest::io
