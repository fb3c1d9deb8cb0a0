#pragma once
// One column to codes.

#include <cmath>
#include <optional>
#include <span>

#include "coding/rotation.hpp"
#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

/// What is known of a coded column besides its codes; the members of LatticeParts.
struct ColumnScale {
  double mean = 0;
  float scale = 0, noise = 0, norm = 0;
};

/// Entries beyond this are refused: what is made of their squares must fit the range of floats.
inline constexpr double kLargestEntry = 1e18;
inline bool is_refused(double entry) { return !(std::abs(entry) <= kLargestEntry); }

/// The rounded up half-precision number, the largest one beyond it.
float noise_of(float noise);

class ColumnEncoder {
 public:
  /// @param spec as spec_of_rows() gives it
  ColumnEncoder(const LatticeSpec& spec, Index rows);

  Index code_bytes() const noexcept { return code_bytes_; }

  /// Mean in double; the rest by powers of two in the range of floats, so that no square of a tiny
  /// or a huge entry is lost. A constant column has scale 0.
  /// @param x overwritten  @param floats room to work in  @param values as of encode_vector()
  /// @shape x, floats: [rows]; codes: [code_bytes]
  /// @return nothing, and x as it was, if an entry is_refused()
  std::optional<ColumnScale> encode(std::span<double> x, std::span<float> floats,
                                    std::span<std::uint8_t> codes,
                                    std::span<std::int8_t> values = {}) const;

 private:
  LatticeSpec spec_;
  Index code_bytes_;
  std::optional<coding::Rotation> rotation_;
};

}  // namespace prodigest::lattice
