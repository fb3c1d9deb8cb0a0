// Each block, or pair of blocks, is tried with a few scales and in a few ways with each, all in
// lanes of 16 bits: the points, whether they have a code, their errors.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "coding/encode_blocks.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>

#include "coding/block_lanes_inl.hpp"
#include "coding/code_points_inl.hpp"
#include "coding/encode_blocks.hpp"
#include "coding/lane_errors_inl.hpp"
#include "coding/superblock_lanes.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::coding::HWY_NAMESPACE {

// Planes of labels.
template <int kBits>
HWY_INLINE void StoreLabels(const Eight& c, std::uint8_t* planes) {
  const auto store = [&](int plane, Vec v) HWY_ATTR { StoreBytes(v, planes + plane * kLanes); };
  if constexpr (kBits == 4) {
    const auto both = [](Vec a, Vec b) HWY_ATTR { return hn::Or(a, hn::ShiftLeft<4>(b)); };
    store(0, both(c.x0, c.x4));
    store(1, both(c.x1, c.x5));
    store(2, both(c.x2, c.x6));
    store(3, both(c.x3, c.x7));
  } else {
    const auto four = [](Vec a, Vec b, Vec e, Vec f) HWY_ATTR {
      const auto low = [](Vec v) HWY_ATTR { return hn::And(v, All(3)); };
      return hn::Or(hn::Or(low(a), hn::ShiftLeft<2>(low(b))),
                    hn::Or(hn::ShiftLeft<4>(low(e)), hn::ShiftLeft<6>(low(f))));
    };
    store(0, four(c.x0, c.x1, c.x2, c.x3));
    store(1, four(c.x4, c.x5, c.x6, c.x7));
    if constexpr (kBits == 3) {
      const auto append = [](Vec bits, Vec v) HWY_ATTR {
        return hn::Add(hn::Add(bits, bits), hn::ShiftRight<2>(v));
      };
      Vec bits = append(append(hn::ShiftRight<2>(c.x7), c.x6), c.x5);
      bits = append(append(append(bits, c.x4), c.x3), c.x2);
      store(2, append(append(bits, c.x1), c.x0));
    }
  }
}

// Multipliers of decoded values, and those that make points << one_bits of coordinates.
struct Scales {
  alignas(16) std::int16_t decode[8], encode[8] = {};

  Scales(const BlockFormat& format, int one_bits) {
    std::copy_n(format.multipliers, 8, decode);
    for (int j = 0; j < 1 << format.scale_bits; ++j)
      encode[j] = static_cast<std::int16_t>((1 << (15 + one_bits)) / decode[j]);
  }
};
struct Scale {
  Vec decode, encode;

  HWY_INLINE Scale(const Scales& scales, Vec index)
      : decode(Lookup(scales.decode, index)), encode(Lookup(scales.encode, index)) {}
};

struct Trial {
  Vec variant;
  Errors error;
};

// The blocks of some lanes.
template <class Code>
class Blocks {
 public:
  HWY_INLINE explicit Blocks(const float* y) {
    for (Index i = 0; i < kBlock; ++i)
      for (Index l = 0; l < Lanes(); ++l) {
        // Rounded by adding and cutting off, which compilers vectorise.
        const float clipped = std::min(std::max(y[i * kLanes + l], -127.0f), 127.0f);
        y_[i][l] = static_cast<std::int16_t>(static_cast<int>(128 * clipped + 16384.5f) - 16384);
      }
    hn::Store(Code::Gauge(Coordinates()), D(), reach_);
    for (Index l = 0; l < Lanes(); ++l)
      reach_[l] = static_cast<std::int16_t>(std::min(
          32767.0f, Code::kGaugeTimesReach / static_cast<float>(std::max<int>(reach_[l], 1))));
  }

  HWY_INLINE Vec Reach() const { return hn::Load(D(), reach_); }

  HWY_INLINE Trial BestVariant(const Scale& scale) const {
    Trial best = {All(0), AllErrors(0x7FFFFFFF)};
    // Blocks that have a code try no further, so that what they get does not depend on their
    // neighbours.
    Mask open = hn::Eq(All(0), All(0));
    for (int v = 0; v < Code::kVariants; ++v) {
      const Eight points = Points(scale, All(v));
      Errors error = SumsOfSquares(Each(
          [&](Vec from, Vec point) HWY_ATTR {
            const Vec value = hn::ShiftLeft<7>(Decoded(point, scale));
            return hn::ShiftRight<2>(hn::SaturatedSub(from, value));
          },
          Coordinates(), points));
      bool last = v + 1 == Code::kVariants;
      if constexpr (Code::kMayFail) {
        const Mask valid = hn::And(open, Code::Decodes(points));
        error = OnlyWhere(valid, error);
        open = hn::AndNot(valid, open);
        last = last || hn::AllFalse(D(), open);
      }
      best.variant = hn::IfThenElse(Less(error, best.error), All(v), best.variant);
      best.error = Min(error, best.error);
      if (last) break;
    }
    return best;
  }

  HWY_INLINE void Store(const Scale& scale, Vec variant, std::int8_t* values,
                        std::uint8_t* labels) const {
    const Eight points = Points(scale, variant);
    const auto cut_off = [&](Vec point) HWY_ATTR {
      return hn::Max(hn::Min(Decoded(point, scale), All(127)), All(-127));
    };
    StoreRows(Each(cut_off, points), values);
    const auto doubled = [](Vec point) HWY_ATTR { return hn::ShiftRight<Code::kOneBits>(point); };
    StoreLabels<Code::kLabelBits>(Code::LabelsOf(Each(doubled, points)), labels);
  }

