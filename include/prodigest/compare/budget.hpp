#pragma once
/// How large digests may be, as people say it.

#include <string>
#include <string_view>

namespace prodigest::compare {

struct Budget {
  enum class Unit {
    kRows,   ///< the size of the digests, whatever bytes they take
    kBytes,  ///< of both digests together
    kShare,  ///< of the bytes of both complete matrices, stored as digests of all rows
  };
  Unit unit = Unit::kRows;
  double amount = 0;  ///< > 0; whole for kRows, at most 1 for kShare
  friend bool operator==(const Budget&, const Budget&) = default;
};

/// Reads "1000" (rows of a sample or sketch), "100kB", "1.5MB", "64KiB", "5%".
/// @throws Error{kInvalidArgument}
Budget parse_budget(std::string_view text);

/// parse_budget(to_text(budget)) == budget.
std::string to_text(const Budget& budget);

}  // namespace prodigest::compare
