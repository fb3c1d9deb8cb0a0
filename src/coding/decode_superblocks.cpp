#include "coding/decode_superblocks.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "coding/decode_superblocks.cpp"
#include "coding/simd_bytes.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "coding/decode_scaled_inl.hpp"
#include "coding/decode_tables_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::coding::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR
bool CanDecodeSuperblocks() { return false; }
void DecodeSuperblocks(Format, const Superblocks&, std::int8_t*, Index) {}
#else
bool CanDecodeSuperblocks() { return true; }
void DecodeSuperblocks(Format kind, const Superblocks& from, std::int8_t* values, Index stride) {
  const BlockFormat& format = block_format(kind);
  switch (kind) {
    case Format::kF2:
      return DecodeCube<2, 0>(format, from, values, stride);
#if PRODIGEST_DECODES_BY_TABLES
    case Format::kF4pair:
      return DecodeVoronoiByTables<4, 3>(format, from, values, stride);
    case Format::kF4fast:
      return DecodeCubeByTable(format, from, values, stride);
    case Format::kF3:
      return DecodeVoronoiByTables<3, 2>(format, from, values, stride);
    default:
      return DecodeVoronoiByTables<4, 2>(format, from, values, stride);
#else
    case Format::kF4pair:
      return DecodeVoronoi<4, 3>(format, from, values, stride);
    case Format::kF4fast:
      return DecodeCube<4, 2>(format, from, values, stride);
    case Format::kF3:
      return DecodeVoronoi<3, 2>(format, from, values, stride);
    default:
      return DecodeVoronoi<4, 2>(format, from, values, stride);
#endif
  }
}
#endif

}  // namespace prodigest::coding::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::coding {
HWY_EXPORT(CanDecodeSuperblocks);
HWY_EXPORT(DecodeSuperblocks);

bool can_decode_superblocks() { return HWY_DYNAMIC_DISPATCH(CanDecodeSuperblocks)(); }

void decode_superblocks(Format format, const Superblocks& from, std::int8_t* values,
                        Index values_stride) {
  HWY_DYNAMIC_DISPATCH(DecodeSuperblocks)(format, from, values, values_stride);
}

}  // namespace prodigest::coding
#endif  // HWY_ONCE
