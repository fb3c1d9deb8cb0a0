// The scalar block is Random123's; the vectorised one is held to it by a test.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/random.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <Random123/philox.h>

#include "core/philox_inl.hpp"
#include "prodigest/core/random.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::HWY_NAMESPACE {

void Uniforms(std::uint64_t seed, std::uint32_t domain, const RowId* HWY_RESTRICT rows,
              std::size_t count, double* HWY_RESTRICT out) {
  const Words d;
  const hn::Rebind<double, Words> df;
  const std::size_t lanes = hn::Lanes(d);

  const auto block = [&](WordVector ids) {
    WordVector first, second;
    Philox(seed, domain, ids, hn::Zero(d), first, second);
    // The top 52 bits under the exponent of 1.0 are 1 + bits * 2^-52, exactly.
    const auto one_plus =
        hn::BitCast(df, hn::Or(hn::ShiftRight<12>(first), hn::Set(d, 0x3FF0000000000000u)));
    return hn::Add(hn::Sub(one_plus, hn::Set(df, 1.0)), hn::Set(df, 0x1p-53));
  };

  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(block(hn::LoadU(d, rows + i)), df, out + i);
  if (i < count) {
    RowId ids[kMostLanes] = {};
    double tail[kMostLanes];
    for (std::size_t j = i; j < count; ++j) ids[j - i] = rows[j];
    hn::StoreU(block(hn::LoadU(d, ids)), df, tail);
    for (std::size_t j = i; j < count; ++j) out[j] = tail[j - i];
  }
}

}  // namespace prodigest::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest {
HWY_EXPORT(Uniforms);

std::array<std::uint32_t, 4> random_block(Seed seed, Domain domain, RowId row,
                                          std::uint32_t block) {
  const r123::Philox4x32::ctr_type counter = {{static_cast<std::uint32_t>(row),
                                               static_cast<std::uint32_t>(row >> 32), block,
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
