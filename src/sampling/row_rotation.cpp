#include "sampling/row_rotation.hpp"

#include <cmath>
#include <cstdint>
#include <numeric>

#include "core/draws.hpp"

namespace prodigest::sampling {
namespace {

std::vector<float> mirror(Seed seed, Index length, std::uint32_t number) {
  std::vector<RowId> rows(static_cast<std::size_t>(length + 3) / 4);
  std::iota(rows.begin(), rows.end(), RowId{0});
  std::vector<std::uint64_t> first(rows.size()), second(rows.size());
  random_words(seed, Domain::kReflection, rows, number, first, second);
  std::vector<float> u(static_cast<std::size_t>(length));
  double squares = 0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    const std::uint64_t words = (i % 4 < 2 ? first : second)[i / 4];
    const auto word = static_cast<std::int32_t>(i % 2 == 0 ? words : words >> 32);
    u[i] = static_cast<float>(word >> 8) + 0.5f;
    squares += double{u[i]} * double{u[i]};
  }
  const double scale = std::sqrt(2 / squares);
  for (float& entry : u) entry = static_cast<float>(double{entry} * scale);
  return u;
}

void reflect(const std::vector<float>& u, std::span<float> x) {
  double product = 0;
  for (std::size_t i = 0; i < u.size(); ++i) product += double{u[i]} * double{x[i]};
  for (std::size_t i = 0; i < u.size(); ++i)
    x[i] = static_cast<float>(double{x[i]} - product * double{u[i]});
}

}  // namespace

RowRotation::RowRotation(Seed seed, Index length) : rotation_(seed, length) {
  if (length > kMostReflected) return;
  first_ = mirror(seed, length, 0);
  second_ = mirror(seed, length, 1);
}

void RowRotation::apply(std::span<float> x) const {
  rotation_.apply(x);
  reflect(first_, x);
  reflect(second_, x);
}

void RowRotation::apply_inverse(std::span<float> x) const {
  reflect(second_, x);
  reflect(first_, x);
  rotation_.apply_inverse(x);
}

}  // namespace prodigest::sampling
