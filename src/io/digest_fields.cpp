#include "io/digest_fields.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>

namespace prodigest::io {
namespace {

std::vector<std::byte> bytes_of(const std::vector<std::string>& names) {
  std::vector<std::byte> bytes;
  for (const std::string& name : names) {
    std::ranges::transform(name, std::back_inserter(bytes),
                           [](char c) { return static_cast<std::byte>(c); });
    bytes.push_back(std::byte{0});
  }
  return bytes;
}

std::vector<std::string> names_of(const Container& file, std::string_view tensor_name) {
  std::vector<std::string> names;
  const Tensor* const tensor = file.find(tensor_name);
  if (tensor == nullptr) return names;
  std::string name;
  for (const std::byte byte : tensor->bytes) {
    if (byte != std::byte{0}) {
      name.push_back(static_cast<char>(byte));
    } else {
      names.push_back(std::move(name));
      name.clear();
    }
  }
  if (!name.empty())
    fail(ErrorCode::kFormat, "{}: {} must end with a zero byte", file.name(), tensor_name);
  return names;
}

}  // namespace

SchemaTensors::SchemaTensors(const Schema& schema)
    : schema_(schema), columns_(bytes_of(schema.columns)), key_(bytes_of(schema.key)) {}

void SchemaTensors::describe(Metadata& metadata) const {
  metadata.emplace_back("key_encoding",
                        schema_.key_encoding == KeyEncoding::kText ? "text" : "typed");
  if (!schema_.words.empty()) metadata.emplace_back("words", schema_.words);
  if (schema_.presence) metadata.emplace_back("presence", "added");
}

void SchemaTensors::append_to(std::vector<Tensor>& tensors) const {
  const auto put = [&](const char* name, const std::vector<std::byte>& bytes) {
    if (!bytes.empty()) tensors.push_back({name, DType::kU8, {std::ssize(bytes)}, bytes});
  };
  put("column_names", columns_);
  put("key_names", key_);
}

Schema read_schema(const Container& file) {
  Schema schema;
  schema.columns = names_of(file, "column_names");
  schema.key = names_of(file, "key_names");
  const std::string& encoding = file.text("key_encoding");
  if (encoding != "typed" && encoding != "text")
    fail(ErrorCode::kFormat, "{}: key_encoding must be typed or text, got \"{}\"", file.name(),
         encoding);
  schema.key_encoding = encoding == "text" ? KeyEncoding::kText : KeyEncoding::kTyped;
  if (file.has("words")) schema.words = file.text("words");
  schema.presence = file.has("presence");
  if (schema.presence && file.text("presence") != "added")
    fail(ErrorCode::kFormat, "{}: presence must be added, got \"{}\"", file.name(),
         file.text("presence"));
  return schema;
}

std::string sum_text(const ExactSum& sum) {
  std::string text;
  for (const double term : sum.expansion())
    text.append(text.empty() ? "" : " ").append(exact_text(term));
  return text;
}

ExactSum read_sum(const Container& file, std::string_view key) {
  ExactSum sum;
  std::string_view text = file.text(key);
  while (!text.empty()) {
    double term = 0;
    const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), term);
    text.remove_prefix(static_cast<std::size_t>(last - text.data()));
    if (error != std::errc{} || !std::isfinite(term) || (!text.empty() && text[0] != ' '))
      fail(ErrorCode::kFormat, "{}: {} must be a sum of finite numbers, got \"{}\"", file.name(),
           key, file.text(key));
    sum.add(term);
    text.remove_prefix(text.empty() ? 0 : 1);
  }
  return sum;
}

Tensor half_tensor(std::string name, std::span<const std::uint16_t> bits) {
  return {std::move(name), DType::kF16, {std::ssize(bits)}, std::as_bytes(bits)};
}

std::span<const std::uint16_t> read_halves(const Container& file, std::string_view name,
                                           Index size) {
  const Tensor* const tensor = file.find(name);
  if (tensor == nullptr || tensor->dtype != DType::kF16 || tensor->shape != std::vector{size})
    fail(ErrorCode::kFormat, "{}: expected a tensor {} of {} half-precision numbers", file.name(),
         name, size);
  return {reinterpret_cast<const std::uint16_t*>(tensor->bytes.data()),
          static_cast<std::size_t>(size)};
}

Index read_index(const Container& file, std::string_view key) {
  const std::uint64_t value = file.integer(key);
  if (value > static_cast<std::uint64_t>(std::numeric_limits<Index>::max()))
    fail(ErrorCode::kFormat, "{}: {} must be below 2^63, got {}", file.name(), key, value);
  return static_cast<Index>(value);
}

Index read_cols(const Container& file) {
  const Index cols = read_index(file, "cols");
  if (cols < 1 || cols > std::numeric_limits<std::int32_t>::max())
    fail(ErrorCode::kFormat, "{}: cols must be 1 to 2^31 - 1, got {}", file.name(), cols);
  return cols;
}

}  // namespace prodigest::io
