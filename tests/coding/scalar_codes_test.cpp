#include "coding/scalar_codes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "coding/half.hpp"
#include "coding/lloyd_levels.hpp"

namespace prodigest::coding {
namespace {

struct Coded {
  std::vector<std::uint8_t> codes;
  double scale;
};

Coded encode(const Coding& coding, const std::vector<float>& x) {
  VectorSize size;
  double squares = 0;
  for (const float entry : x) {
    size.largest = std::max(size.largest, std::abs(double{entry}));
    squares += double{entry} * entry;
  }
  size.root_mean_square = std::sqrt(squares / static_cast<double>(x.size()));
  Coded out;
  out.codes.assign(
      static_cast<std::size_t>(scalar_code_bytes(coding, static_cast<Index>(x.size()))), 0xAA);
  out.scale = encode_scalars(coding, x, size, out.codes);
  return out;
}

std::vector<float> decode(const Coding& coding, const std::vector<std::uint8_t>& codes,
                          std::size_t length) {
  std::vector<float> out(length);
  if (decodes_to_int8(coding)) {
    std::vector<std::int8_t> values(length);
    decode_integers(scalar_bits(coding), codes.data(), values);
    std::ranges::copy(values, out.begin());
  } else {
    decode_fractions(coding, codes.data(), out);
  }
  return out;
}

std::vector<float> normals(std::size_t length, std::mt19937_64& random) {
  std::normal_distribution<float> normal;
  std::vector<float> x(length);
  for (float& entry : x) entry = normal(random);
  return x;
}

// Code i of codes of `bits` bits from byte `first` on, bit by bit.
int code_at(const std::vector<std::uint8_t>& codes, std::size_t first, int bits, std::size_t i) {
  int code = 0;
  for (int j = 0; j < bits; ++j) {
    const std::size_t bit =
        8 * first + i * static_cast<std::size_t>(bits) + static_cast<std::size_t>(j);
    code |= (codes[bit / 8] >> bit % 8 & 1) << j;
  }
  return code;
}

TEST(IntCodes, AreValuesInTwosComplementOneAfterTheOther) {
  std::mt19937_64 random(21);
  for (int bits = 2; bits <= 8; ++bits)
    for (std::size_t length = 1; length < 40; ++length) {
      const int limit = (1 << (bits - 1)) - 1;
      std::vector<float> x(length);  // multiples of an eighth: nothing is lost
      for (float& entry : x)
        entry = 0.125f * static_cast<float>(static_cast<int>(random() % (2u * limit + 1)) - limit);
      x[length / 2] = -0.125f * static_cast<float>(limit);
      const Coded coded = encode({Format::kInt, bits}, x);
      EXPECT_EQ(coded.scale, 0.125);
      const std::vector<float> values = decode({Format::kInt, bits}, coded.codes, length);
      for (std::size_t i = 0; i < length; ++i) {
        ASSERT_EQ(values[i], 8 * x[i]);
        ASSERT_EQ(code_at(coded.codes, 0, bits, i), static_cast<int>(8 * x[i]) & ((1 << bits) - 1));
      }
      for (std::size_t bit = length * static_cast<std::size_t>(bits); bit < 8 * coded.codes.size();
           ++bit)
        ASSERT_EQ(coded.codes[bit / 8] >> bit % 8 & 1, 0) << "an unused bit is set";
    }
}

TEST(IntCodes, OfI8AreItsBytes) {
  const Coded coded = encode({Format::kI8, 0}, {127, -127, 0, 1, -1, 63.4f, -2.5f});
  EXPECT_EQ(coded.scale, 1);
  EXPECT_EQ(coded.codes, (std::vector<std::uint8_t>{127, 129, 0, 1, 255, 63, 254}));
}

TEST(IntCodes, RoundToTheNearestAndPutTheLargestAtTheLastLevel) {
  std::mt19937_64 random(22);
  for (int bits = 2; bits <= 8; ++bits)
    for (int trial = 0; trial < 50; ++trial) {
      const std::vector<float> x = normals(100, random);
      const Coded coded = encode({Format::kInt, bits}, x);
      const std::vector<float> values = decode({Format::kInt, bits}, coded.codes, x.size());
      const int limit = (1 << (bits - 1)) - 1;
      float largest = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        EXPECT_LE(std::abs(x[i] - coded.scale * values[i]), 0.5000001 * coded.scale);
        largest = std::max(largest, std::abs(values[i]));
      }
      EXPECT_EQ(largest, limit);
      EXPECT_DOUBLE_EQ(
          coded.scale * limit,
          std::abs(*std::ranges::max_element(x, {}, [](float entry) { return std::abs(entry); })));
    }
}

TEST(IntCodes, ReadTheSpareCodeAsOneMore) {
  for (int bits = 2; bits <= 8; ++bits) {
    const std::vector<std::uint8_t> codes = {static_cast<std::uint8_t>(1 << (bits - 1))};
    EXPECT_EQ(decode({Format::kInt, bits}, codes, 1)[0], 1 - (1 << (bits - 1)));
  }
}

// The arithmetic of Q4_0 for b bits, in the vector's own units.
std::vector<double> group_by_formula(const std::vector<float>& x, int bits) {
  const int half_range = 1 << (bits - 1);
  std::vector<double> out(x.size());
  for (std::size_t first = 0; first < x.size(); first += 32) {
    const std::size_t last = std::min(x.size(), first + 32);
    float extreme = 0;
    for (std::size_t i = first; i < last; ++i)
      if (std::abs(x[i]) > std::abs(extreme)) extreme = x[i];
    const double scale = from_half(to_half(extreme / static_cast<float>(-half_range)));
    for (std::size_t i = first; i < last && scale != 0; ++i) {
      const double code = std::floor(x[i] / scale + half_range + 0.5);
      out[i] = scale * (std::clamp(code, 0.0, 2.0 * half_range - 1) - half_range);
    }
  }
  return out;
}

TEST(GroupCodes, AreThoseOfQ4_0ForAnyBits) {
  std::mt19937_64 random(23);
  for (int bits = 2; bits <= 8; ++bits)
    for (const std::size_t length : {1, 5, 31, 32, 33, 64, 100, 1000}) {
      std::vector<float> x = normals(length, random);
      if (length == 100) std::fill(x.begin() + 32, x.begin() + 64, 0.0f);
      const Coded coded = encode({Format::kGroup, bits}, x);
      const std::vector<float> values = decode({Format::kGroup, bits}, coded.codes, length);
      const std::vector<double> expected = group_by_formula(x, bits);
      for (std::size_t i = 0; i < length; ++i)
        ASSERT_NEAR(coded.scale * values[i], expected[i], 1e-12) << bits << " bits, entry " << i;
    }
}

TEST(GroupCodes, HaveTheirScaleBeforeThem) {
  std::vector<float> x(40, 1.0f);
  x[3] = -8;
  x[39] = 4;
  const Coded coded = encode({Format::kGroup, 4}, x);
  ASSERT_EQ(coded.codes.size(), 18u + 2 + 4);
  const auto half_at = [&](std::size_t at) {
    return from_half(static_cast<std::uint16_t>(coded.codes[at] | coded.codes[at + 1] << 8));
  };
  EXPECT_EQ(half_at(0) * coded.scale, 1.0);    // -8 at value -8
  EXPECT_EQ(half_at(18) * coded.scale, -0.5);  // 4 at value -8
  EXPECT_EQ(code_at(coded.codes, 2, 4, 3), 0);
  EXPECT_EQ(code_at(coded.codes, 2, 4, 0), 9);
  EXPECT_EQ(code_at(coded.codes, 20, 4, 7), 0);
  EXPECT_EQ(code_at(coded.codes, 20, 4, 0), 6);
}

TEST(GroupCodes, StandVectorsOfAnySizeWithGroupsOfAnySize) {
  std::mt19937_64 random(24);
  for (const float size : {1e-37f, 1e-20f, 1.0f, 1e30f, 1e37f}) {
    std::vector<float> x = normals(96, random);
    for (std::size_t i = 0; i < 96; ++i) x[i] *= size * (i < 32 ? 1.0f : i < 64 ? 1e-3f : 1e-6f);
    const Coded coded = encode({Format::kGroup, 8}, x);
    const std::vector<float> values = decode({Format::kGroup, 8}, coded.codes, 96);
    for (std::size_t first = 0; first < 96; first += 32) {
      double error = 0, square = 0;
      for (std::size_t i = first; i < first + 32; ++i) {
        error += std::pow(x[i] - coded.scale * values[i], 2);
        square += std::pow(double{x[i]}, 2);
      }
      EXPECT_LT(error / square, 2e-4) << size << ", group at " << first;
    }
  }
}

TEST(LloydCodes, AreTheNearestLevelsOfTheVectorByItsRootMeanSquare) {
  std::mt19937_64 random(25);
  for (int bits = 2; bits <= 6; ++bits)
    for (const float size : {1e-30f, 3.0f, 1e30f}) {
      std::vector<float> x = normals(77, random);
      double squares = 0;
      for (float& entry : x) {
        entry *= size;
        squares += double{entry} * entry;
      }
      const double unit = std::sqrt(squares / 77);
      const Coded coded = encode({Format::kLloyd, bits}, x);
      const std::vector<float> values = decode({Format::kLloyd, bits}, coded.codes, 77);
      const auto levels = lloyd_levels(bits);
      for (std::size_t i = 0; i < 77; ++i) {
        const float nearest = *std::ranges::min_element(
            levels, {}, [&](float level) { return std::abs(x[i] / unit - level); });
        ASSERT_NEAR(coded.scale * values[i] / unit, nearest, 1e-6);
        ASSERT_EQ(levels[static_cast<std::size_t>(code_at(coded.codes, 0, bits, i))], nearest);
      }
    }
}

TEST(ScalarCodes, HaveTheErrorsOfTheNoteOnIndependentNormals) {
  // Of a product of two coded sides, relative; 4096 rows. Entries of both sides being independent,
  // E(x̂ŷ - xy)² = 2 e + e² + 4 k e + 2 k² with e = E(x̂ - x)² and k = E x (x̂ - x).
  // Of lloyd5 the note has one digit less than of its ratio to gamma, 2.58, which is taken.
  struct Row {
    Coding coding;
    double product_error;
  };
  const Row table[] = {
      {{Format::kInt, 3}, .289},     {{Format::kInt, 4}, .0502},    {{Format::kInt, 5}, .0109},
      {{Format::kGroup, 3}, .0603},  {{Format::kGroup, 4}, .01478}, {{Format::kGroup, 5}, .00365},
      {{Format::kLloyd, 2}, .224},   {{Format::kLloyd, 3}, .0681},  {{Format::kLloyd, 4}, .0191},
      {{Format::kLloyd, 5}, .00493}, {{Format::kLloyd, 6}, .00127},
  };
  std::mt19937_64 random(26);
  constexpr int kVectors = 100;
  for (const Row& row : table) {
    double e = 0, k = 0;
    for (int v = 0; v < kVectors; ++v) {
      const std::vector<float> x = normals(4096, random);
      const Coded coded = encode(row.coding, x);
      const std::vector<float> values = decode(row.coding, coded.codes, x.size());
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double apart = coded.scale * values[i] - x[i];
        e += apart * apart / 4096 / kVectors;
        k += apart * x[i] / 4096 / kVectors;
      }
    }
    const double error = 2 * e + e * e + 4 * k * e + 2 * k * k;
    EXPECT_NEAR(error / row.product_error, 1, 0.02) << to_text(row.coding);
  }
}

}  // namespace
}  // namespace prodigest::coding
