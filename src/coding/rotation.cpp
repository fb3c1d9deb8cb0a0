#include "coding/rotation.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/draws.hpp"
#include "core/hadamard.hpp"

namespace prodigest::coding {
namespace {

Index window_of(Index length) {
  return static_cast<Index>(std::bit_floor(static_cast<std::uint64_t>(length)));
}

template <Real T>
void multiply(std::span<T> x, const float* signs) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] *= static_cast<T>(signs[i]);
}

template <Real T>
void transform(std::span<T> window) {
  hadamard(window);
  const auto norm = static_cast<T>(1 / std::sqrt(static_cast<double>(window.size())));
  for (T& entry : window) entry *= norm;
}

}  // namespace

Rotation::Rotation(Seed seed, Index length, int rounds)
    : length_(length),
      window_(window_of(length)),
      steps_(rounds * (window_ == length ? 1 : 2)),
      signs_(static_cast<std::size_t>(steps_ * length)) {
  std::vector<double> drawn(static_cast<std::size_t>(length));
  for (int step = 0; step < steps_; ++step) {
    random_signs(seed, Domain::kLatticeRotation, static_cast<RowId>(step), drawn);
    std::ranges::copy(drawn, signs_.begin() + static_cast<std::ptrdiff_t>(step * length));
  }
}

template <Real T>
std::span<T> Rotation::window(std::span<T> x, int step) const {
  const auto size = static_cast<std::size_t>(window_);
  return window_ != length_ && step % 2 == 1 ? x.last(size) : x.first(size);
}

template <Real T>
void Rotation::forward(std::span<T> x) const {
  for (int step = 0; step < steps_; ++step) {
    multiply(x, signs_.data() + step * length_);
    transform(window(x, step));
  }
}

template <Real T>
void Rotation::backward(std::span<T> x) const {
  for (int step = steps_; step-- > 0;) {
    transform(window(x, step));
    multiply(x, signs_.data() + step * length_);
  }
}

void Rotation::apply(std::span<float> x) const { forward(x); }
void Rotation::apply_inverse(std::span<float> x) const { backward(x); }
void Rotation::apply(std::span<double> x) const { forward(x); }
void Rotation::apply_inverse(std::span<double> x) const { backward(x); }

}  // namespace prodigest::coding
