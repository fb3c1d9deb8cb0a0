#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernel/near_list.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>

#include "kernel/near_list.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::kernel::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Values = hn::CappedTag<float, ListScratch::kMostLanes>;
using Keys = hn::RebindToSigned<Values>;

// Writes what is marked, and anything behind it.
template <class M>
HWY_INLINE void Append(M mask, hn::Vec<Keys> keys, hn::Vec<Values> values,
                       std::int32_t* HWY_RESTRICT to_keys, float* HWY_RESTRICT to_values,
                       Index& count) {
  const Values d;
  const Keys dk;
  const auto marked = hn::CountTrue(d, mask);
  if (marked == 0) return;
  hn::StoreU(hn::Compress(keys, hn::RebindMask(dk, mask)), dk, to_keys + count);
  hn::StoreU(hn::Compress(values, mask), d, to_values + count);
  count += static_cast<Index>(marked);
}

void AppendAtLeast(const std::int32_t* HWY_RESTRICT keys, const float* HWY_RESTRICT values,
                   Index size, float least, std::int32_t* HWY_RESTRICT to_keys,
                   float* HWY_RESTRICT to_values, Index& count) {
  const Values d;
  const Keys dk;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  const auto bound = hn::Set(d, least);
  Index i = 0;
  for (; i + lanes <= size; i += lanes) {
    const auto value = hn::LoadU(d, values + i);
    const auto passes = hn::Ge(value, bound);
    if (!hn::AllFalse(d, passes))
      Append(passes, hn::LoadU(dk, keys + i), value, to_keys, to_values, count);
  }
  if (i == size) return;
  const auto some = hn::FirstN(d, static_cast<std::size_t>(size - i));
  const auto value = hn::MaskedLoad(some, d, values + i);
  Append(hn::And(some, hn::Ge(value, bound)),
         hn::MaskedLoad(hn::RebindMask(dk, some), dk, keys + i), value, to_keys, to_values, count);
}

void AppendElsewhere(const std::int32_t* HWY_RESTRICT keys, const float* HWY_RESTRICT values,
                     Index size, float least, const PlaceRange& range,
                     std::int32_t* HWY_RESTRICT to_keys, float* HWY_RESTRICT to_values,
                     Index& count) {
  const Values d;
  const Keys dk;
  const hn::RebindToUnsigned<Keys> du;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  const auto origin = hn::Set(dk, static_cast<std::int32_t>(range.first));
  const auto end = hn::Set(du, static_cast<std::uint32_t>(range.size));
  const auto bound = hn::Set(d, least);
  for (Index i = 0; i < size; i += lanes) {
    const auto some = hn::FirstN(d, static_cast<std::size_t>(size - i));
    const auto value = hn::MaskedLoad(some, d, values + i);
    const auto key = hn::MaskedLoad(hn::RebindMask(dk, some), dk, keys + i);
    const auto place = hn::Sub(hn::GatherIndex(dk, range.places, key), origin);
    const auto inside = hn::RebindMask(d, hn::Lt(hn::BitCast(du, place), end));
    const auto passes = hn::And(some, hn::Ge(value, bound));
    Append(hn::AndNot(inside, passes), key, value, to_keys, to_values, count);
  }
}

Extremes ExtremesOf(const float* HWY_RESTRICT values, Index count) {
  const Values d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  if (count < lanes) {
    if (count == 0) return {};
    const auto [smallest, largest] = std::minmax_element(values, values + count);
    return {*smallest, *largest};
  }
  auto smallest = hn::LoadU(d, values + count - lanes), largest = smallest;
  for (Index i = 0; i + lanes < count; i += lanes) {
    const auto value = hn::LoadU(d, values + i);
    smallest = hn::Min(smallest, value);
    largest = hn::Max(largest, value);
  }
  return {hn::GetLane(hn::MinOfLanes(d, smallest)), hn::GetLane(hn::MaxOfLanes(d, largest))};
}

