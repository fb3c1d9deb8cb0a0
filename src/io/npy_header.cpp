#include "io/npy_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "base/fail.hpp"

namespace prodigest::io {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxHeader = std::size_t{1} << 20;
constexpr std::size_t kAlignment = 64;

// The header is a Python dictionary of three entries: the smallest grammar that reads what numpy
// writes, and nothing else.
class HeaderParser {
 public:
  HeaderParser(const std::string& name, std::string_view text) : name_(name), text_(text) {}

  NpyHeader parse() {
    std::optional<std::string> dtype;
    std::optional<bool> fortran_order;
    std::optional<std::vector<Index>> shape;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr" && !dtype) {
        dtype = type();
      } else if (key == "fortran_order" && !fortran_order) {
        fortran_order = boolean();
      } else if (key == "shape" && !shape) {
        shape = tuple();
      } else {
        fail_here(
            fmt::format("the keys 'descr', 'fortran_order' and 'shape' once each, got '{}'", key));
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (place_ != text_.size()) fail_here("the end of the header");
    if (!dtype || !fortran_order || !shape) {
      fail_here("the keys 'descr', 'fortran_order' and 'shape', got fewer");
    }
    return {std::move(*dtype), *fortran_order, std::move(*shape), 0};
  }

 private:
  void skip_space() {
    while (place_ < text_.size() && (text_[place_] == ' ' || text_[place_] == '\n')) ++place_;
  }
  bool accept(char wanted) {
    skip_space();
    const bool found = place_ < text_.size() && text_[place_] == wanted;
    place_ += found;
    return found;
  }
  void expect(char wanted) {
    if (!accept(wanted)) fail_here(fmt::format("'{}'", wanted));
  }

  std::string string() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') expect('\'');
    const std::size_t end = text_.find(quote, place_);
    if (end == std::string_view::npos) fail_here("a closing quote");
    const std::string value(text_.substr(place_, end - place_));
    if (!std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c <= '~'; })) {
      fail_here("a name of plain letters");
    }
    place_ = end + 1;
    return value;
  }
  std::string type() {
    skip_space();
    if (place_ < text_.size() && text_[place_] == '[') {
      fail(ErrorCode::kUnsupported,
           "{}: expected one number per element, got a structured dtype (save its fields as an "
           "array of dtype '<f8', e.g. with numpy.lib.recfunctions.structured_to_unstructured)",
           name_);
    }
    return string();
  }
  bool boolean() {
    skip_space();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true},
                                      std::pair<std::string_view, bool>{"False", false}}) {
      if (text_.substr(place_).starts_with(word)) {
        place_ += word.size();
        return value;
      }
    }
    fail_here("True or False");
  }
  std::vector<Index> tuple() {
    std::vector<Index> shape;
    expect('(');
    while (!accept(')')) {
      shape.push_back(whole_number());
      if (!accept(',')) {
        if (shape.size() < 2) fail_here("','");
        expect(')');
        break;
      }
    }
    return shape;
  }
  Index whole_number() {
    skip_space();
    Index value = 0;
    const char* begin = text_.data() + place_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc() || value < 0) fail_here("a whole number that fits 63 bits");
    place_ += static_cast<std::size_t>(end - begin);
    return value;
  }

  [[noreturn]] void fail_here(const std::string& expected) const {
    fail(ErrorCode::kFormat, "{}: damaged .npy header: expected {} at offset {} of \"{}\"", name_,
         expected, place_, printable());
  }
  std::string printable() const {
    constexpr std::size_t kMost = 200;
    std::string shown(text_.substr(0, kMost));
    while (!shown.empty() && (shown.back() == ' ' || shown.back() == '\n')) shown.pop_back();
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return shown;
  }

  const std::string& name_;
  std::string_view text_;
  std::size_t place_ = 0;
};

void read_header_bytes(ByteStream& stream, std::span<unsigned char> out, std::string_view what) {
  const std::size_t got = read_fully(stream, std::as_writable_bytes(out));
  if (got != out.size()) {
    fail(ErrorCode::kFormat,
         "{}: expected {} bytes of {}, got {} (the file is truncated; copy it again)",
         stream.name(), out.size(), what, got);
  }
}

}  // namespace

