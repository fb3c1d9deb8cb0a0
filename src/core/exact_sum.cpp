#include "prodigest/core/exact_sum.hpp"

#include <bit>
#include <cmath>
#include <cstdlib>

#include "base/fail.hpp"

namespace prodigest {
namespace {

__extension__ typedef unsigned __int128 Wide;  // not in ISO C++

constexpr int kLimbBits = 32;
constexpr int kLowestBit = -1088;  // weight of bit 0 of limb 0: a multiple of 32 below 2^-1074
constexpr std::int64_t kMostPending = std::int64_t{1} << 29;  // additions of < 2^33 to a limb before carrying
constexpr std::int64_t kLimbMask = (std::int64_t{1} << kLimbBits) - 1;

}  // namespace

ExactSum::ExactSum(std::span<const double> terms) {
  for (const double term : terms) add(term);
}

void ExactSum::add(double x) { add_scaled(x, 1); }

void ExactSum::add(const ExactSum& other) { add_limbs(other, 1); }

void ExactSum::subtract(const ExactSum& other) { add_limbs(other, -1); }

void ExactSum::add_scaled(double x, int sign) {
  if (!std::isfinite(x)) fail(ErrorCode::kInvalidArgument, "sum: expected a finite number, got {}", x);
  if (x == 0) return;
  int exponent = 0;
  const auto mantissa = static_cast<std::int64_t>(std::ldexp(std::frexp(x, &exponent), 53));
  // x = mantissa * 2^(exponent - 53); a subnormal's low mantissa bits are zero, so its lowest bit
  // still lies at or above 2^-1074 once they are shifted out.
  int bit = exponent - 53 - kLowestBit;
  auto magnitude = static_cast<std::uint64_t>(std::llabs(mantissa));
  if (bit < 0) {
    magnitude >>= -bit;
    bit = 0;
  }
  const int limb = bit / kLimbBits;
  const auto wide = static_cast<Wide>(magnitude) << (bit % kLimbBits);
  cover(limb, limb + 3);
  std::int64_t* const at = limbs_.data() + (limb - first_);
  const std::int64_t s = (x < 0 ? -1 : 1) * sign;
  at[0] += s * static_cast<std::int64_t>(wide & kLimbMask);
  at[1] += s * static_cast<std::int64_t>((wide >> 32) & kLimbMask);
  at[2] += s * static_cast<std::int64_t>(wide >> 64);
  if (++pending_ >= kMostPending) carry();
}

void ExactSum::add_limbs(const ExactSum& other, int sign) {
  if (other.limbs_.empty()) return;
  ExactSum carried = other;
  carried.carry();
  carry();
  cover(carried.first_, carried.first_ + static_cast<int>(carried.limbs_.size()));
  for (std::size_t i = 0; i < carried.limbs_.size(); ++i)
    limbs_[static_cast<std::size_t>(carried.first_ - first_) + i] += sign * carried.limbs_[i];
  ++pending_;
}

// Makes room for limbs [first, last).
void ExactSum::cover(int first, int last) {
  if (limbs_.empty()) first_ = first;
  if (first < first_) {
    limbs_.insert(limbs_.begin(), static_cast<std::size_t>(first_ - first), 0);
    first_ = first;
  }
  const auto size = static_cast<std::size_t>(last - first_);
  if (limbs_.size() < size) limbs_.resize(size, 0);
}

// Afterwards every limb but the top one lies in [0, 2^32), and the top one carries the sign.
void ExactSum::carry() {
  if (limbs_.empty()) return;
  std::int64_t over = 0;
  for (std::int64_t& limb : limbs_) {
    const std::int64_t value = limb + over;
    limb = value & kLimbMask;
    over = value >> kLimbBits;
  }
  // Two's complement: the last carry is the sign of everything below, put back as the top limb.
  if (over == -1) {
    limbs_.back() -= std::int64_t{1} << kLimbBits;
  } else if (over != 0) {
    limbs_.push_back(over);
  }
  pending_ = 0;
}

double ExactSum::rounded() const {
  ExactSum sum = *this;
  sum.carry();
  if (sum.limbs_.empty()) return 0;
  const bool negative = sum.limbs_.back() < 0;
  if (negative) {
    for (std::int64_t& limb : sum.limbs_) limb = -limb;
    sum.carry();
  }
  int top = static_cast<int>(sum.limbs_.size()) - 1;
  while (top >= 0 && sum.limbs_[static_cast<std::size_t>(top)] == 0) --top;
  if (top < 0) return 0;

  // The leading 64 bits in one word, everything below as one sticky bit, rounded once to 53.
  const auto at = [&](int i) {
    return i < 0 ? 0u : static_cast<std::uint64_t>(sum.limbs_[static_cast<std::size_t>(i)]);
  };
  const Wide window =
      (static_cast<Wide>(at(top)) << 64) | (static_cast<Wide>(at(top - 1)) << 32) | at(top - 2);
  const int spare = std::countl_zero(at(top)) - 32;  // leading zeros of the top limb's 32 bits
  const auto lead = static_cast<std::uint64_t>(window >> (32 - spare));
  bool sticky = (window & ((static_cast<Wide>(1) << (32 - spare)) - 1)) != 0;
  for (int i = top - 3; i >= 0 && !sticky; --i) sticky = at(i) != 0;

  // Subnormals have fewer bits, but a sum of doubles is a multiple of 2^-1074: the others are zero.
  constexpr int kDrop = 64 - 53;
  constexpr std::uint64_t kHalf = std::uint64_t{1} << (kDrop - 1);
  const std::uint64_t rest = lead & (2 * kHalf - 1);
  std::uint64_t kept = lead >> kDrop;
  if (rest > kHalf || (rest == kHalf && (sticky || (kept & 1)))) ++kept;
  const int exponent = (first_ + top - 2) * kLimbBits + kLowestBit + (32 - spare) + kDrop;
  const double magnitude = std::ldexp(static_cast<double>(kept), exponent);
  return negative ? -magnitude : magnitude;
}

std::vector<double> ExactSum::expansion() const {
  std::vector<double> terms;
  ExactSum rest = *this;
  for (double term = rest.rounded(); term != 0; term = rest.rounded()) {
    terms.push_back(term);
    if (!std::isfinite(term)) break;
    rest.add_scaled(term, -1);
  }
  return terms;
}

}  // namespace prodigest
