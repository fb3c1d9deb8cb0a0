#pragma once
// What is said of products with kernel matrices.

#include <string>

#include "facts.hpp"
#include "kernel_matrix.hpp"
#include "session.hpp"

namespace prodigest::cli {

/// "4,096 queries and 4,096 keys of 8 coordinates".
std::string matrix_text(const KernelMatrix& matrix);
Json matrix_json(const KernelMatrix& matrix);

/// Its error, its share of all pairs, and why it is exact if it is.
std::string product_text(const kernel::GaussianSpec& spec, const kernel::ProductReport& report);
Json product_json(const kernel::ProductReport& report);

/// What a plan holds.
void tell(Facts& facts, const kernel::GaussianOperator& plan);

}  // namespace prodigest::cli