NpyHeader read_npy_header(ByteStream& stream) {
  std::array<unsigned char, 8> begin{};
  read_header_bytes(stream, begin, "magic and version");
  const std::string_view magic(reinterpret_cast<const char*>(begin.data()), kMagic.size());
  if (magic != kMagic) {
    fail(ErrorCode::kFormat,
         "{}: not a .npy file: expected it to begin with \\x93NUMPY (write it with numpy.save)",
         stream.name());
  }
  const int major = begin[6];
  const int minor = begin[7];
  if (major < 1 || major > 3 || minor != 0) {
    fail(ErrorCode::kUnsupported, "{}: expected .npy format version 1.0, 2.0 or 3.0, got {}.{}",
         stream.name(), major, minor);
  }

  std::array<unsigned char, 4> length{};
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  read_header_bytes(stream, std::span(length).first(length_bytes), "header length");
  const std::size_t size = length[0] | std::size_t{length[1]} << 8 | std::size_t{length[2]} << 16 |
                           std::size_t{length[3]} << 24;
  if (size > kMaxHeader) {
    fail(ErrorCode::kFormat, "{}: expected a .npy header of at most {} bytes, got {}",
         stream.name(), kMaxHeader, size);
  }
  std::vector<unsigned char> text(size);
  read_header_bytes(stream, text, "header");
  NpyHeader header =
      HeaderParser(stream.name(), {reinterpret_cast<const char*>(text.data()), size}).parse();
  header.payload_offset = begin.size() + length_bytes + size;
  return header;
}

std::string npy_header_bytes(const NpyHeader& header) {
  std::string text =
      fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", header.dtype,
                  header.fortran_order ? "True" : "False", shape_text(header.shape));
  constexpr std::size_t kBefore = 10;  // magic, version, length
  const std::size_t total = (kBefore + text.size() + kAlignment) / kAlignment * kAlignment;
  text.resize(total - kBefore - 1, ' ');
  text.push_back('\n');

  std::string bytes(kMagic);
  bytes += {1, 0, static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return bytes + text;
}

NpyType npy_type(std::string_view name, const std::string& dtype) {
  constexpr std::pair<std::string_view, NpyType> kKnown[] = {
      {"|b1", NpyType::kBool}, {"|i1", NpyType::kI8},  {"<i2", NpyType::kI16},
      {"<i4", NpyType::kI32},  {"<i8", NpyType::kI64}, {"|u1", NpyType::kU8},
      {"<u2", NpyType::kU16},  {"<u4", NpyType::kU32}, {"<u8", NpyType::kU64},
      {"<f4", NpyType::kF32},  {"<f8", NpyType::kF64}};
  for (const auto& [known, type] : kKnown) {
    if (dtype == known) return type;
  }
  constexpr std::pair<char, const char*> kSorts[] = {
      {'c', "complex numbers"}, {'O', "Python objects"}, {'S', "text"},       {'U', "text"},
      {'V', "raw bytes"},       {'M', "dates"},          {'m', "time spans"}, {'f', "this float"}};
  const char* sort = "this type";
  if (dtype.starts_with('>')) {
    sort = "big-endian numbers";
  } else if (dtype.size() > 1) {
    for (const auto& [letter, words] : kSorts) {
      if (dtype[1] == letter) sort = words;
    }
  }
  const char* advice = dtype.size() > 1 && dtype[1] == 'c'
                           ? "save arr.real and arr.imag as two columns of dtype '<f8'"
                           : "save arr.astype('<f8')";
  fail(ErrorCode::kUnsupported,
       "{}: expected float32, float64, integers or bool, little-endian, got {} (dtype '{}'): {}",
       name, sort, dtype, advice);
}

std::size_t size_of(NpyType type) {
  switch (type) {
    case NpyType::kBool:
    case NpyType::kI8:
    case NpyType::kU8:
      return 1;
    case NpyType::kI16:
    case NpyType::kU16:
      return 2;
    case NpyType::kI32:
    case NpyType::kU32:
    case NpyType::kF32:
      return 4;
    case NpyType::kI64:
    case NpyType::kU64:
    case NpyType::kF64:
      break;
  }
  return 8;
}

bool is_integer(NpyType type) {
  return type != NpyType::kBool && type != NpyType::kF32 && type != NpyType::kF64;
}

Index element_count(std::string_view name, const NpyHeader& header, std::size_t element_size) {
  Index count = 1;
  for (const Index extent : header.shape) {
    if (__builtin_mul_overflow(count, extent, &count)) {
      fail(ErrorCode::kFormat, "{}: shape {} has more elements than 63 bits count", name,
           shape_text(header.shape));
    }
  }
  Index bytes = 0;
  if (__builtin_mul_overflow(count, static_cast<Index>(element_size), &bytes)) {
    fail(ErrorCode::kFormat, "{}: shape {} has more bytes than 63 bits count", name,
         shape_text(header.shape));
  }
  return count;
}

std::string shape_text(const std::vector<Index>& shape) {
  if (shape.size() == 1) return fmt::format("({},)", shape[0]);
  return fmt::format("({})", fmt::join(shape, ", "));
}

}  // namespace prodigest::io
