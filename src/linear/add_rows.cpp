#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linear/add_rows.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "linear/add_rows.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::linear::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::ScalableTag<double>;

HWY_INLINE hn::Vec<Doubles> Load(const double* from) { return hn::LoadU(Doubles(), from); }
HWY_INLINE hn::Vec<Doubles> Load(const float* from) {
  return hn::PromoteTo(Doubles(), hn::LoadU(hn::Rebind<float, Doubles>(), from));
}

// Four vectors of the sketch row stay in registers while the rows pass by.
template <class T>
void AddRows(MatrixView<const T> rows, const Placement* placements, std::size_t count,
             double* HWY_RESTRICT to) {
  const Doubles d;
  const std::size_t lanes = hn::Lanes(d);
  const auto cols = static_cast<std::size_t>(rows.cols);
  std::size_t j = 0;
  for (; j + 4 * lanes <= cols; j += 4 * lanes) {
    auto sum0 = hn::LoadU(d, to + j);
    auto sum1 = hn::LoadU(d, to + j + lanes);
    auto sum2 = hn::LoadU(d, to + j + 2 * lanes);
    auto sum3 = hn::LoadU(d, to + j + 3 * lanes);
    for (std::size_t p = 0; p < count; ++p) {
      const T* HWY_RESTRICT from = rows.row_data(placements[p].row) + j;
      const auto factor = hn::Set(d, placements[p].factor);
      sum0 = hn::Add(sum0, hn::Mul(factor, Load(from)));
      sum1 = hn::Add(sum1, hn::Mul(factor, Load(from + lanes)));
      sum2 = hn::Add(sum2, hn::Mul(factor, Load(from + 2 * lanes)));
      sum3 = hn::Add(sum3, hn::Mul(factor, Load(from + 3 * lanes)));
    }
    hn::StoreU(sum0, d, to + j);
    hn::StoreU(sum1, d, to + j + lanes);
    hn::StoreU(sum2, d, to + j + 2 * lanes);
    hn::StoreU(sum3, d, to + j + 3 * lanes);
  }
  for (; j + lanes <= cols; j += lanes) {
    auto sum = hn::LoadU(d, to + j);
    for (std::size_t p = 0; p < count; ++p)
      sum = hn::Add(sum, hn::Mul(hn::Set(d, placements[p].factor),
                                 Load(rows.row_data(placements[p].row) + j)));
    hn::StoreU(sum, d, to + j);
  }
  for (; j < cols; ++j)
    for (std::size_t p = 0; p < count; ++p)
      to[j] += placements[p].factor * static_cast<double>(rows.row_data(placements[p].row)[j]);
}

void AddDoubles(MatrixView<const double> rows, const Placement* placements, std::size_t count,
                double* to) {
  AddRows(rows, placements, count, to);
}
void AddFloats(MatrixView<const float> rows, const Placement* placements, std::size_t count,
               double* to) {
  AddRows(rows, placements, count, to);
}

}  // namespace prodigest::linear::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::linear {
HWY_EXPORT(AddDoubles);
HWY_EXPORT(AddFloats);

void add_rows(MatrixView<const double> rows, std::span<const Placement> placements, double* to) {
  HWY_DYNAMIC_DISPATCH(AddDoubles)(rows, placements.data(), placements.size(), to);
}
void add_rows(MatrixView<const float> rows, std::span<const Placement> placements, double* to) {
  HWY_DYNAMIC_DISPATCH(AddFloats)(rows, placements.data(), placements.size(), to);
}

}  // namespace prodigest::linear
#endif  // HWY_ONCE
