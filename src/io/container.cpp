#include "prodigest/io/container.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/fail.hpp"
#include "io/container_layout.hpp"
#include "io/container_read.hpp"
#include "io/file_bytes.hpp"

namespace prodigest::io {

struct Container::Impl {
  Impl(FileBytes file_, std::string name_, Checksums checksums = Checksums::kAll)
      : file(std::move(file_)),
        name(std::move(name_)),
        contents(check_container(file.span(), name, checksums)) {}

  FileBytes file;
  std::string name;
  ContainerContents contents;
};

Container Container::open(const std::filesystem::path& path, Checksums checksums) {
  return Container(std::make_unique<Impl>(FileBytes::open(path),
                                          path == "-" ? std::string("<stdin>") : path.string(),
                                          checksums));
}

Container Container::parse(std::vector<std::byte> bytes, std::string name) {
  return Container(std::make_unique<Impl>(FileBytes(std::move(bytes)), std::move(name)));
}

Container::Container(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Container::Container(Container&&) noexcept = default;
Container& Container::operator=(Container&&) noexcept = default;
Container::~Container() = default;

const std::string& Container::name() const noexcept { return impl_->name; }
std::string_view Container::kind() const noexcept { return impl_->contents.kind; }
std::string_view Container::writer() const noexcept { return impl_->contents.writer; }
std::string_view Container::feature() const noexcept { return impl_->contents.feature; }
const Metadata& Container::metadata() const noexcept { return impl_->contents.metadata; }
const std::vector<Tensor>& Container::tensors() const noexcept { return impl_->contents.tensors; }

bool Container::has(std::string_view key) const noexcept {
  return std::ranges::find(metadata(), key, &Metadata::value_type::first) != metadata().end();
}

const std::string& Container::text(std::string_view key) const {
  const auto entry = std::ranges::find(metadata(), key, &Metadata::value_type::first);
  if (entry == metadata().end()) {
    fail(ErrorCode::kFormat, "{}: a \"{}\" digest must have the entry \"{}\", it has none", name(),
         kind(), key);
  }
  return entry->second;
}

std::uint64_t Container::integer(std::string_view key) const {
  const std::string& digits = text(key);
  const std::optional<std::uint64_t> value = parse_decimal(digits);
  if (!value) {
    fail(ErrorCode::kFormat, "{}: entry \"{}\": expected a whole number of 64 bits, got {}", name(),
         key, quote_name(digits));
  }
  return *value;
}

double Container::number(std::string_view key) const {
  const std::string& digits = text(key);
  const char* end = digits.data() + digits.size();
  double value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc{} || stop != end || std::isnan(value)) {
    fail(ErrorCode::kFormat, "{}: entry \"{}\": expected a number, got {}", name(), key,
         quote_name(digits));
  }
  return value;
}

const Tensor* Container::find(std::string_view tensor) const noexcept {
  const auto found = std::ranges::find(tensors(), tensor, &Tensor::name);
  return found == tensors().end() ? nullptr : &*found;
}

std::span<const std::byte> Container::bytes_of(std::string_view tensor, DType dtype,
                                               std::span<const Index> shape) const {
  const Tensor* found = find(tensor);
  if (found == nullptr) {
    fail(ErrorCode::kFormat, "{}: a \"{}\" digest must have the tensor \"{}\", it has none", name(),
         kind(), tensor);
  }
  if (found->dtype != dtype || !std::ranges::equal(found->shape, shape)) {
    fail(ErrorCode::kFormat, "{}: tensor \"{}\": expected {}, got {}", name(), tensor,
         type_text(dtype, shape), type_text(found->dtype, found->shape));
  }
  return found->bytes;
}

std::string exact_text(double value) {
  std::array<char, 32> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

}  // namespace prodigest::io
