#pragma once
// Doubles of any size, from a generator that gives the same ones everywhere.

#include <cmath>
#include <cstdint>
#include <random>

namespace prodigest {

// Either sign, 53 random bits, magnitude in [2^lowest, 2^(highest + 1)); below 2^-1022 a subnormal.
inline double wild_number(std::mt19937_64& random, int lowest, int highest) {
  const std::uint64_t bits = random();
  const double mantissa = 1 + static_cast<double>(bits >> 12) * 0x1p-52;
  const int exponent =
      lowest + static_cast<int>(random() % static_cast<std::uint64_t>(highest - lowest + 1));
  return std::ldexp(bits & 1 ? -mantissa : mantissa, exponent);
}

}  // namespace prodigest
