#pragma once
// An exact sum in the plainest way, to hold the fast one to: how often each power of two was added.

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace prodigest {

class BitCounts {
 public:
  void add(double x, int sign = 1) {
    int exponent = 0;
    const auto mantissa =
        static_cast<std::uint64_t>(std::ldexp(std::frexp(std::abs(x), &exponent), 53));
    for (int bit = 0; bit < 53; ++bit)
      if (mantissa >> bit & 1)
        counts_[static_cast<std::size_t>(exponent - 53 + bit - kLowest)] +=
            std::signbit(x) ? -sign : sign;
  }

  // Nearest double, ties to even.
  double rounded() const {
    const BitCounts positive = carried(1);
    const bool negative = positive.counts_.back() != 0;  // two's complement
    const auto& bits = negative ? carried(-1).counts_ : positive.counts_;
    int top = kBits - 1;
    while (top >= 0 && bits[static_cast<std::size_t>(top)] == 0) --top;
    if (top < 0) return 0;
    const int last = top > 52 ? top - 52 : 0;
    std::uint64_t mantissa = 0;
    for (int bit = top; bit >= last; --bit)
      mantissa = 2 * mantissa + static_cast<std::uint64_t>(bits[static_cast<std::size_t>(bit)]);
    bool below_half = false;
    for (int bit = 0; bit < last - 1; ++bit) below_half |= bits[static_cast<std::size_t>(bit)] != 0;
    const bool half = last > 0 && bits[static_cast<std::size_t>(last - 1)] != 0;
    if (half && (below_half || mantissa % 2 == 1)) ++mantissa;
    const double magnitude = std::ldexp(static_cast<double>(mantissa), last + kLowest);
    return negative ? -magnitude : magnitude;
  }

  // What ExactSum::expansion() promises, for sums within the range of double.
  std::vector<double> expansion() const {
    std::vector<double> terms;
    BitCounts rest = *this;
    for (double term = rest.rounded(); term != 0; term = rest.rounded()) {
      terms.push_back(term);
      rest.add(term, -1);
    }
    return terms;
  }

 private:
  static constexpr int kLowest = -1074;
  static constexpr int kBits = 1074 + 1024 + 64;

  // The sum, or its negative, as binary digits; a negative number ends in ones.
  BitCounts carried(std::int64_t sign) const {
    BitCounts digits;
    std::int64_t over = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      const std::int64_t value = sign * counts_[i] + over;
      digits.counts_[i] = value & 1;
      over = value >> 1;
    }
    return digits;
  }

  std::array<std::int64_t, kBits> counts_{};
};

}  // namespace prodigest
