#include "coding/vector_code.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "coding/every_coding.hpp"

namespace prodigest::coding {
namespace {

constexpr float kMost = std::numeric_limits<float>::max();

std::size_t padded(std::size_t length) { return (length + 63) / 64 * 64; }

std::vector<float> normals(std::size_t length, std::uint64_t seed, float size = 1) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> x(length);
  for (float& entry : x) entry = size * normal(random);
  return x;
}

struct Coded {
  std::vector<std::uint8_t> codes;
  VectorScale scale;
  std::vector<float> decoded;  // scale included
};

Coded code(const Coding& coding, Gain gain, const std::vector<float>& x) {
  Coded out;
  const auto length = static_cast<Index>(x.size());
  out.codes.assign(static_cast<std::size_t>(code_bytes(coding, length)), 0x55);
  out.scale = encode_vector(coding, gain, x, out.codes);
  out.decoded.resize(x.size());
  decode_vector(coding, out.codes, out.scale.scale, out.decoded);
  return out;
}

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
  return sum;
}

double squared_distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(double{a[i]} - b[i], 2);
  return sum;
}

double relative_error(const std::vector<float>& x, const Coded& coded) {
  return std::sqrt(squared_distance(x, coded.decoded) / dot(x, x));
}

TEST(VectorCode, HasTheGainThatWasAskedFor) {
  for (const Coding& coding : every_coding())
    for (const std::size_t length : {3, 64, 700}) {
      const std::vector<float> x = normals(length, length);
      const Coded unbiased = code(coding, Gain::kUnbiased, x);
      EXPECT_NEAR(dot(x, unbiased.decoded) / dot(x, x), 1, 1e-6) << to_text(coding);
      const Coded mmse = code(coding, Gain::kMmse, x);
      EXPECT_NEAR(dot(x, mmse.decoded) / dot(mmse.decoded, mmse.decoded), 1, 1e-6);
      const Coded plain = code(coding, Gain::kPlain, x);
      EXPECT_LE(squared_distance(x, mmse.decoded),
                squared_distance(x, plain.decoded) * (1 + 1e-6) + 1e-12);
      EXPECT_EQ(unbiased.codes, mmse.codes);
      EXPECT_EQ(unbiased.codes, plain.codes);
    }
}

TEST(VectorCode, HasTheNoiseOfTheUnbiasedGainWhateverTheGain) {
  for (const Coding& coding : every_coding()) {
    const std::vector<float> x = normals(1000, 5, 1e-3f);
    const Coded unbiased = code(coding, Gain::kUnbiased, x);
    const double noise = squared_distance(x, unbiased.decoded) / dot(x, x);
    EXPECT_NEAR(unbiased.scale.noise / noise, 1, 1e-3) << to_text(coding);
    EXPECT_EQ(code(coding, Gain::kMmse, x).scale.noise, unbiased.scale.noise);
    EXPECT_EQ(code(coding, Gain::kPlain, x).scale.noise, unbiased.scale.noise);
  }
}

TEST(VectorCode, WithPlainGainIsAsTheFormatSays) {
  const std::vector<float> x = normals(512, 6, 10);
  double largest = 0;
  for (const float entry : x) largest = std::max(largest, std::abs(double{entry}));
  const double root_mean_square = std::sqrt(dot(x, x) / 512);
  const auto plain = [&](const char* name) {
    return code(parse_coding(name), Gain::kPlain, x).scale.scale;
  };
  EXPECT_FLOAT_EQ(plain("I8"), static_cast<float>(largest / 127));
  EXPECT_FLOAT_EQ(plain("int4"), static_cast<float>(largest / 7));
  EXPECT_FLOAT_EQ(plain("lloyd4"), static_cast<float>(root_mean_square / 16));
  EXPECT_FLOAT_EQ(plain("F4"), static_cast<float>(root_mean_square / 32));
  EXPECT_FLOAT_EQ(plain("F2"), static_cast<float>(root_mean_square / 4));
  int exponent;
  EXPECT_EQ(std::frexp(plain("group4"), &exponent), 0.5);  // a power of two
}

TEST(VectorCode, OfMultiplesOfDecodedValuesHasNoNoise) {
  for (const Coding& coding : every_coding()) {
    if (is_lattice(coding.format) || coding.format == Format::kLloyd) continue;
    const int limit = coding.format == Format::kI8 ? 127 : (1 << (coding.bits - 1)) - 1;
    for (const float size : {1.0f, 0.1f, 1e30f}) {
      std::vector<float> x(301);
      for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = size * static_cast<float>(static_cast<int>(i) % (limit + 1) * (i % 2 ? 1 : -1));
      const int most = coding.format == Format::kGroup ? -limit - 1 : limit;
      for (std::size_t i = 0; i < x.size(); i += 32) x[i] = size * static_cast<float>(most);
      // Multiples of 0.1f are rounded to floats: some 1e-15 of noise that is nobody's.
      EXPECT_EQ(code(coding, Gain::kUnbiased, x).scale.noise, 0) << to_text(coding) << ' ' << size;
      if (size == 1) {
        EXPECT_EQ(code(coding, Gain::kUnbiased, x).decoded, x) << to_text(coding);
      }
    }
  }
}

