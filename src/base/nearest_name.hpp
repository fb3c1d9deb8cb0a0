#pragma once
// The name a person probably meant, for messages about one that is not there.

#include <span>
#include <string>
#include <string_view>

namespace prodigest {

// The name with the fewest insertions, deletions, substitutions and swaps of neighbours, capitals
// being equal to small letters; the first of equals. Empty if every name differs by more than half.
std::string_view nearest_name(std::string_view name, std::span<const std::string> names);

// `no column "packge" in a.csv; nearest is "package" (columns: id, package)`, what being "column".
std::string no_such_name(std::string_view what, std::string_view name, std::string_view where,
                         std::span<const std::string> names);

}  // namespace prodigest
