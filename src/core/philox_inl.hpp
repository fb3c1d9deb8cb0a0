// Philox4x32-10 with one block in each 64-bit lane, for the kernels of random.cpp and draws.cpp.
// Compiled once for each instruction set, so the guard is Highway's.
#if defined(PRODIGEST_CORE_PHILOX_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef PRODIGEST_CORE_PHILOX_INL_HPP
#undef PRODIGEST_CORE_PHILOX_INL_HPP
#else
#define PRODIGEST_CORE_PHILOX_INL_HPP
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace prodigest::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::ScalableTag<std::uint64_t>;
using WordVector = hn::Vec<Words>;

constexpr std::size_t kMostLanes = HWY_MAX_BYTES / sizeof(std::uint64_t);

// Products of the low halves of lanes.
HWY_INLINE WordVector MulLowHalves(WordVector a, WordVector b) {
#if HWY_TARGET == HWY_SCALAR
  return WordVector((a.raw & 0xFFFFFFFFu) * (b.raw & 0xFFFFFFFFu));
#else
  const hn::Repartition<std::uint32_t, Words> halves;
  return hn::MulEven(hn::BitCast(halves, a), hn::BitCast(halves, b));
#endif
}

// first: words 0 (low half) and 1 (high half) of each block; second: words 2 and 3. Counters and
// products have their word in the low half of a lane; what the high half holds is never read.
HWY_INLINE void Philox(std::uint64_t seed, std::uint32_t domain, WordVector rows, WordVector blocks,
                       WordVector& first, WordVector& second) {
  const Words d;
  const auto multiplier0 = hn::Set(d, 0xD2511F53u);
  const auto multiplier1 = hn::Set(d, 0xCD9E8D57u);
  WordVector c0 = rows;
  WordVector c1 = hn::ShiftRight<32>(rows);
  WordVector c2 = blocks;
  WordVector c3 = hn::Set(d, domain);
  std::uint32_t k0 = static_cast<std::uint32_t>(seed);
  std::uint32_t k1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const WordVector product0 = MulLowHalves(c0, multiplier0);
    const WordVector product1 = MulLowHalves(c2, multiplier1);
    c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(product1), c1), hn::Set(d, k0));
    c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(product0), c3), hn::Set(d, k1));
    c1 = product1;
    c3 = product0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  const auto low = hn::Set(d, 0xFFFFFFFFu);
  first = hn::Or(hn::And(c0, low), hn::ShiftLeft<32>(c1));
  second = hn::Or(hn::And(c2, low), hn::ShiftLeft<32>(c3));
}

}  // namespace prodigest::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // guard
