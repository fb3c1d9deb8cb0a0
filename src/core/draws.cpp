#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/draws.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>

#include "core/draws.hpp"
#include "core/philox_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::HWY_NAMESPACE {

using Doubles = hn::Rebind<double, Words>;
using DoubleVector = hn::Vec<Doubles>;

void RandomWords(std::uint64_t seed, std::uint32_t domain, const RowId* HWY_RESTRICT rows,
                 std::size_t count, std::uint32_t block, std::uint64_t* HWY_RESTRICT first,
                 std::uint64_t* HWY_RESTRICT second) {
  const Words d;
  const std::size_t lanes = hn::Lanes(d);
  const auto blocks = hn::Set(d, block);
  WordVector v0, v1;
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    Philox(seed, domain, hn::LoadU(d, rows + i), blocks, v0, v1);
    hn::StoreU(v0, d, first + i);
    if (second != nullptr) hn::StoreU(v1, d, second + i);
  }
  if (i < count) {
    std::uint64_t buffer[kMostLanes] = {};
    std::copy(rows + i, rows + count, buffer);
    Philox(seed, domain, hn::LoadU(d, buffer), blocks, v0, v1);
    hn::StoreU(v0, d, buffer);
    std::copy(buffer, buffer + (count - i), first + i);
    if (second == nullptr) return;
    hn::StoreU(v1, d, buffer);
    std::copy(buffer, buffer + (count - i), second + i);
  }
}

// Signs from the lowest `count` <= 64 bits of a word.
HWY_INLINE void SignsOfWord(std::uint64_t word, double* HWY_RESTRICT out, std::size_t count) {
  const Words d;
  const Doubles df;
  const std::size_t lanes = hn::Lanes(d);
  const auto one = hn::BitCast(d, hn::Set(df, 1.0));
  auto bits = hn::Shr(hn::Set(d, word), hn::Iota(d, 0));  // the bit that is due is the lowest
  const auto signs = [&] { return hn::BitCast(df, hn::Or(hn::ShiftLeft<63>(bits), one)); };
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(signs(), df, out + i);
    bits = hn::ShiftRightSame(bits, static_cast<int>(lanes));
  }
  if (i < count) {
    double tail[kMostLanes];
    hn::StoreU(signs(), df, tail);
    std::copy(tail, tail + (count - i), out + i);
  }
}

void RandomSigns(std::uint64_t seed, std::uint32_t domain, RowId row, double* HWY_RESTRICT out,
                 std::size_t count) {
  const Words d;
  const std::size_t lanes = hn::Lanes(d);
  std::uint64_t words[2 * kMostLanes];
  WordVector first, second;
  for (std::uint64_t block = 0; count > 0; block += lanes) {
    Philox(seed, domain, hn::Set(d, row), hn::Iota(d, block), first, second);
    hn::StoreInterleaved2(first, second, d, words);
    for (std::size_t w = 0; w < 2 * lanes && count > 0; ++w) {
      const std::size_t here = std::min<std::size_t>(count, 64);
      if (here == 64)
        SignsOfWord(words[w], out, 64);  // a known count is unrolled
      else
        SignsOfWord(words[w], out, here);
      out += here;
      count -= here;
    }
  }
}

// (units + 1/2) 2^-32 of whole numbers of at most 32 bits, exactly: set behind the point of 2^19,
// they are read off by subtracting it. `origin` is subtracted in the same step.
HWY_INLINE DoubleVector Fraction(WordVector units, double origin) {
  const Words d;
  const Doubles df;
  const auto bits =
      hn::Or(hn::Or(hn::Add(units, units), hn::Set(d, 1)), hn::Set(d, 0x4120000000000000u));
  return hn::Sub(hn::BitCast(df, bits), hn::Set(df, 0x1p19 + origin));
}

