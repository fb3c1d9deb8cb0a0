#pragma once
/// What the rows and columns of a digested matrix are called.

#include <string>
#include <vector>

#include "prodigest/core/key.hpp"

namespace prodigest {

/// Names carried by a digest. They do not change a result; they let digests refuse to be mixed up.
struct Schema {
  std::vector<std::string> columns{};  ///< [d], or empty if the columns have no names
  std::vector<std::string> key{};      ///< names of the key columns; empty: rows were numbered
  KeyEncoding key_encoding = KeyEncoding::kTyped;
  std::string words{};  ///< name of the text column whose words the columns are, or empty
  bool presence = false;  ///< column 0 is a column of ones that was added to the matrix
  friend bool operator==(const Schema&, const Schema&) = default;
};

}  // namespace prodigest
