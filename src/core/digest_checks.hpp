#pragma once
// What digests must have in common before they are combined. `where` begins the message.

#include "prodigest/base/types.hpp"
#include "prodigest/core/estimate.hpp"
#include "prodigest/core/schema.hpp"

namespace prodigest {

/// Refuses a confidence outside (0, 1).
void check_product_options(const ProductOptions& options);

/// Refuses two digests whose row ids cannot meet: keys of other many parts, or encoded otherwise.
void check_keys_meet(const char* where, const Schema& a, const Schema& b);

/// Refuses column names that are not as many as the columns, and names that hold a zero byte.
void check_names(const char* where, const Schema& schema, Index cols);

/// Refuses different seeds.
void check_seeds(const char* where, Seed a, Seed b);

/// Refuses two digests whose columns or keys have other names: they are not of one matrix.
void check_same_schema(const char* where, const Schema& a, const Schema& b);

}  // namespace prodigest
