#pragma once
/// The digest: the columns of a matrix in few bits an entry.

#include <cstdint>
#include <span>
#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/core/schema.hpp"
#include "prodigest/lattice/lattice_spec.hpp"

namespace prodigest::lattice {

/// All that codes consist of.
struct LatticeParts {
  LatticeSpec spec;  ///< size and gain found: size >= 1, gain not kAuto
  Schema schema;
  Index rows = 0;  ///< n
  std::uint64_t row_set =
      0;  ///< names the set of row ids, row_set_of(); equal on both sides of a product
  std::vector<double> mean;  ///< [d], or empty unless spec.centre
  std::vector<float> scale;  ///< [d]: column = mean + Qᵀ (scale * decoded codes)
  std::vector<float> noise;  ///< [d]: 1/cos² - 1, half-precision numbers (coding::VectorScale)
  std::vector<float> norm;   ///< [d] with Gain::kPlain: of the centred column, its coded
                             ///< coordinates only; else empty, as the others tell it
  std::vector<std::uint8_t> codes;  ///< d x code_bytes(coding, size)
};

/// Immutable codes of an n x d matrix A, each column for itself: mean, random rotation shared
/// through the seed, lattice code. Codes made with one seed can be multiplied, wherever they were
/// made.
class LatticeCodes {
 public:
  /// @throws Error{kInvalidArgument} if the parts contradict each other
  explicit LatticeCodes(LatticeParts parts);

  const LatticeSpec& spec() const noexcept { return parts_.spec; }
  const Schema& schema() const noexcept { return parts_.schema; }
  Index rows() const noexcept { return parts_.rows; }                              ///< n
  Index cols() const noexcept { return static_cast<Index>(parts_.scale.size()); }  ///< d
  Index size() const noexcept { return parts_.spec.size; }  ///< coordinates coded
  /// Bits an entry of the matrix, with means, scales and noises: what the file takes but for names.
  double bits_per_entry() const noexcept;
  /// ||A||²_F as the codes know it: means and, to about 1e-4 of it, norms of the centred columns.
  /// With size < rows it is an estimate.  @complexity O(size d), decodes everything
  double squared_norm() const;

  const LatticeParts& parts() const& noexcept { return parts_; }
  LatticeParts parts() && noexcept { return std::move(parts_); }

 private:
  LatticeParts parts_;
};

/// A 64-bit name of a set of row ids, whatever their order: the XXH3 64-bit hash of the ids in
/// ascending order, 8 little-endian bytes each.
std::uint64_t row_set_of(std::span<const RowId> row_ids);
/// The same of 0, 1, ..., rows - 1.
std::uint64_t row_set_of(Index rows);

/// The matrix as the codes know it, n x d: decoded, rotated back, means added. Coordinates that
/// were not coded are taken as 0.  @complexity O(n d log n)
Matrix<float> decode(const LatticeCodes& codes, const Context& context = {});
/// Columns [first, first + count) of it.
Matrix<float> decode(const LatticeCodes& codes, Index first, Index count,
                     const Context& context = {});

}  // namespace prodigest::lattice
