#include "io/container_header.hpp"

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>

#include "base/fail.hpp"
#include "io/container_layout.hpp"

namespace prodigest::io {

namespace {

// Receives the parser's events one by one, so that no tree of the file's choosing is ever built.
class HeaderBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderBuilder(const std::string& file) : file_(file) {}

  ContainerHeader take() && { return std::move(header_); }

  bool start_object(std::size_t) override {
    if (place_ == Place::kStart) {
      place_ = Place::kTop;
    } else if (place_ == Place::kTop && name_ == kMetadataName) {
      place_ = Place::kMetadata;
    } else if (place_ == Place::kTop) {
      place_ = Place::kTensor;
      tensor_ = {};
    } else {
      unexpected("an object");
    }
    return true;
  }

  bool key(std::string& key) override {
    if (place_ == Place::kTop) {
      remember(names_, key);
      name_ = std::move(key);
    } else if (place_ == Place::kMetadata) {
      remember(keys_, key);
      key_ = std::move(key);
    } else {
      key_ = std::move(key);
      if (const std::optional<bool> seen = field_seen(); !seen) {
        refuse("tensor {}: unknown key {}", quote_name(name_), quote_name(key_));
      } else if (*seen) {
        refuse("tensor {}: key {} stands there twice", quote_name(name_), quote_name(key_));
      }
    }
    return true;
  }

  bool string(std::string& text) override {
    if (place_ == Place::kMetadata) {
      header_.metadata.emplace_back(std::move(key_), std::move(text));
    } else if (place_ == Place::kTensor && key_ == "dtype") {
      tensor_.dtype = dtype_named(text);
      if (!tensor_.dtype)
        refuse("tensor {}: unknown dtype {}", quote_name(name_), quote_name(text));
    } else {
      unexpected("a text");
    }
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != Place::kTensor || key_ == "dtype") unexpected("a list");
    place_ = Place::kNumbers;
    (key_ == "shape" ? tensor_.shape : tensor_.offsets).emplace();
    return true;
  }

  bool number_unsigned(std::uint64_t value) override {
    if (place_ != Place::kNumbers) unexpected("a number");
    if (value > static_cast<std::uint64_t>(std::numeric_limits<Index>::max())) {
      refuse("tensor {}: {} is above 2^63", quote_name(name_), value);
    }
    (key_ == "shape" ? tensor_.shape : tensor_.offsets)->push_back(static_cast<Index>(value));
    return true;
  }

  bool end_array() override {
    place_ = Place::kTensor;
    return true;
  }

  bool end_object() override {
    if (place_ == Place::kTensor) add_tensor();
    place_ = place_ == Place::kTop ? Place::kEnd : Place::kTop;
    return true;
  }

  bool null() override { unexpected("null"); }
  bool boolean(bool) override { unexpected("a truth value"); }
  bool number_integer(std::int64_t) override { unexpected("a negative number"); }
  bool number_float(double, const std::string&) override { unexpected("a fraction"); }
  bool binary(nlohmann::json::binary_t&) override { unexpected("binary"); }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override {
    refuse("not valid JSON at byte {}", position);
  }

 private:
  enum class Place { kStart, kTop, kMetadata, kTensor, kNumbers, kEnd };

  struct PartialTensor {
    std::optional<DType> dtype;
    std::optional<std::vector<Index>> shape;
    std::optional<std::vector<Index>> offsets;
  };

  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail(ErrorCode::kFormat, "{}: header: {}", file_,
         fmt::format(format, std::forward<Args>(args)...));
  }

  [[noreturn]] void unexpected(const char* what) const {
    refuse("{} does not belong at {} {}", what, quote_name(name_), quote_name(key_));
  }

  void remember(std::unordered_set<std::string>& set, const std::string& key) const {
    if (!set.insert(key).second) refuse("key {} stands there twice", quote_name(key));
  }

  // Whether the tensor already has the field key_; nothing if there is no such field.
  std::optional<bool> field_seen() const {
    if (key_ == "dtype") return tensor_.dtype.has_value();
    if (key_ == "shape") return tensor_.shape.has_value();
    if (key_ == "data_offsets") return tensor_.offsets.has_value();
    return std::nullopt;
  }

  void add_tensor() {
    if (!tensor_.dtype || !tensor_.shape || !tensor_.offsets || tensor_.offsets->size() != 2) {
      refuse("tensor {}: expected a dtype, a shape and two data_offsets", quote_name(name_));
    }
    header_.tensors.push_back({std::move(name_), *tensor_.dtype, std::move(*tensor_.shape),
                               static_cast<std::uint64_t>((*tensor_.offsets)[0]),
                               static_cast<std::uint64_t>((*tensor_.offsets)[1])});
  }

  const std::string& file_;
  ContainerHeader header_;
  std::unordered_set<std::string> names_;  // of tensors
  std::unordered_set<std::string> keys_;   // of the metadata
  Place place_ = Place::kStart;
  std::string name_;  // the last key of the outermost object
  std::string key_;   // the last key one level deeper
  PartialTensor tensor_;
};

}  // namespace

ContainerHeader parse_container_header(std::string_view json, const std::string& file) {
  // the parser takes a zero byte for the end and would not look at what follows
  if (json.find('\0') != std::string_view::npos) {
    fail(ErrorCode::kFormat, "{}: header: a zero byte does not belong in JSON", file);
  }
  HeaderBuilder builder(file);
  nlohmann::json::sax_parse(json, &builder);
  return std::move(builder).take();
}

}  // namespace prodigest::io
