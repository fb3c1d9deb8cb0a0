#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/column_sums.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/column_sums.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE hn::Vec<D> LoadAsDouble(D d, hn::Mask<D> mask, const double* from) {
  return hn::MaskedLoad(mask, d, from);
}
template <class D>
HWY_INLINE hn::Vec<D> LoadAsDouble(D d, hn::Mask<D>, const float* from) {
  const hn::Rebind<float, D> df;
  return hn::PromoteTo(d, hn::LoadU(df, from));
}

// Adds `rows` rows to the running sums, a vector of columns at a time. Where an entry does not fit
// its units, none of that vector's columns is added and misfit[vector] is set. Half of the additions
// are written as multiply-adds by one, which round alike and run on other execution ports. What lies
// behind the tile in memory is fetched meanwhile.
template <class T, class Rows>
HWY_INLINE bool FoldRows(const T* HWY_RESTRICT data, Index stride, Rows rows, std::size_t cols,
                         const double* HWY_RESTRICT limit, double* HWY_RESTRICT coarse,
                         double* HWY_RESTRICT fine, std::uint8_t* HWY_RESTRICT misfit) {
  const hn::CappedTag<double, 8> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto one = hn::Set(d, 1.0);
  const T* const behind = data + rows * stride;
  bool any = false;
  for (std::size_t c = 0; c < cols; c += lanes) {
    const std::size_t width = std::min(lanes, cols - c);
    const auto mask = hn::FirstN(d, width);
    auto coarse_sum = hn::LoadU(d, coarse + c);
    auto fine_sum = hn::LoadU(d, fine + c);
    auto largest = hn::Zero(d);
    auto rest = hn::Zero(d);
    for (Index r = 0; r < rows; ++r) {
      const T* from = data + r * stride + c;
      hwy::Prefetch(behind + static_cast<Index>(c) * rows + r * static_cast<Index>(lanes));
      T padded[8] = {};
      if constexpr (sizeof(T) == 4) {  // a short row end is copied: there is no masked promotion
        if (width < lanes) {
          std::copy(from, from + width, padded);
          from = padded;
        }
      }
      const auto x = LoadAsDouble(d, mask, from);
      const auto coarse_next = hn::MulAdd(x, one, coarse_sum);
      const auto left = hn::NegMulAdd(hn::Sub(coarse_next, coarse_sum), one, x);
      const auto fine_next = hn::Add(fine_sum, left);
      rest = hn::Or(rest, hn::NegMulAdd(hn::Sub(fine_next, fine_sum), one, left));
      largest = hn::Max(largest, hn::Abs(x));
      coarse_sum = coarse_next;
      fine_sum = fine_next;
    }
    // Not(Eq), since the bits of several rests together may be a NaN, to which Ne says no.
    const auto bad =
        hn::Or(hn::Gt(largest, hn::LoadU(d, limit + c)), hn::Not(hn::Eq(rest, hn::Zero(d))));
    const bool misfits = !hn::AllFalse(d, bad);
    misfit[c / lanes] = misfits;
    any |= misfits;
    if (!misfits) {
      hn::StoreU(coarse_sum, d, coarse + c);
      hn::StoreU(fine_sum, d, fine + c);
    }
  }
  return any;
}

std::size_t FoldLanes() { return hn::Lanes(hn::CappedTag<double, 8>()); }

template <class T>
bool FoldTile(const T* data, Index stride, Index rows, std::size_t cols, const double* limit,
              double* coarse, double* fine, std::uint8_t* misfit) {
  using Full = std::integral_constant<Index, ColumnSums::kTileRows>;  // a known count is unrolled
  if (rows == ColumnSums::kTileRows) return FoldRows(data, stride, Full(), cols, limit, coarse, fine, misfit);
  return FoldRows(data, stride, rows, cols, limit, coarse, fine, misfit);
}

bool FoldDoubles(const double* data, Index stride, Index rows, std::size_t cols,
                 const double* limit, double* coarse, double* fine, std::uint8_t* misfit) {
  return FoldTile(data, stride, rows, cols, limit, coarse, fine, misfit);
}
bool FoldFloats(const float* data, Index stride, Index rows, std::size_t cols,
                const double* limit, double* coarse, double* fine, std::uint8_t* misfit) {
  return FoldTile(data, stride, rows, cols, limit, coarse, fine, misfit);
}

}  // namespace prodigest::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest {
HWY_EXPORT(FoldLanes);
HWY_EXPORT(FoldDoubles);
HWY_EXPORT(FoldFloats);

namespace {

constexpr Index kRowsBetweenFlushes = Index{1} << 12;
constexpr std::size_t kPadding = 8;  // whole vectors are loaded past the last column
// Entries are at most 2^e and coarse units 2^(e-38), so that 2^12 entries stay below 2^50 units: a
// running sum that begins at 1.5 * 2^52 units keeps its exponent, and adding to it rounds to a whole
// unit. What is left is at most 2^(e-39), so fine units are 2^(e-77).
constexpr int kUnitBits = 38;
constexpr int kHeadroom = 3;  // bits by which later entries may exceed the first

double coarse_origin(int exponent) { return std::ldexp(1.5, exponent - kUnitBits + 52); }
double fine_origin(int exponent) { return std::ldexp(1.5, exponent - 1 - 2 * kUnitBits + 52); }

bool fold(MatrixView<const double> tile, const double* limit, double* coarse, double* fine,
          std::uint8_t* misfit) {
  return HWY_DYNAMIC_DISPATCH(FoldDoubles)(tile.data, tile.row_stride, tile.rows,
                                           static_cast<std::size_t>(tile.cols), limit, coarse, fine,
                                           misfit);
}
bool fold(MatrixView<const float> tile, const double* limit, double* coarse, double* fine,
          std::uint8_t* misfit) {
  return HWY_DYNAMIC_DISPATCH(FoldFloats)(tile.data, tile.row_stride, tile.rows,
                                          static_cast<std::size_t>(tile.cols), limit, coarse, fine,
                                          misfit);
}

}  // namespace