// Horner's rule with the multiply and the add rounded apart: c0 + t (c1 + t (c2 + ...)).
HWY_INLINE DoubleVector Polynomial(DoubleVector, double c) { return hn::Set(Doubles(), c); }
template <class... Rest>
HWY_INLINE DoubleVector Polynomial(DoubleVector t, double c, Rest... rest) {
  return hn::Add(hn::Mul(t, Polynomial(t, rest...)), hn::Set(Doubles(), c));
}

// -2 log u for u in (0, 1). With u = 2^k z, sqrt(1/2) <= z < sqrt(2), and s = (z - 1) / (z + 1),
// log z = 2 atanh s. The polynomial is minimax for (-4 atanh(s) / s + 4) / s^2, error 4e-18; the
// high part of -2 log 2 has 41 bits, so that its product with k is exact.
HWY_INLINE DoubleVector MinusTwoLog(DoubleVector u) {
  const Words d;
  const Doubles df;
  const auto lowest = hn::Set(d, 0x3FE6A09E667F3BCDu);  // sqrt(1/2)
  const auto above = hn::Sub(hn::BitCast(d, u), lowest);
  // k is at least -33; 64 more is positive and is read off behind the point of 2^52.
  const auto exponent = hn::ShiftRight<52>(hn::Add(above, hn::Set(d, std::uint64_t{64} << 52)));
  const auto k = hn::Sub(hn::BitCast(df, hn::Or(exponent, hn::Set(d, 0x4330000000000000u))),
                         hn::Set(df, 0x1p52 + 64));
  const auto mantissa = hn::And(above, hn::Set(d, 0x000FFFFFFFFFFFFFu));
  const auto z = hn::BitCast(df, hn::Add(mantissa, lowest));
  const auto one = hn::Set(df, 1.0);
  const auto s = hn::Div(hn::Sub(z, one), hn::Add(z, one));
  const auto t = hn::Mul(s, s);
  const auto p = Polynomial(t, -4.0, -0x1.5555555555558p+0, -0x1.99999999952d7p-1,
                            -0x1.2492492df281ap-1, -0x1.c71c62e3f11e6p-2, -0x1.7462b51cb66b1p-2,
                            -0x1.39fe51a7c18f9p-2, -0x1.2b5900de53b32p-2);
  const auto low = hn::Add(hn::Mul(k, hn::Set(df, -0x1.9ef35793c7673p-40)), hn::Mul(s, p));
  return hn::Add(hn::Mul(k, hn::Set(df, -0x1.62e42fefa2000p+0)), low);
}

// The two normals of words in the low halves of lanes. The angle is the nearest quarter turn and at
// most an eighth of a turn more, x turns; minimax polynomials in x^2 for (sin(2 pi x) / x - 2 pi) /
// x^2, error 2e-17, and (cos(2 pi x) - 1) / x^2, error 3e-17.
HWY_INLINE void BoxMuller(WordVector w0, WordVector w1, DoubleVector& z0, DoubleVector& z1) {
  const Words d;
  const Doubles df;
  const auto radius = hn::Sqrt(MinusTwoLog(Fraction(w0, 0)));
  const auto turn = hn::Add(w1, hn::Set(d, std::uint64_t{1} << 29));
  const auto x = Fraction(hn::And(turn, hn::Set(d, (std::uint64_t{1} << 30) - 1)), 0x1p-3);
  const auto t = hn::Mul(x, x);
  const auto sine =
      hn::Mul(x, Polynomial(t, 0x1.921fb54442d18p+2, -0x1.4abbce625be52p+5, 0x1.466bc6775a476p+6,
                            -0x1.32d2cce500387p+6, 0x1.50783208843ebp+5, -0x1.e3027dea82bd7p+3,
                            0x1.e4a9d9166f052p+1));
  const auto cosine = Polynomial(t, 1.0, -0x1.3bd3cc9be45dep+4, 0x1.03c1f081b5ac0p+6,
                                 -0x1.55d3c7e3cb241p+6, 0x1.e1f5068688d5bp+5, -0x1.a6d1eef479be1p+4,
                                 0x1.f9ce245cada0bp+2, -0x1.b2f3eb054afcdp+0);
  // Bits 30 and 31 of `turn` are the quarter: odd ones swap sine and cosine, the sine is negative
  // in quarters 2 and 3, the cosine in 1 and 2.
  const auto odd = hn::RebindMask(df, hn::TestBit(turn, hn::Set(d, std::uint64_t{1} << 30)));
  const auto sign = hn::Set(d, std::uint64_t{1} << 63);
  const auto sine_sign = hn::And(hn::ShiftLeft<32>(turn), sign);
  const auto cosine_sign = hn::And(hn::ShiftLeft<32>(hn::Xor(turn, hn::Add(turn, turn))), sign);
  z0 = hn::Mul(radius, hn::Xor(hn::IfThenElse(odd, sine, cosine), hn::BitCast(df, cosine_sign)));
  z1 = hn::Mul(radius, hn::Xor(hn::IfThenElse(odd, cosine, sine), hn::BitCast(df, sine_sign)));
}

