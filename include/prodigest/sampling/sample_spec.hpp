#pragma once
/// How rows are sampled.

#include <optional>
#include <string>
#include <string_view>

#include "prodigest/base/types.hpp"
#include "prodigest/coding/format.hpp"

namespace prodigest::sampling {

/// Which rows are kept, given ranks u(seed, row) / weight.
enum class Method {
  kPriority,        ///< the `size` rows of smallest rank (Algorithm 1 of the source paper)
  kThreshold,       ///< ranks below tau, where sum of min(1, tau * weight) = size
  kPlainThreshold,  ///< ranks below tau = size / sum of weights (Algorithm 4)
};

/// What a row's weight is.
enum class Weight {
  kSquaredNorm,    ///< ||row||²: the only one with a worst-case guarantee for products
  kNorm,           ///< ||row||: often better where A and B are unrelated
  kUniform,        ///< 1, whether or not the row is zero; unsampled rows are never read
  kLeverage,       ///< row (AᵀA)⁺ rowᵀ: for regression; two passes
  kRidgeLeverage,  ///< row (AᵀA + ridge I)⁻¹ rowᵀ; two passes
  kUser,           ///< given with each row
};

/// Which sums over all rows travel with the sample.
enum class Totals {
  kNone,  ///< the number of rows
  kNorm,  ///< and the number of non-zero rows and ||A||²_F
  kFull,  ///< and the sum of each column, which takes about as long again as all the rest
  kGram,  ///< kNorm and AᵀA, for regression: O(d) operations an entry and d (d + 1) / 2 numbers
};

/// Immutable once validated; text form "priority:size=1000,seed=42". Two samples can be multiplied
/// if their seeds agree, and merged if all but their sizes agree.
struct SampleSpec {
  Method method = Method::kPriority;
  Index size = 0;  ///< rows wanted, k
  Seed seed;
  Weight weight = Weight::kSquaredNorm;
  double mixture = 0;  ///< c in [0, 1): the weight becomes c + (1 - c) * weight / mean
  double mean = 0;     ///< mean weight of all rows, > 0 where mixture > 0; 0: still to be found
  double ridge = 0;    ///< > 0 exactly for kRidgeLeverage
  Totals totals = Totals::kNorm;  ///< the text form takes none with weight=uniform: rows are not read
  /// How the values of kept rows are coded, in a format that decodes to int8; nothing: they are
  /// kept as they are. Row ids, weights and totals are exact either way.
  std::optional<coding::Coding> values{};

  friend bool operator==(const SampleSpec&, const SampleSpec&) = default;
};

/// Reads "priority:size=1000", "threshold:size=1000,tau=plain", with seed=, weight=squared_norm |
/// norm | uniform | leverage | ridge_leverage | user, mixture=, mean=, ridge=, totals=none | norm |
/// full | gram, values=lattice:F4 or another coding.  @throws Error{kInvalidArgument}
SampleSpec parse_sample_spec(std::string_view text);

/// parse_sample_spec(to_text(spec)) == spec.
std::string to_text(const SampleSpec& spec);

/// @throws Error{kInvalidArgument} if a member is out of its range
void validate(const SampleSpec& spec);

/// Whether weights depend on the whole matrix, so that they need a pass of their own and samples of
/// parts cannot be merged.
bool needs_gram(const SampleSpec& spec);

}  // namespace prodigest::sampling