// The bits of floats that are not negative are ordered as they are: a bisection of bits for the
// bound with `most` values above it, or the most below that.
void KeepLargest(Index most, std::int32_t* HWY_RESTRICT keys, float* HWY_RESTRICT values,
                 Index& count) {
  const Values d;
  const Keys dk;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  if (count <= most) return;
  hn::StoreU(hn::Zero(d), d, values + count);  // above no bound
  const auto bits = [&](Index i) HWY_ATTR { return hn::BitCast(dk, hn::LoadU(d, values + i)); };
  auto smallest = hn::BitCast(dk, hn::Set(d, values[0])), largest = smallest;
  for (Index i = 0; i < count; i += lanes) {
    const auto x = bits(i);
    smallest = hn::Min(smallest, x);
    largest = hn::Max(largest, x);
  }
  std::int32_t low = hn::GetLane(hn::MinOfLanes(dk, smallest)) - 1;  // more are above it
  std::int32_t high = hn::GetLane(hn::MaxOfLanes(dk, largest));      // at most `most` are
  Index above = 0;
  while (above != most && high - low > 1) {
    const std::int32_t middle = low + (high - low) / 2;
    const auto bound = hn::Set(dk, middle);
    std::size_t now = 0;
    for (Index i = 0; i < count; i += lanes) now += hn::CountTrue(dk, hn::Gt(bits(i), bound));
    if (static_cast<Index>(now) > most) {
      low = middle;
    } else {
      high = middle;
      above = static_cast<Index>(now);
    }
  }
  const auto bound = hn::Set(dk, above == most ? high : low);
  const Index all = count;
  count = 0;
  for (Index i = 0; i < all; i += lanes) {
    const auto x = bits(i);
    Append(hn::RebindMask(d, hn::Gt(x, bound)), hn::LoadU(dk, keys + i), hn::BitCast(d, x), keys,
           values, count);
  }
}

void WriteByKey(const std::int32_t* HWY_RESTRICT keys, const float* HWY_RESTRICT values,
                Index count, std::int32_t* HWY_RESTRICT to_keys, float* HWY_RESTRICT to_values) {
  const Keys d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  for (Index i = 0; i < count; ++i) {
    const auto key = hn::Set(d, keys[i]);
    std::size_t before = 0;
    Index j = 0;
    for (; j + lanes <= count; j += lanes)
      before += hn::CountTrue(d, hn::Lt(hn::LoadU(d, keys + j), key));
    const auto some = hn::FirstN(d, static_cast<std::size_t>(count - j));
    before += hn::CountTrue(d, hn::And(some, hn::Lt(hn::LoadU(d, keys + j), key)));
    to_keys[before] = keys[i];
    to_values[before] = values[i];
  }
}

}  // namespace prodigest::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::kernel {
HWY_EXPORT(AppendAtLeast);
HWY_EXPORT(AppendElsewhere);
HWY_EXPORT(ExtremesOf);
HWY_EXPORT(KeepLargest);
HWY_EXPORT(WriteByKey);

void append_at_least(std::span<const std::int32_t> keys, const float* values, float least,
                     ListScratch& list) {
  HWY_DYNAMIC_DISPATCH(AppendAtLeast)
  (keys.data(), values, std::ssize(keys), least, list.keys.data(), list.values.data(), list.count);
}

void append_elsewhere(std::span<const std::int32_t> keys, const float* values, float least,
                      const PlaceRange& range, ListScratch& list) {
  HWY_DYNAMIC_DISPATCH(AppendElsewhere)
  (keys.data(), values, std::ssize(keys), least, range, list.keys.data(), list.values.data(),
   list.count);
}

Extremes extremes_of(std::span<const float> values) {
  return HWY_DYNAMIC_DISPATCH(ExtremesOf)(values.data(), std::ssize(values));
}

void keep_largest(Index most, ListScratch& list) {
  HWY_DYNAMIC_DISPATCH(KeepLargest)(most, list.keys.data(), list.values.data(), list.count);
  if (list.count <= most) return;
  // All that are equal at the cut are still there: the last of them go.
  const auto end = list.values.begin() + list.count;
  const float cut = *std::min_element(list.values.begin(), end);
  Index surplus = list.count - most;
  Index from = list.count;
  while (surplus > 0) surplus -= list.values[static_cast<std::size_t>(--from)] == cut;
  Index to = from;
  for (Index i = from; i < list.count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (list.values[at] == cut) continue;
    list.keys[static_cast<std::size_t>(to)] = list.keys[at];
    list.values[static_cast<std::size_t>(to++)] = list.values[at];
  }
  list.count = to;
}

void write_by_key(const ListScratch& list, std::int32_t* keys, float* values) {
  HWY_DYNAMIC_DISPATCH(WriteByKey)
  (list.keys.data(), list.values.data(), list.count, keys, values);
}

}  // namespace prodigest::kernel
#endif  // HWY_ONCE
