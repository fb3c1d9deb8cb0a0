#pragma once
// What the files of every kind of digest have in common: names of rows and columns, exact sums,
// counts, and how a reader refuses.

#include <string>
#include <string_view>
#include <vector>

#include "base/fail.hpp"
#include "prodigest/core/exact_sum.hpp"
#include "prodigest/core/schema.hpp"
#include "prodigest/io/container.hpp"

namespace prodigest::io {

/// A schema as metadata (key_encoding, words, presence) and tensors (column_names, key_names).
class SchemaTensors {
 public:
  explicit SchemaTensors(const Schema& schema);
  void describe(Metadata& metadata) const;
  /// The tensors borrow from this object.
  void append_to(std::vector<Tensor>& tensors) const;

 private:
  const Schema& schema_;
  std::vector<std::byte> columns_, key_;
};
Schema read_schema(const Container& file);

/// An exact sum as doubles with a space between; the first is the rounded sum.
std::string sum_text(const ExactSum& sum);
ExactSum read_sum(const Container& file, std::string_view key);

/// Half-precision numbers, by their bits.
Tensor half_tensor(std::string name, std::span<const std::uint16_t> bits);
std::span<const std::uint16_t> read_halves(const Container& file, std::string_view name,
                                           Index size);

/// A count below 2^63.
Index read_index(const Container& file, std::string_view key);
/// The number of columns, "cols": 1 to 2^31 - 1.
Index read_cols(const Container& file);

/// read(file), where whatever is wrong with the contents becomes Error{kFormat} with the file's
/// name.
template <class Read>
auto read_digest(const Container& file, std::string_view kind, const Read& read) {
  if (file.kind() != kind)
    fail(ErrorCode::kFormat, "{}: expected a digest of kind {}, got {}", file.name(), kind,
         file.kind());
  try {
    return read(file);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kFormat) throw;
    fail(ErrorCode::kFormat, "{}: {}", file.name(), error.what());
  }
}

}  // namespace prodigest::io
