#pragma once
/// How rows are projected.

#include <string>
#include <string_view>

#include "prodigest/base/types.hpp"

namespace prodigest::linear {

/// The random matrix S (size x n) of a sketch S A. Every entry is a function of seed, sketch row
/// and row id, so S is never stored; E SᵀS = I for all of them.
enum class Operator {
  kGaussian,  ///< independent normals / sqrt(size)
  kSign,      ///< independent ±1 / sqrt(size)
  kSparse,    ///< `nonzeros` entries ±1 / sqrt(nonzeros) a column, one in each of as many bands of
              ///< the sketch: CountSketch for one, OSNAP or sparse embedding for more
  kHadamard,  ///< SRHT: random signs, then `size` random rows of a Hadamard matrix
};

/// How the rows of the matrix arrive.
enum class RowUpdates {
  kWhole,  ///< each row once and whole; then ||A||_F is known exactly and bounds are theorems
  kParts,  ///< a row may come in parts that add up, on any machine; then ||A||_F is estimated
};

/// Immutable once validated; text form "countsketch:size=1000,seed=42". Two sketches can be
/// multiplied if operator, size, nonzeros, length and seed agree.
struct LinearSpec {
  Operator op = Operator::kSparse;
  Index size = 0;  ///< rows of the sketch, k
  Seed seed;
  Index nonzeros = 1;  ///< kSparse only: s, 1 to size
  Index length =
      0;  ///< kHadamard only: a power of two that row ids stay below; 0: still to be found
  RowUpdates rows = RowUpdates::kWhole;
  bool single = false;  ///< the sketch is kept as float (it is always summed in double)

  friend bool operator==(const LinearSpec&, const LinearSpec&) = default;
};

/// Reads "gaussian:size=K", "sign:size=K", "countsketch:size=K", "osnap:size=K,nonzeros=8" (8 is
/// the default) and "srht:size=K,length=N" (N is rounded up to a power of two; without it
/// sketch_rows counts the rows), each with seed=, rows=whole | parts, values=f64 | f32.
/// @throws Error{kInvalidArgument}
LinearSpec parse_linear_spec(std::string_view text);

/// Whether the name before the colon is one that parse_linear_spec knows.
bool is_linear_method(std::string_view name);

/// parse_linear_spec(to_text(spec)) == spec.
std::string to_text(const LinearSpec& spec);

/// @throws Error{kInvalidArgument} if a member is out of its range: size >= 1, nonzeros <= size,
/// and for kHadamard size <= length
void validate(const LinearSpec& spec);

}  // namespace prodigest::linear