 private:
  static HWY_INLINE Index Lanes() { return static_cast<Index>(hn::Lanes(D())); }
  HWY_INLINE Eight Coordinates() const {
    const auto row = [&](int i) HWY_ATTR { return hn::Load(D(), y_[i]); };
    return {row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)};
  }
  HWY_INLINE Eight Points(const Scale& scale, Vec variant) const {
    return Code::Points(Coordinates(), Reach(), scale.encode, variant);
  }
  static HWY_INLINE Vec Decoded(Vec point, const Scale& scale) {
    return hn::MulFixedPoint15(hn::ShiftLeft<8 - Code::kOneBits>(point), scale.decode);
  }

  alignas(64) std::int16_t y_[kBlock][kLanes / 2];  // 128 times y, cut off where values are
  alignas(64) std::int16_t reach_[kLanes / 2];
};

// The groups of some lanes.
template <class Code, bool kPairs>
HWY_INLINE void EncodeGroups(const Scales& scales, Index lane, const SuperblockLanes& to) {
  constexpr int kScales = kPairs ? 2 * Code::kScales : Code::kScales;
  constexpr int kTried = std::min(kPairs ? 4 : 3, kScales);
  constexpr Index kApart = kPairs ? kLanes / 2 : 0;
  const Blocks<Code> blocks(to.y + lane);
  const Blocks<Code> partners(to.y + lane + kApart);
  // From the last scale at which a block is drawn in.
  const Vec reach = hn::Min(blocks.Reach(), partners.Reach());
  Vec first = All(-1);
  for (int j = 0; j < kScales; ++j)
    first = hn::Sub(first, hn::VecFromMask(D(), hn::Lt(reach, All(scales.encode[j]))));
  first = hn::Max(hn::Min(first, All(kScales - kTried)), All(0));

  Vec index = first, variant = All(0), partner_variant = All(0);
  Errors least = AllErrors(0x7FFFFFFF);
  for (int j = 0; j < kTried; ++j) {
    const Vec tried = hn::Add(first, All(j));
    const Scale scale(scales, tried);
    const Trial trial = blocks.BestVariant(scale);
    Trial partner = trial;
    Errors error = trial.error;
    if constexpr (kPairs) {
      partner = partners.BestVariant(scale);
      error = Add(error, partner.error);
    }
    const Mask better = Less(error, least);
    index = hn::IfThenElse(better, tried, index);
    variant = hn::IfThenElse(better, trial.variant, variant);
    partner_variant = hn::IfThenElse(better, partner.variant, partner_variant);
    least = Min(error, least);
  }
  const Scale scale(scales, index);
  StoreBytes(index, to.scales + lane);
  blocks.Store(scale, variant, to.values + lane, to.labels + lane);
  if constexpr (kPairs)
    partners.Store(scale, partner_variant, to.values + lane + kApart, to.labels + lane + kApart);
}

template <class Code, bool kPairs = false>
HWY_FLATTEN void EncodeWith(const BlockFormat& format, Index groups, const SuperblockLanes& lanes) {
  const Scales scales(format, Code::kOneBits);
  for (Index lane = 0; lane < groups; lane += static_cast<Index>(hn::Lanes(D())))
    EncodeGroups<Code, kPairs>(scales, lane, lanes);
}

void EncodeLanes(Format format, Index groups, const SuperblockLanes& lanes) {
  const BlockFormat& numbers = block_format(format);
  switch (format) {
    case Format::kF4pair:
      return EncodeWith<Voronoi<16>, true>(numbers, groups, lanes);
    case Format::kF4fast:
      return EncodeWith<Cube<16>>(numbers, groups, lanes);
    case Format::kF3:
      return EncodeWith<Voronoi<8>>(numbers, groups, lanes);
    case Format::kF2:
      return EncodeWith<Cube<4>>(numbers, groups, lanes);
    default:
      return EncodeWith<Voronoi<16>>(numbers, groups, lanes);
  }
}

}  // namespace prodigest::coding::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::coding {
HWY_EXPORT(EncodeLanes);

void encode_blocks(Format format, std::span<const float> y, std::span<std::uint8_t> codes,
                   std::span<std::int8_t> values) {
  const BlockFormat& numbers = block_format(format);
  const auto length = static_cast<Index>(y.size());
  std::uint8_t* to = codes.data();
  for (Index first = 0; first < length; first += kSuperblock) {
    const Index count = std::min(kSuperblock, length - first);
    const Index blocks = (count + kBlock - 1) / kBlock;
    const Index groups = groups_of(numbers, blocks);
    std::uint8_t scales[kLanes];
    if (count == kSuperblock) {
      HWY_DYNAMIC_DISPATCH(EncodeLanes)
      (format, groups, {y.data() + first, values.data() + first, to, scales});
    } else {
      PaddedSuperblock padded(numbers, y.subspan(static_cast<std::size_t>(first)));
      HWY_DYNAMIC_DISPATCH(EncodeLanes)(format, groups, padded.lanes(scales));
      padded.store(to, values.data() + first);
    }
    store_scales(numbers, std::span(scales).first(static_cast<std::size_t>(groups)),
                 to + numbers.label_bits * blocks);
    to += superblock_bytes(numbers, blocks);
  }
  std::fill(values.data() + length, values.data() + (length + 63) / 64 * 64, std::int8_t{0});
}

}  // namespace prodigest::coding
#endif  // HWY_ONCE
