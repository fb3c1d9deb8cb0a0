#include "core/digest_checks.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/fail.hpp"

namespace prodigest {

void check_product_options(const ProductOptions& options) {
  if (!(options.confidence > 0 && options.confidence < 1))
    fail(ErrorCode::kInvalidArgument, "product: confidence must be in (0, 1), got {}",
         options.confidence);
}

void check_keys_meet(const char* where, const Schema& a, const Schema& b) {
  // Numbered rows meet a key column of integers.
  const auto parts = [](const Schema& schema) {
    return std::max<std::size_t>(1, schema.key.size());
  };
  if (parts(a) != parts(b))
    fail(ErrorCode::kIncompatible,
         "{}: keys must have equally many columns, got {} and {} (sketch both with the same key)",
         where, parts(a), parts(b));
  if (a.key_encoding != b.key_encoding)
    fail(ErrorCode::kIncompatible,
         "{}: one digest took all keys as text, the other integers as integers (read the "
         "keys of both as text, or of neither)",
         where);
}

void check_names(const char* where, const Schema& schema, Index cols) {
  if (!schema.columns.empty() && std::ssize(schema.columns) != cols)
    fail(ErrorCode::kInvalidArgument, "{}: column names must be as many as columns, got {} and {}",
         where, schema.columns.size(), cols);
  const auto has_zero_byte = [](const std::string& name) {
    return name.find('\0') != std::string::npos;
  };
  if (std::ranges::any_of(schema.columns, has_zero_byte) ||
      std::ranges::any_of(schema.key, has_zero_byte))
    fail(ErrorCode::kInvalidArgument, "{}: names must not hold a zero byte", where);
}

void check_seeds(const char* where, Seed a, Seed b) {
  if (a != b)
    fail(ErrorCode::kIncompatible,
         "{}: seeds must be equal, got {} and {} (remake one digest with seed={})", where,
         a.value, b.value, a.value);
}

void check_same_schema(const char* where, const Schema& a, const Schema& b) {
  if (a.presence != b.presence)
    fail(ErrorCode::kIncompatible,
         "{}: a column of ones must have been added to both or to none, got one of each (sketch one "
         "again with or without that column)",
         where);
  if (a != b)
    fail(ErrorCode::kIncompatible,
         "{}: column names and key columns must be equal, got [{}] key [{}] and [{}] key [{}]", where,
         fmt::join(a.columns, ", "), fmt::join(a.key, ", "), fmt::join(b.columns, ", "),
         fmt::join(b.key, ", "));
}

}  // namespace prodigest