void RandomNormals(std::uint64_t seed, std::uint32_t domain, RowId row, double* HWY_RESTRICT out,
                   std::size_t count) {
  const Words d;
  const Doubles df;
  const std::size_t lanes = hn::Lanes(d);
  const auto low = hn::Set(d, 0xFFFFFFFFu);
  const auto blocks = [&](std::uint64_t block, double* to) {
    WordVector first, second;
    DoubleVector z0, z1, z2, z3;
    Philox(seed, domain, hn::Set(d, row), hn::Iota(d, block), first, second);
    BoxMuller(hn::And(first, low), hn::ShiftRight<32>(first), z0, z1);
    BoxMuller(hn::And(second, low), hn::ShiftRight<32>(second), z2, z3);
    hn::StoreInterleaved4(z0, z1, z2, z3, df, to);
  };
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) blocks(i / 4, out + i);
  if (i < count) {
    double tail[4 * kMostLanes];
    blocks(i / 4, tail);
    std::copy(tail, tail + (count - i), out + i);
  }
}

}  // namespace prodigest::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest {
HWY_EXPORT(RandomWords);
HWY_EXPORT(RandomSigns);
HWY_EXPORT(RandomNormals);

void random_words(Seed seed, Domain domain, std::span<const RowId> rows, std::uint32_t block,
                  std::span<std::uint64_t> first, std::span<std::uint64_t> second) {
  HWY_DYNAMIC_DISPATCH(RandomWords)
  (seed.value, static_cast<std::uint32_t>(domain), rows.data(), rows.size(), block, first.data(),
   second.empty() ? nullptr : second.data());
}

std::uint64_t bounded_near_edge(std::uint64_t word, std::uint64_t limit, const WordSource& source) {
  __extension__ typedef unsigned __int128 Wide;                    // not in ISO C++
  const std::uint64_t least = (std::uint64_t{0} - limit) % limit;  // 2^64 mod limit
  Wide product = Wide{word} * limit;
  auto domain = static_cast<std::uint32_t>(source.domain);
  while (static_cast<std::uint64_t>(product) < least) {
    domain += std::uint32_t{1} << 16;
    const auto words =
        random_block(source.seed, static_cast<Domain>(domain), source.row, source.block);
    const std::size_t at = source.half == 0 ? 0 : 2;
    product = Wide{words[at] | std::uint64_t{words[at + 1]} << 32} * limit;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

void random_signs(Seed seed, Domain domain, RowId row, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(RandomSigns)
  (seed.value, static_cast<std::uint32_t>(domain), row, out.data(), out.size());
}

void random_normals(Seed seed, Domain domain, RowId row, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(RandomNormals)
  (seed.value, static_cast<std::uint32_t>(domain), row, out.data(), out.size());
}

}  // namespace prodigest
#endif  // HWY_ONCE
