#pragma once
/// Random numbers as a protocol: pure functions of (seed, domain, row id, block). The same on every
/// machine, in every order, for every instruction set. Philox4x32-10 of Salmon et al., "Parallel
/// random numbers: as easy as 1, 2, 3", SC 2011.

#include <array>
#include <cstdint>
#include <span>

#include "prodigest/base/types.hpp"

namespace prodigest {

/// What a draw is for. Append only: the numbers are part of the file format. They stay below 2^16;
/// the bits above tell the repeats of a rejected draw from its first attempt.
enum class Domain : std::uint32_t {
  kRowSelection = 1,  ///< the shared uniform number of a row in coordinated sampling
  kBucket = 2,     ///< bucket and sign of a row in CountSketch and sparse embeddings: block j for
                   ///< its j-th non-zero
  kDenseSign = 3,  ///< the entries of a random-sign operator
  kNormal = 4,     ///< the entries of a Gaussian operator
  kRotationSign = 5,     ///< the sign of a row before a Hadamard transform
  kHadamardRow = 6,      ///< which rows of a Hadamard matrix SRHT keeps
  kLatticeRotation = 7,  ///< the signs of the rotation before lattice coding
  kRowCoding = 8,        ///< the seed of the rotation of one row of a sample with coded values
  kReflection = 9,       ///< the reflection of a short row before lattice coding
  kPolynomialSketch = 10, ///< the matrices of sketches of polynomial kernels
  kPerformer = 11,        ///< the directions of random features of the exponential
  kKernelSample = 12,     ///< which keys, and which rows for verification, a kernel product takes
  kKernelPartition = 13,  ///< random partitions of points: trees, cells, hashes
  kProbe = 14,            ///< random vectors that traces and eigenvalues are found with
};

/// Philox4x32-10 with counter {row_lo, row_hi, block, domain} and key {seed_lo, seed_hi}.
std::array<std::uint32_t, 4> random_block(Seed seed, Domain domain, RowId row, std::uint32_t block);

/// Uniform on (0, 1), never 0 or 1: (first 64 bits >> 12) * 2^-52 + 2^-53, the first 64 bits being
/// word 0 (low half) and word 1 (high half) of block 0.
double uniform(Seed seed, Domain domain, RowId row);

/// out[i] = uniform(seed, domain, rows[i]).  @shape rows, out: [n]  @complexity O(n), vectorised
void uniforms(Seed seed, Domain domain, std::span<const RowId> rows, std::span<double> out);

}  // namespace prodigest