TEST(VectorCode, OfZerosHasScaleZero) {
  for (const Coding& coding : every_coding())
    for (const std::size_t length : {0, 1, 8, 33, 600}) {
      const Coded coded = code(coding, Gain::kUnbiased, std::vector<float>(length));
      EXPECT_EQ(coded.scale.scale, 0);
      EXPECT_EQ(coded.scale.noise, 0);
      for (const float entry : coded.decoded) EXPECT_EQ(entry, 0);
      for (const std::uint8_t byte : coded.codes) EXPECT_EQ(byte, 0);
    }
}

TEST(VectorCode, OfOneEntryIsExactWithoutBias) {
  for (const Coding& coding : every_coding())
    for (const float entry : {1.0f, -3.7f, 1e-30f, -0x1p126f}) {
      const Coded coded = code(coding, Gain::kUnbiased, {entry});
      EXPECT_NEAR(coded.decoded[0] / entry, 1, 3e-7) << to_text(coding);
      EXPECT_EQ(coded.scale.noise, 0);
    }
}

TEST(VectorCode, StandsTheLargestAndTheSmallestFloats) {
  const float least = std::numeric_limits<float>::denorm_min();
  for (const Coding& coding : every_coding())
    for (const Gain gain : {Gain::kUnbiased, Gain::kMmse, Gain::kPlain}) {
      const Coded huge = code(coding, gain, normals(100, 7, 0x1p125f));
      EXPECT_TRUE(std::isfinite(huge.scale.scale) && std::isfinite(huge.scale.noise));
      const Coded usual = code(coding, gain, normals(100, 7));
      EXPECT_TRUE(huge.codes == usual.codes) << to_text(coding);

      const Coded flat = code(coding, gain, std::vector<float>(9, -kMost));
      EXPECT_TRUE(std::isfinite(flat.scale.scale) && flat.scale.scale > 0) << to_text(coding);

      // The scale is a float itself: no more than its own rounding is lost.
      const std::vector<float> small = normals(100, 8, 1000 * least);
      const Coded tiny = code(coding, gain, small);
      EXPECT_TRUE(std::isfinite(tiny.scale.scale) && std::isfinite(tiny.scale.noise));
      EXPECT_LT(relative_error(small, tiny),
                relative_error(normals(100, 8), code(coding, gain, normals(100, 8))) + 0.05)
          << to_text(coding);
    }
}

TEST(VectorCode, GivesTheValuesThatItsCodesDecodeTo) {
  for (const Coding& coding : every_coding()) {
    if (!decodes_to_int8(coding)) continue;
    for (const std::size_t length : {1, 9, 64, 65, 1000}) {
      constexpr std::size_t kCount = 3;
      const auto bytes = static_cast<std::size_t>(code_bytes(coding, static_cast<Index>(length)));
      const std::size_t stride = bytes + 3, values_stride = padded(length) + 64;
      std::vector<std::uint8_t> codes(kCount * stride);
      std::vector<std::int8_t> expected(kCount * values_stride, 99), values = expected;
      for (std::size_t v = 0; v < kCount; ++v) {
        const std::vector<float> x = normals(length, 100 + v);
        const auto own_codes = std::span(codes).subspan(v * stride, bytes);
        const VectorScale scale =
            encode_vector(coding, Gain::kPlain, x, own_codes,
                          std::span(expected).subspan(v * values_stride, padded(length)));
        std::vector<float> decoded(length);
        decode_vector(coding, own_codes, scale.scale, decoded);
        for (std::size_t i = 0; i < length; ++i)
          ASSERT_EQ(decoded[i], scale.scale * expected[v * values_stride + i]);
      }
      decode_values(coding,
                    {codes.data(), static_cast<Index>(stride), kCount, static_cast<Index>(length)},
                    values.data(), static_cast<Index>(values_stride));
      EXPECT_EQ(values, expected) << to_text(coding) << ' ' << length;
      for (std::size_t i = length; i < padded(length); ++i) EXPECT_EQ(values[i], 0);
    }
  }
}

// Of the formats with a zero: those without give each small entry a value that is large beside it.
TEST(VectorCode, DoesNotCutOffWhatStandsOut) {
  for (const Coding coding : {Coding{Format::kF4}, Coding{Format::kF4pair}, Coding{Format::kF3}}) {
    std::vector<float> x(4096, 0.001f);
    x[1000] = -3;  // 64 root mean squares
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(code_bytes(coding, 4096)));
    std::vector<std::int8_t> values(4096);
    const VectorScale scale = encode_vector(coding, Gain::kUnbiased, x, codes, values);
    EXPECT_LT(scale.noise, 0.01) << to_text(coding);
    EXPECT_NEAR(scale.scale * values[1000], -3, 0.1) << to_text(coding);
  }
}

}  // namespace
}  // namespace prodigest::coding
