#pragma once
// Draws made from random_block(): words, bounded integers, signs and normal numbers. A protocol, as
// random.hpp is: each is a pure function with the same bits on every machine and instruction set.

#include <cstdint>
#include <span>

#include "prodigest/core/random.hpp"

namespace prodigest {

/// first[i] is word 0 (low half) and word 1 (high half) of random_block(seed, domain, rows[i],
/// block), second[i] is word 2 and word 3. `second` may be empty; then it is not written.
/// @shape rows, first: [n]; second: [n] or [0]  @complexity O(n), vectorised over rows
void random_words(Seed seed, Domain domain, std::span<const RowId> rows, std::uint32_t block,
                  std::span<std::uint64_t> first, std::span<std::uint64_t> second);

/// Where a word of random_words() was drawn.
struct WordSource {
  Seed seed;
  Domain domain;
  RowId row = 0;
  std::uint32_t block = 0;
  int half = 0;  ///< 0: from `first`, 1: from `second`
};

/// bounded() for a word too near a multiple of 2^64 / limit to be sure of.
std::uint64_t bounded_near_edge(std::uint64_t word, std::uint64_t limit, const WordSource& source);

/// An integer below `limit` >= 1, exactly uniform if the words are. Lemire, "Fast random integer
/// generation in an interval", TOMACS 2019: of the 128-bit product word * limit the high half is
/// the result, unless the low half is below 2^64 mod limit. Then the word is rejected and the same
/// half of another block is tried: attempt a = 1, 2, ... is the block with the same key, row and
/// block number whose last counter word is domain + a * 2^16. So no two draws ever share a word.
inline std::uint64_t bounded(std::uint64_t word, std::uint64_t limit, const WordSource& source) {
  __extension__ typedef unsigned __int128 Wide;  // not in ISO C++
  const Wide product = Wide{word} * limit;
  if (static_cast<std::uint64_t>(product) >= limit) [[likely]]
    return static_cast<std::uint64_t>(product >> 64);
  return bounded_near_edge(word, limit, source);
}

/// out[r] is +1 or -1 as bit r mod 128 of block r / 128 of the domain is 0 or 1; bit b of a block is
/// bit b mod 32, counted from the lowest, of its word b / 32.  @complexity O(out.size())
void random_signs(Seed seed, Domain domain, RowId row, std::span<double> out);

/// Those of Domain::kDenseSign.
inline void random_signs(Seed seed, RowId row, std::span<double> out) {
  random_signs(seed, Domain::kDenseSign, row, out);
}

/// Standard normal numbers. out[4j], ..., out[4j + 3] come from words w0, ..., w3 of block j of the
/// domain (Box and Muller, "A note on the generation of random normal deviates", 1958):
/// with u(w) = (w + 1/2) 2^-32,
///   out[4j], out[4j + 1]     = sqrt(-2 log u(w0)) * cos, sin(2 pi u(w1)),
///   out[4j + 2], out[4j + 3] = sqrt(-2 log u(w2)) * cos, sin(2 pi u(w3)).
/// log, cos and sin are computed by + - * / and integer operations in the order written in
/// draws.cpp and restated by its test; they are within 1e-15, relatively, of the true values. A
/// number is at most sqrt(66 log 2) = 6.77 in size.  @complexity O(out.size()), vectorised over
/// blocks
void random_normals(Seed seed, Domain domain, RowId row, std::span<double> out);

/// Those of Domain::kNormal.
inline void random_normals(Seed seed, RowId row, std::span<double> out) {
  random_normals(seed, Domain::kNormal, row, out);
}

}  // namespace prodigest
