#include "io/container_read.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <unordered_map>

#include "base/fail.hpp"
#include "io/container_header.hpp"
#include "io/container_layout.hpp"

namespace prodigest::io {

namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What a file without our magic is, so that the message can say more than "no".
std::string_view foreign_kind(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kBeginnings = {{
      {"\x93NUMPY", "it is a .npy array"},
      {"PK\x03\x04", "it is a zip archive, perhaps .npz"},
      {"\x1f\x8b", "it is gzip-compressed"},
      {"%%MatrixMarket", "it is a Matrix Market file"},
      {"SQLite format 3", "it is an SQLite database"},
  }};
  if (text.empty()) return "it is empty";
  for (const auto& [beginning, meaning] : kBeginnings) {
    if (text.starts_with(beginning)) return meaning;
  }
  const std::string_view after_length = text.substr(std::min(text.size(), kLengthBytes));
  if (after_length.starts_with('{')) return "it looks like an ordinary safetensors file";
  const auto printable = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= ' ' || byte == '\n' || byte == '\r' || byte == '\t';
  };
  if (std::ranges::all_of(text.substr(0, 256), printable)) return "it is text";
  return "it begins otherwise";
}

// "major.minor" of decimal numbers, as it stands behind the magic up to the quotation mark.
std::optional<std::pair<std::uint64_t, std::uint64_t>> parse_version(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto major = parse_decimal(text.substr(0, dot));
  const auto minor = parse_decimal(text.substr(dot + 1));
  if (!major || !minor) return std::nullopt;
  return std::pair(*major, *minor);
}

class Checker {
 public:
  Checker(std::span<const std::byte> file, const std::string& name, Checksums checksums)
      : file_(file), name_(name), checksums_(checksums) {}

  ContainerContents check() const {
    check_magic();
    const std::span<const std::byte> front = file_.first(front_size());
    check_header_crc(front);
    const std::string_view json = as_text(front.subspan(kLengthBytes));
    check_version(json);
    return contents(parse_container_header(json, name_), file_.subspan(front.size()));
  }

