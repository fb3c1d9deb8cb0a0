// The scalar block is Random123's; the vectorised one below is held to it by a test.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/random.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <Random123/philox.h>

#include "prodigest/core/random.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
void Uniforms(std::uint64_t seed, std::uint32_t domain, const RowId* rows, std::size_t count,
              double* out) {
  for (std::size_t i = 0; i < count; ++i)
    out[i] = uniform(Seed{seed}, static_cast<Domain>(domain), rows[i]);
}
#else
// One block in each 64-bit lane; a counter or key word sits in the low half of a lane.
void Uniforms(std::uint64_t seed, std::uint32_t domain, const RowId* HWY_RESTRICT rows,
              std::size_t count, double* HWY_RESTRICT out) {
  const hn::ScalableTag<std::uint64_t> d64;
  const hn::Repartition<std::uint32_t, decltype(d64)> d32;
  const hn::Rebind<double, decltype(d64)> df;
  using V = hn::Vec<decltype(d64)>;
  const auto low = hn::Set(d64, 0xFFFFFFFFu);
  const auto multiplier0 = hn::BitCast(d32, hn::Set(d64, 0xD2511F53u));
  const auto multiplier1 = hn::BitCast(d32, hn::Set(d64, 0xCD9E8D57u));
  const std::size_t lanes = hn::Lanes(d64);

  const auto block = [&](V ids) {
    V c0 = hn::And(ids, low);
    V c1 = hn::ShiftRight<32>(ids);
    V c2 = hn::Zero(d64);
    V c3 = hn::Set(d64, domain);
    std::uint32_t k0 = static_cast<std::uint32_t>(seed);
    std::uint32_t k1 = static_cast<std::uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round) {
      const V product0 = hn::MulEven(hn::BitCast(d32, c0), multiplier0);
      const V product1 = hn::MulEven(hn::BitCast(d32, c2), multiplier1);
      c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(product1), c1), hn::Set(d64, k0));
      c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(product0), c3), hn::Set(d64, k1));
      c1 = hn::And(product1, low);
      c3 = hn::And(product0, low);
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    // The top 52 bits under the exponent of 1.0 are 1 + bits * 2^-52, exactly.
    const V bits = hn::ShiftRight<12>(hn::Or(c0, hn::ShiftLeft<32>(c1)));
    const auto one_plus = hn::BitCast(df, hn::Or(bits, hn::Set(d64, 0x3FF0000000000000u)));
    return hn::Add(hn::Sub(one_plus, hn::Set(df, 1.0)), hn::Set(df, 0x1p-53));
  };

  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(block(hn::LoadU(d64, rows + i)), df, out + i);
  if (i < count) {
    RowId ids[HWY_MAX_BYTES / 8] = {};
    double tail[HWY_MAX_BYTES / 8];
    for (std::size_t j = i; j < count; ++j) ids[j - i] = rows[j];
    hn::StoreU(block(hn::LoadU(d64, ids)), df, tail);
    for (std::size_t j = i; j < count; ++j) out[j] = tail[j - i];
  }
}
#endif

}  // namespace prodigest::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest {
HWY_EXPORT(Uniforms);

std::array<std::uint32_t, 4> random_block(Seed seed, Domain domain, RowId row, std::uint32_t block) {
  const r123::Philox4x32::ctr_type counter = {
      {static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(row >> 32), block,
       static_cast<std::uint32_t>(domain)}};
  const r123::Philox4x32::key_type key = {
      {static_cast<std::uint32_t>(seed.value), static_cast<std::uint32_t>(seed.value >> 32)}};
  const auto words = r123::Philox4x32()(counter, key);
  return {words[0], words[1], words[2], words[3]};
}

double uniform(Seed seed, Domain domain, RowId row) {
  const auto words = random_block(seed, domain, row, 0);
  const std::uint64_t bits = words[0] | (std::uint64_t{words[1]} << 32);
  return static_cast<double>(bits >> 12) * 0x1p-52 + 0x1p-53;
}

void uniforms(Seed seed, Domain domain, std::span<const RowId> rows, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(Uniforms)
  (seed.value, static_cast<std::uint32_t>(domain), rows.data(), rows.size(), out.data());
}

}  // namespace prodigest
#endif  // HWY_ONCE
