#include "attention/head_rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>

#include "base/fail.hpp"

namespace prodigest::attention {
namespace {

double number(double x) { return x; }
double number(BFloat16 x) { return static_cast<float>(x); }

template <class Element>
[[noreturn]] void refuse_row(MatrixView<const Element> rows, Index row, const HeadName& name) {
  for (Index j = 0; j < rows.cols; ++j)
    if (const double x = number(rows(row, j)); !std::isfinite(x))
      fail(ErrorCode::kInvalidArgument,
           "attend: {} must be finite, got {} at batch {}, head {}, token {}, column {}",
           name.tensor, x, name.batch, name.head, name.first_token + row, j);
  fail(ErrorCode::kInvalidArgument,
       "attend: {} is too large to be normalized at batch {}, head {}, token {}", name.tensor,
       name.batch, name.head, name.first_token + row);
}

BFloat16 rounded(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return {static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}

void copy_row(std::span<const float> from, std::span<BFloat16> to) {
  for (std::size_t j = 0; j < from.size(); ++j) to[j] = rounded(from[j]);
}
template <Real T>
void copy_row(std::span<const T> from, std::span<T> to) {
  std::ranges::copy(from, to.begin());
}

}  // namespace

template <Real T>
Index HeadRows<T>::rows() const noexcept {
  return std::visit([](const auto& rows) { return rows.rows; }, source_);
}

template <Real T>
Index HeadRows<T>::width() const noexcept {
  return std::visit([](const auto& rows) { return rows.cols; }, source_);
}

template <Real T>
void HeadRows<T>::load(Index first, MatrixView<T> to) const {
  std::visit(
      [&](const auto& source) {
        if (normalize(norm_, source.slice(first, to.rows), to)) return;
        for (Index i = 0; i < to.rows; ++i)
          if (!std::ranges::all_of(to.row(i), [](T x) { return std::isfinite(x); }))
            refuse_row(source, first + i, name_);
      },
      source_);
}

template <Real T>
void HeadRows<T>::check() const {
  constexpr Index kStrip = 64;
  Matrix<T> strip(std::min(kStrip, rows()), width());
  for (Index first = 0; first < rows(); first += kStrip)
    load(first, strip.view().slice(0, std::min(kStrip, rows() - first)));
}

template <Real T>
void HeadRows<T>::refuse_overflow(Index row) const {
  fail(ErrorCode::kInvalidArgument,
       "attend: the weights of {} at batch {}, head {}, token {} are too large to be added "
       "(normalize, or make scale smaller)",
       name_.tensor, name_.batch, name_.head, name_.first_token + row);
}

template <Real T>
void HeadRows<T>::to_source_gradient(Index first, MatrixView<T> gradient) const {
  std::visit(
      [&](const auto& source) {
        normalize_backward(norm_, source.slice(first, gradient.rows), gradient, gradient);
      },
      source_);
}

template <Real T>
void HeadOut<T>::store(Index first, MatrixView<const T> rows) const {
  std::visit(
      [&](const auto& target) {
        for (Index i = 0; i < rows.rows; ++i) copy_row(rows.row(i), target.row(first + i));
      },
      target_);
}

template class HeadRows<float>;
template class HeadRows<double>;
template class HeadOut<float>;
template class HeadOut<double>;

}  // namespace prodigest::attention
