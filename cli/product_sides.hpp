#pragma once
// AᵀB of two sides, each a digest or, on one side, a matrix file.

#include <string>

#include "digest_norm.hpp"
#include "input.hpp"
#include "prodigest/core/estimate.hpp"
#include "prodigest/core/schema.hpp"
#include "session.hpp"

namespace prodigest::cli {

/// An estimate, and what its rows and columns are called.
struct Answer {
  ProductEstimate estimate;
  Schema a, b;
  DigestNorm norm_a, norm_b;
  Index sketch_rows = 0;        ///< of linear sketches; 0 for others
  Index coded_coordinates = 0;  ///< of each column, of lattice codes; 0 for others

  bool norms_estimated() const { return norm_a.estimated || norm_b.estimated; }
};

/// Beside a sample a matrix file is used in full, a block at a time, beside lattice codes it is read
/// into memory; beside a linear sketch it is sketched the same way first. With `vectors` a row of the
/// file is a column of the matrix.
/// @throws Error{kInvalidArgument} if both are matrices, or `vectors` without codes
Answer product_of(const std::string& a, const std::string& b, const InputOptions& input,
                  bool vectors, const ProductOptions& options, const Session& session);

}  // namespace prodigest::cli