 private:
  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail(ErrorCode::kFormat, "{}: {}", name_, fmt::format(format, std::forward<Args>(args)...));
  }

  void check_magic() const {
    const std::string_view text = as_text(file_);
    const std::string_view start = text.substr(std::min(text.size(), kLengthBytes));
    if (start.starts_with(kMagic)) return;
    if (!start.empty() && kMagic.starts_with(start)) {
      refuse("cut off after {} bytes (copy it again)", text.size());
    }
    refuse("not a prodigest digest: {}", foreign_kind(text));
  }

  // Bytes of the length and the header together.
  std::size_t front_size() const {
    std::uint64_t length = 0;
    std::memcpy(&length, file_.data(), kLengthBytes);
    if (length > kMaxHeaderBytes) {
      refuse("header: at most {} bytes expected, got {}", kMaxHeaderBytes, length);
    }
    if (length > file_.size() - kLengthBytes) {
      refuse("cut off inside the header, after {} bytes (copy it again)", file_.size());
    }
    const auto size = static_cast<std::size_t>(kLengthBytes + length);
    if (size % kAlignment != 0) {
      refuse("header: must end at a multiple of {} bytes, got {}", kAlignment, size);
    }
    return size;
  }

  void check_header_crc(std::span<const std::byte> front) const {
    const std::optional<std::size_t> position = header_crc_position(front);
    if (!position) refuse("header: has no checksum");
    if (as_text(front).substr(*position, 8) != header_crc_text(front, *position)) {
      refuse("header: checksum does not match, the file is damaged (copy it again or remake it)");
    }
  }

  void check_version(std::string_view json) const {
    const std::string_view rest = json.substr(kMagic.size());
    const std::string_view text = rest.substr(0, rest.find('"'));
    const auto version = parse_version(text);
    if (!version || version->first < kFormatMajor) {
      refuse("header: unknown format {}", quote_name(text));
    }
    if (version->first > kFormatMajor) {
      fail(ErrorCode::kUnsupported,
           "{}: written by a newer prodigest (format {}), this one reads {}.x (update prodigest)",
           name_, text, kFormatMajor);
    }
  }

  ContainerContents contents(ContainerHeader header, std::span<const std::byte> payload) const {
    ContainerContents result;
    std::unordered_map<std::string, std::string> own;
    for (auto& [key, value] : header.metadata) {
      if (key.starts_with(kOwnPrefix)) {
        own.emplace(std::move(key), std::move(value));
      } else {
        result.metadata.emplace_back(std::move(key), std::move(value));
      }
    }
    if (const auto required = own.find(std::string(kRequiresKey)); required != own.end()) {
      if (std::ranges::find(kFeatures, required->second) == kFeatures.end())
        fail(ErrorCode::kUnsupported, "{}: needs the feature {} of a newer prodigest (update it)",
             name_, quote_name(required->second));
      result.feature = required->second;
    }
    result.kind = own[std::string(kKindKey)];
    if (result.kind.empty()) refuse("header: has no \"{}\"", kKindKey);
    result.writer = own[std::string(kWriterKey)];

    std::uint64_t position = 0;
    for (TensorEntry& entry : header.tensors) {
      const std::span<const std::byte> bytes = extent(entry, position, payload);
      position = entry.end;
      if (entry.name.starts_with(kPadPrefix)) {
        check_pad(entry, bytes);
        continue;
      }
      check_tensor(entry, bytes, own);
      result.tensors.push_back({std::move(entry.name), entry.dtype, std::move(entry.shape), bytes});
    }
    if (position != payload.size()) {
      refuse("tensors end at byte {}, but {} bytes follow the header", position, payload.size());
    }
    return result;
  }

  // The bytes of a tensor that must begin where the one before it ended.
  std::span<const std::byte> extent(const TensorEntry& entry, std::uint64_t position,
                                    std::span<const std::byte> payload) const {
    if (entry.begin != position || entry.end < entry.begin) {
      refuse("tensor {}: data_offsets must begin at {} and not descend, got [{}, {}]",
             quote_name(entry.name), position, entry.begin, entry.end);
    }
    if (entry.end > payload.size()) {
      refuse(
          "tensor {}: ends at byte {}, but only {} bytes follow the header: the file is cut off "
          "(copy it again)",
          quote_name(entry.name), entry.end, payload.size());
    }
    if (byte_count(entry.dtype, entry.shape) != entry.end - entry.begin) {
      refuse("tensor {}: {} does not take {} bytes", quote_name(entry.name),
             type_text(entry.dtype, entry.shape), entry.end - entry.begin);
    }
    return payload.subspan(entry.begin, entry.end - entry.begin);
  }

  void check_pad(const TensorEntry& entry, std::span<const std::byte> bytes) const {
    const auto zero = [](std::byte byte) { return byte == std::byte{0}; };
    if (entry.dtype != DType::kU8 || !std::ranges::all_of(bytes, zero)) {
      refuse("tensor {}: padding must be U8 zeros (copy the file again or remake it)",
             quote_name(entry.name));
    }
  }

  void check_tensor(const TensorEntry& entry, std::span<const std::byte> bytes,
                    const std::unordered_map<std::string, std::string>& own) const {
    if (entry.name.empty()) refuse("header: a tensor has no name");
    if (entry.begin % kAlignment != 0) {
      refuse("tensor {}: must begin at a multiple of {}, got {}", quote_name(entry.name),
             kAlignment, entry.begin);
    }
    const auto crc = own.find(fmt::format("{}{}", kTensorCrcPrefix, entry.name));
    if (crc == own.end()) refuse("tensor {}: has no checksum", quote_name(entry.name));
    if (checksums_ == Checksums::kAll && crc->second != crc_text(bytes)) {
      refuse("tensor {}: checksum does not match, the file is damaged (copy it again or remake it)",
             quote_name(entry.name));
    }
  }

  std::span<const std::byte> file_;
  const std::string& name_;
  Checksums checksums_;
};

}  // namespace

std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || (text.size() > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  return value;
}

ContainerContents check_container(std::span<const std::byte> file, const std::string& name,
                                  Checksums checksums) {
  return Checker(file, name, checksums).check();
}

}  // namespace prodigest::io