ColumnSums::ColumnSums(Index cols)
    : cols_(cols), misfit_(static_cast<std::size_t>(cols)), exact_(static_cast<std::size_t>(cols)) {
  for (auto* array : {&limit_, &coarse_, &fine_})
    array->assign(static_cast<std::size_t>(cols) + kPadding, 0.0);
}

template <Real T>
void ColumnSums::add(MatrixView<const T> block) {
  const std::size_t lanes = HWY_DYNAMIC_DISPATCH(FoldLanes)();
  const auto cols = static_cast<std::size_t>(cols_);
  for (Index first = 0; first < block.rows; first += ColumnSums::kTileRows) {
    const auto tile = block.slice(first, std::min(ColumnSums::kTileRows, block.rows - first));
    count_rows(tile.rows);
    if (!fold(tile, limit_.data(), coarse_.data(), fine_.data(), misfit_.data()))
      continue;
    for (std::size_t c = 0; c < cols; ++c) {
      if (misfit_[c / lanes] == 0) continue;
      for (Index r = 0; r < tile.rows; ++r) deposit(c, tile(r, static_cast<Index>(c)));
    }
  }
}

template <Real T>
void ColumnSums::add(CsrView<T> block) {
  for (Index r = 0; r < block.rows; ++r) {
    count_rows(1);
    for (Index at = block.row_start[r]; at < block.row_start[r + 1]; ++at)
      deposit(static_cast<std::size_t>(block.columns[at]), block.values[at]);
  }
}

void ColumnSums::add(const ColumnSums& other) {
  const std::vector<ExactSum> theirs = other.sums();
  for (std::size_t c = 0; c < theirs.size(); ++c) exact_[c].add(theirs[c]);
}

void ColumnSums::remove(const RowsView& block) {
  std::visit(
      [this](const auto& view) {
        for (Index r = 0; r < view.rows; ++r) {
          count_rows(1);
          if constexpr (requires { view.columns; }) {
            for (Index at = view.row_start[r]; at < view.row_start[r + 1]; ++at)
              deposit(static_cast<std::size_t>(view.columns[at]), -view.values[at]);
          } else {
            for (Index c = 0; c < view.cols; ++c) deposit(static_cast<std::size_t>(c), -view(r, c));
          }
        }
      },
      block);
}

std::vector<ExactSum> ColumnSums::sums() const {
  ColumnSums flushed = *this;
  for (std::size_t c = 0; c < exact_.size(); ++c) flushed.flush(c);
  return std::move(flushed.exact_);
}

inline void ColumnSums::deposit(std::size_t column, double x) {
  const double magnitude = std::abs(x);
  if (magnitude > limit_[column]) {
    const int exponent = std::ilogb(magnitude) + 1 + kHeadroom;
    if (exponent < -900 || exponent > 900) {  // units would leave the range of double
      exact_[column].add(x);
      return;
    }
    flush(column);
    limit_[column] = std::ldexp(1.0, exponent);
    coarse_[column] = coarse_origin(exponent);
    fine_[column] = fine_origin(exponent);
  }
  const double coarse_next = coarse_[column] + x;
  const double left = x - (coarse_next - coarse_[column]);
  const double fine_next = fine_[column] + left;
  const double rest = left - (fine_next - fine_[column]);
  coarse_[column] = coarse_next;
  fine_[column] = fine_next;
  if (rest != 0) exact_[column].add(rest);
}

// Moves the running sums into the exact one; the column then has no units.
void ColumnSums::flush(std::size_t column) {
  if (limit_[column] == 0) return;
  const int exponent = std::ilogb(limit_[column]);
  exact_[column].add(coarse_[column] - coarse_origin(exponent));
  exact_[column].add(fine_[column] - fine_origin(exponent));
  limit_[column] = coarse_[column] = fine_[column] = 0;
}

// Flushes in time. Units begin anew as well, so that one large entry does not make those of a column
// too coarse for ever.
void ColumnSums::count_rows(Index rows) {
  rows_pending_ += rows;
  if (rows_pending_ <= kRowsBetweenFlushes) return;
  for (std::size_t c = 0; c < exact_.size(); ++c) flush(c);
  rows_pending_ = rows;
}

void add_exactly(ExactSum& sum, std::span<const double> terms) {
  // A list is a matrix of 64 columns; a few rows are not worth the set-up.
  constexpr std::size_t kWidth = 64;
  const std::size_t folded = terms.size() < 16 * kWidth ? 0 : terms.size() / kWidth * kWidth;
  if (folded > 0) {
    ColumnSums columns(kWidth);
    columns.add(MatrixView<const double>(terms.data(), static_cast<Index>(folded / kWidth), kWidth));
    for (const ExactSum& column : columns.sums()) sum.add(column);
  }
  for (const double term : terms.subspan(folded)) sum.add(term);
}

template void ColumnSums::add(MatrixView<const float>);
template void ColumnSums::add(MatrixView<const double>);
template void ColumnSums::add(CsrView<float>);
template void ColumnSums::add(CsrView<double>);

}  // namespace prodigest
#endif  // HWY_ONCE
