#include "io/npy_array.hpp"

#include <array>
#include <concepts>
#include <utility>

#include "base/fail.hpp"
#include "io/npy_decode.hpp"

namespace prodigest::io {

namespace {

constexpr std::string_view kTruncated = "the file is truncated; copy it again";
constexpr std::string_view kTooLong = "a .npy file holds one array; save the others to their own";

}  // namespace

NpyArray::NpyArray(std::unique_ptr<ByteStream> stream)
    : stream_(std::move(stream)),
      header_(read_npy_header(*stream_)),
      type_(npy_type(stream_->name(), header_.dtype)),
      size_(element_count(stream_->name(), header_, size_of(type_))) {
  check_size();
}

void NpyArray::check_size() const {
  if (const auto total = stream_->size()) {
    const std::uint64_t got = *total - header_.payload_offset;
    const std::uint64_t expected = static_cast<std::uint64_t>(size_) * size_of(type_);
    if (got != expected) fail_size(got, got < expected ? kTruncated : kTooLong);
  }
}

void NpyArray::rewind() {
  stream_->rewind();
  std::vector<std::byte> header(header_.payload_offset);
  read_fully(*stream_, header);
  bytes_read_ = 0;
}

template <class T>
void NpyArray::read(std::size_t count, std::vector<T>& out) {
  if (!can_decode<T>(type_)) {
    fail(ErrorCode::kUnsupported, "{}: expected {}, got dtype '{}'", name(),
         std::integral<T> ? "integers" : "float32", header_.dtype);
  }
  if (type_ == kNpyTypeOf<T>) return read_stored(count, out);

  const auto first = static_cast<Index>(bytes_read_ / size_of(type_));
  read_stored(count * size_of(type_), to_convert_);
  out.resize(count);
  const ElementGrid grid{to_convert_.data(), size_of(type_), 0, {}, static_cast<Index>(count), 1};
  if (const auto inexact = decode(type_, grid, out.data())) {
    const Index cols = header_.shape.size() == 2 ? header_.shape[1] : 1;
    const Index element = first + inexact->row;
    refuse_element<T>(element / cols, element % cols, inexact->value);
  }
}

template <class T>
void NpyArray::refuse_element(Index row, Index col, std::string_view value) const {
  const std::string where = header_.shape.size() == 2 ? fmt::format("row {}, column {}", row, col)
                                                      : fmt::format("element {}", row);
  if constexpr (std::integral<T>) {
    fail(ErrorCode::kInvalidArgument, "{}: {}: expected an integer of {} bits, got {}", name(),
         where, 8 * sizeof(T), value);
  }
  fail(ErrorCode::kInvalidArgument,
       "{}: {}: expected an integer that a double holds exactly, got {} (save arr.astype('<f8') if "
       "rounding does no harm)",
       name(), where, value);
}

void NpyArray::read_at(std::uint64_t offset, std::span<std::byte> out) {
  stream_->read_at(header_.payload_offset + offset, out);
}

void NpyArray::allow_random_access() {
  if (stream_->random_access()) return;
  stream_ = read_rest(*stream_);
  header_.payload_offset = 0;
  check_size();
}

void NpyArray::expect_end() {
  std::array<std::byte, 1> more{};
  if (stream_->read(more) != 0) fail_size(bytes_read_ + 1, kTooLong);
}

void NpyArray::read_bytes(std::span<std::byte> out) {
  const std::size_t got = read_fully(*stream_, out);
  bytes_read_ += got;
  if (got != out.size()) fail_size(bytes_read_, kTruncated);
}

void NpyArray::fail_size(std::uint64_t got, std::string_view advice) const {
  const std::uint64_t expected = static_cast<std::uint64_t>(size_) * size_of(type_);
  fail(ErrorCode::kFormat,
       "{}: expected {} bytes of elements (shape {}, dtype '{}'), got {}{} ({})", name(), expected,
       shape_text(header_.shape), header_.dtype, got,
       got > expected && !stream_->size() ? " or more" : "", advice);
}

template void NpyArray::read(std::size_t, std::vector<float>&);
template void NpyArray::read(std::size_t, std::vector<double>&);
template void NpyArray::read(std::size_t, std::vector<std::int64_t>&);
template void NpyArray::refuse_element<float>(Index, Index, std::string_view) const;
template void NpyArray::refuse_element<double>(Index, Index, std::string_view) const;

}  // namespace prodigest::io
