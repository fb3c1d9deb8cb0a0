#pragma once
// What compare found as one page of HTML.

#include <string>

#include "prodigest/compare/compare.hpp"

namespace prodigest::cli {

/// A page that needs nothing else: picture, tables, reasons, and the numbers as JSON. No scripts,
/// no links. names: of A and B
std::string comparison_page(const compare::Comparison& comparison, const std::string& name_a,
                            const std::string& name_b);

}  // namespace prodigest::cli
