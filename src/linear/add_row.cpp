#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linear/add_row.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "linear/add_row.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::linear::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::ScalableTag<double>;

HWY_INLINE hn::Vec<Doubles> Load(const double* from) { return hn::LoadU(Doubles(), from); }
HWY_INLINE hn::Vec<Doubles> Load(const float* from) {
  return hn::PromoteTo(Doubles(), hn::LoadU(hn::Rebind<float, Doubles>(), from));
}

template <class T>
HWY_INLINE void AddRow(const T* HWY_RESTRICT row, Index size, double factor,
                       double* HWY_RESTRICT to) {
  const Doubles d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  const auto factors = hn::Set(d, factor);
  Index j = 0;
  for (; j + lanes <= size; j += lanes)
    hn::StoreU(hn::Add(hn::LoadU(d, to + j), hn::Mul(factors, Load(row + j))), d, to + j);
  for (; j < size; ++j) to[j] += factor * static_cast<double>(row[j]);
}

void AddDoubles(const double* row, Index size, double factor, double* to) {
  AddRow(row, size, factor, to);
}
void AddFloats(const float* row, Index size, double factor, double* to) {
  AddRow(row, size, factor, to);
}

}  // namespace prodigest::linear::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::linear {
HWY_EXPORT(AddDoubles);
HWY_EXPORT(AddFloats);

void add_row(const double* row, Index size, double factor, double* to) {
  HWY_DYNAMIC_DISPATCH(AddDoubles)(row, size, factor, to);
}
void add_row(const float* row, Index size, double factor, double* to) {
  HWY_DYNAMIC_DISPATCH(AddFloats)(row, size, factor, to);
}

}  // namespace prodigest::linear
#endif  // HWY_ONCE
