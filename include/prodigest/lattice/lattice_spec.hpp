#pragma once
/// How the columns of a matrix are coded.

#include <string>
#include <string_view>

#include "prodigest/base/types.hpp"
#include "prodigest/coding/format.hpp"

namespace prodigest::lattice {

enum class Rotation {
  kHadamard,  ///< two rounds of random signs and Hadamard transforms: any columns then look normal
  kNone,      ///< for columns that are truly sparse, whose zeros a rotation would fill
};

/// Immutable once validated; text form "lattice:format=F4,seed=42". Two sets of codes can be
/// multiplied if seed, rotation, size and rows agree; formats and gains may differ.
struct LatticeSpec {
  coding::Coding coding{};
  Seed seed;
  /// Coordinates of the rotated columns that are coded, the same on both sides; 0: all. Fewer give
  /// rates below the format's. At most the number of rows; only with a rotation.
  Index size = 0;
  Rotation rotation = Rotation::kHadamard;
  bool centre = true;  ///< means are taken out first and kept in double
  coding::Gain gain = coding::Gain::kAuto;

  friend bool operator==(const LatticeSpec&, const LatticeSpec&) = default;
};

/// Reads "lattice:format=F4" with size=, seed=, rotation=hadamard | none, centre=yes | no,
/// gain=auto | unbiased | mmse | plain. The formats of coding::parse_coding; int and group are by
/// default as they are commonly used: rotation=none, centre=no, gain=plain.  @throws
/// Error{kInvalidArgument}
LatticeSpec parse_lattice_spec(std::string_view text);
bool is_lattice_method(std::string_view name);

/// parse_lattice_spec(to_text(spec)) == spec.
std::string to_text(const LatticeSpec& spec);

/// @throws Error{kInvalidArgument} if a member is out of its range
void validate(const LatticeSpec& spec);

}  // namespace prodigest::lattice
