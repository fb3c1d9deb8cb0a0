#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/fail.hpp"
#include "io/container_layout.hpp"
#include "prodigest/base/version.hpp"

namespace prodigest::io {

namespace {

std::string json_text(std::string_view text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::type_error&) {
    fail(ErrorCode::kInvalidArgument, "digest file: {} is not UTF-8 text", quote_name(text));
  }
}

std::size_t round_up(std::size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

void check_kind(std::string_view kind) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (kind.empty() || !std::ranges::all_of(kind, allowed)) {
    fail(ErrorCode::kInvalidArgument, "digest file: kind must be lower_case, got {}",
         quote_name(kind));
  }
}

void check_keys(const Metadata& metadata) {
  std::unordered_set<std::string_view> keys;
  for (const auto& [key, value] : metadata) {
    if (key.starts_with(kOwnPrefix)) {
      fail(ErrorCode::kInvalidArgument, "digest file: metadata key {}: the prefix {} is reserved",
           quote_name(key), kOwnPrefix);
    }
    if (!keys.insert(key).second) {
      fail(ErrorCode::kInvalidArgument, "digest file: metadata key {} is given twice",
           quote_name(key));
    }
  }
}

void check_tensors(std::span<const Tensor> tensors) {
  std::unordered_set<std::string_view> names;
  for (const Tensor& tensor : tensors) {
    if (tensor.name.empty() || tensor.name == kMetadataName ||
        tensor.name.starts_with(kPadPrefix)) {
      fail(ErrorCode::kInvalidArgument, "digest file: the tensor name {} is reserved",
           quote_name(tensor.name));
    }
    if (!names.insert(tensor.name).second) {
      fail(ErrorCode::kInvalidArgument, "digest file: tensor {} is given twice",
           quote_name(tensor.name));
    }
    if (byte_count(tensor.dtype, tensor.shape) != tensor.bytes.size()) {
      fail(ErrorCode::kInvalidArgument, "digest file: tensor {}: {} does not take {} bytes",
           quote_name(tensor.name), type_text(tensor.dtype, tensor.shape), tensor.bytes.size());
    }
  }
}

class HeaderText {
 public:
  HeaderText(std::string_view kind, const Metadata& metadata, std::span<const Tensor> tensors,
             std::string_view feature)
      : text_(fmt::format("{}{}.{}\"", kMagic, kFormatMajor, kFormatMinor)) {
    add_entry(kKindKey, kind);
    add_entry(kWriterKey, fmt::format("prodigest {}", kVersion));
    if (!feature.empty()) add_entry(kRequiresKey, feature);
    add_entry(kCrcKey, "00000000");
    for (const Tensor& tensor : tensors) {
      add_entry(fmt::format("{}{}", kTensorCrcPrefix, tensor.name), crc_text(tensor.bytes));
    }
    for (const auto& [key, value] : metadata) add_entry(key, value);
    text_ += '}';
  }

  void add_tensor(std::string_view name, DType dtype, std::span<const Index> shape,
                  std::size_t begin, std::size_t end) {
    text_ += fmt::format(R"(,{}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                         json_text(name), dtype_name(dtype), fmt::join(shape, ","), begin, end);
  }

  // Length and header, padded with spaces to the alignment, with the checksum filled in.
  std::string finish() && {
    text_ += '}';
    text_.resize(round_up(kLengthBytes + text_.size()) - kLengthBytes, ' ');
    const std::uint64_t length = text_.size();
    if (length > kMaxHeaderBytes) {
      fail(ErrorCode::kInvalidArgument,
           "digest file: names and metadata take {} bytes, more than {} (use fewer or shorter "
           "names)",
           length, kMaxHeaderBytes);
    }
    std::string front(kLengthBytes, '\0');
    std::memcpy(front.data(), &length, kLengthBytes);
    front += text_;
    const auto bytes = std::as_bytes(std::span(front));
    const std::size_t position = header_crc_position(bytes).value();
    front.replace(position, 8, header_crc_text(bytes, position));
    return front;
  }

 private:
  void add_entry(std::string_view key, std::string_view value) {
    text_ += fmt::format(",{}:{}", json_text(key), json_text(value));
  }

  std::string text_;
};

}  // namespace

std::vector<std::byte> container_bytes(std::string_view kind, const Metadata& metadata,
                                       std::span<const Tensor> tensors, std::string_view feature) {
  check_kind(kind);
  check_keys(metadata);
  check_tensors(tensors);
  if (!feature.empty() && std::ranges::find(kFeatures, feature) == kFeatures.end())
    fail(ErrorCode::kInvalidArgument, "digest file: {} is no feature of the format",
         quote_name(feature));

  HeaderText header(kind, metadata, tensors, feature);
  std::size_t end = 0;
  int pads = 0;
  for (const Tensor& tensor : tensors) {
    if (const std::size_t begin = round_up(end); begin != end) {
      const Index gap = static_cast<Index>(begin - end);
      header.add_tensor(fmt::format("{}{}", kPadPrefix, pads++), DType::kU8, {&gap, 1}, end, begin);
      end = begin;
    }
    header.add_tensor(tensor.name, tensor.dtype, tensor.shape, end, end + tensor.bytes.size());
    end += tensor.bytes.size();
  }
  const std::string front = std::move(header).finish();

  std::vector<std::byte> bytes(front.size() + end);
  std::ranges::copy(std::as_bytes(std::span(front)), bytes.begin());
  std::size_t position = front.size();
  for (const Tensor& tensor : tensors) {
    position = round_up(position);
    std::ranges::copy(tensor.bytes, bytes.begin() + static_cast<std::ptrdiff_t>(position));
    position += tensor.bytes.size();
  }
  return bytes;
}

}  // namespace prodigest::io
