#pragma once
// One array in .npy form: its header, then its elements in the order they are stored.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/byte_stream.hpp"
#include "io/npy_header.hpp"
#include "prodigest/base/types.hpp"

namespace prodigest::io {

class NpyArray {
 public:
  /// Reads the header and checks the number of bytes after it, if the stream knows its size.
  /// @throws Error{kFormat, kUnsupported}
  explicit NpyArray(std::unique_ptr<ByteStream> stream);

  const std::string& name() const noexcept { return stream_->name(); }
  const NpyHeader& header() const noexcept { return header_; }
  NpyType type() const noexcept { return type_; }
  Index size() const noexcept { return size_; }  ///< number of elements

  /// Goes back to the first element.
  void rewind();
  /// Makes out exactly the next `count` elements as they are stored. The vector grows as the bytes
  /// arrive, so a header that lies cannot claim all memory.
  template <class Stored>
  void read_stored(std::size_t count, std::vector<Stored>& out);
  /// The same, converted.
  /// @throws Error{kUnsupported} if T cannot hold such elements, Error{kInvalidArgument} naming the
  ///         element if it cannot hold just that one
  template <class T>
  void read(std::size_t count, std::vector<T>& out);
  /// @throws Error{kInvalidArgument} always: the element of this value does not fit T
  template <class T>
  [[noreturn]] void refuse_element(Index row, Index col, std::string_view value) const;
  /// Fills `out` from this offset after the header.
  /// @pre allow_random_access() has been called
  void read_at(std::uint64_t offset, std::span<std::byte> out);
  /// Reads what is packed, or comes from a pipe, into memory.
  void allow_random_access();
  /// @throws Error{kFormat} if there are bytes after the last element
  void expect_end();

 private:
  void read_bytes(std::span<std::byte> out);
  void check_size() const;
  [[noreturn]] void fail_size(std::uint64_t got, std::string_view advice) const;

  std::unique_ptr<ByteStream> stream_;
  NpyHeader header_;
  NpyType type_;
  Index size_;
  std::uint64_t bytes_read_ = 0;  // of the elements
  std::vector<std::byte> to_convert_;
};

template <class Stored>
void NpyArray::read_stored(std::size_t count, std::vector<Stored>& out) {
  constexpr std::size_t kStep = (std::size_t{16} << 20) / sizeof(Stored);
  std::size_t done = 0;
  if (count < out.size()) out.resize(count);
  while (done < count) {
    const std::size_t reach = std::min(count, std::max(out.size(), 2 * done + kStep));
    if (reach > out.size()) out.resize(reach);
    read_bytes(std::as_writable_bytes(std::span(out).subspan(done, reach - done)));
    done = reach;
  }
}

}  // namespace prodigest::io
