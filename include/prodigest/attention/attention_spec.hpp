#pragma once
/// Which attention.

#include <string>
#include <string_view>

#include "prodigest/base/types.hpp"

namespace prodigest::attention {

enum class Kind {
  kSoftmax,     ///< exp(<q, k> scale): exact, O(n²)
  kPolynomial,  ///< <q, k>^degree: exact, O(n²)
  kPolysketch,  ///< <S q, S k>², S a sketch of degree / 2: O(n), a model of its own
  kPerformer,   ///< FAVOR+: positive random features of the exponential, O(n)
};

/// What turns a vector of h numbers into one of `size` whose inner products are, on average, powers
/// of the original ones.
enum class SketchKind {
  kOrthogonal,  ///< degree 2 as two matrices whose columns are orthogonal in groups of h; trees of
                ///< them above
  kGaussian,    ///< independent normals
  kHadamard,    ///< TensorSRHT: signs, Hadamard transform, sampled coordinates
  kGiven,       ///< matrices that the caller made or learned
  kExternal,    ///< q and k are sketches already
};

/// What is done to each q and k before anything else.
enum class Normalization {
  kLayer,  ///< mean 0, mean square 1
  kRms,    ///< mean square 1: keeps rotary positions relative
  kNone,
};

/// Immutable once validated; text form "polysketch:degree=4,size=32". Members that a kind has not
/// keep their defaults.
struct AttentionSpec {
  Kind kind = Kind::kPolysketch;
  /// p, of kPolynomial and kPolysketch: 2, 4 or 8. Degree 2 is not sketched: <q, k>² is exact in
  /// linear time. kExternal is of degree 2, kGiven of degree 4.
  int degree = 4;
  Index size = 32;  ///< r of a sketch, 1 to 2^20; features of kPerformer
  SketchKind sketch = SketchKind::kOrthogonal;
  Normalization norm = Normalization::kLayer;
  double scale = 0;  ///< q and k are each multiplied by its square root, <q, k> by it; 0: h^-1/2
  double epsilon = 1e-3;  ///< weight of a token whose value is 0, so that no sum of weights is 0;
                          ///< not of kSoftmax
  /// Blocks of so many tokens within which kPolysketch weighs by the exact <q, k>^degree, 0: none.
  /// A parameter of the model: another block is another function.
  Index local_block = 0;
  Seed seed{};

  friend bool operator==(const AttentionSpec&, const AttentionSpec&) = default;
};

/// Reads "softmax", "polynomial:degree=4", "polysketch:degree=4,size=32,sketch=orthogonal |
/// gaussian | hadamard | given | external,local_block=256", "performer:size=256", each with
/// norm=layer | rms | none, scale=, seed= and, but for softmax, epsilon=. What is left out is as in
/// AttentionSpec, but the norm of softmax and performer is none, the size of performer 256 and the
/// degree of external sketches 2.
/// @throws Error{kInvalidArgument}
AttentionSpec parse_attention_spec(std::string_view text);
/// parse_attention_spec(to_text(spec)) == spec.
std::string to_text(const AttentionSpec& spec);
/// @throws Error{kInvalidArgument} if a member is out of its range, or is not of the kind and was
/// set
void validate(const AttentionSpec& spec);

}  // namespace prodigest::attention
