#include "prodigest/coding/normal_noise.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "coding/block_format.hpp"
#include "coding/every_coding.hpp"
#include "coding/vector_code.hpp"
#include "expect_error.hpp"
#include "reference/matrices.hpp"

namespace prodigest::coding {
namespace {

// ||x̂ - x||² / ||x||² over vectors of normals, as the encoder finds it.
double measured(const Coding& coding, Index length, int vectors) {
  Normals normals(3);
  std::vector<float> x(static_cast<std::size_t>(length));
  std::vector<std::uint8_t> codes(static_cast<std::size_t>(code_bytes(coding, length)));
  double sum = 0;
  for (int v = 0; v < vectors; ++v) {
    for (float& entry : x) entry = static_cast<float>(normals());
    sum += encode_vector(coding, Gain::kUnbiased, x, codes).noise;
  }
  return sum / vectors;
}

TEST(NormalNoise, IsThatOfLongVectors) {
  for (const Coding& coding : every_coding()) {
    // Where all depends on the largest entries, vectors differ more.
    const bool lattice = is_lattice(coding.format);
    EXPECT_NEAR(measured(coding, 2048, lattice ? 100 : 400) / normal_noise(coding, 2048), 1,
                lattice ? 0.012 : 0.025)
        << to_text(coding);
  }
}

TEST(NormalNoise, OfScalarFormatsDependsOnTheLength) {
  for (const char* const text : {"int4", "int6", "I8", "group3", "group5"}) {
    const Coding coding = parse_coding(text);
    for (const Index length : {32, 320, 8000})
      EXPECT_NEAR(measured(coding, length, length == 32 ? 6000 : 300) / normal_noise(coding, length),
                  1, 0.04)
          << text << " " << length;
  }
  EXPECT_GT(normal_noise(parse_coding("int4"), 8000), 1.4 * normal_noise(parse_coding("int4"), 320));
}

TEST(NormalNoise, OfShortLatticeVectorsIsAtMostThatOfLongOnes) {
  for (const char* const text : {"F4", "F4pair", "F3", "F2"}) {
    const Coding coding = parse_coding(text);
    const double ratio = measured(coding, 64, 2000) / normal_noise(coding, 64);
    EXPECT_LT(ratio, 1) << text;
    EXPECT_GT(ratio, 0.92) << text;
  }
}

TEST(NormalNoise, OfLloydFollowsFromTheErrorsThatMaxFound) {
  const std::pair<int, double> errors[] = {{2, 0.1175}, {3, 0.03454}, {4, 0.009497}, {5, 0.002499}};
  for (const auto& [bits, error] : errors)
    EXPECT_NEAR(normal_noise({Format::kLloyd, bits}, 100) / (error / (1 - error)), 1, 3e-3) << bits;
}

TEST(NormalNoise, OfOneEntryThatScalesItselfIsNone) {
  for (const char* const text : {"int2", "int8", "I8", "group4"})
    EXPECT_NEAR(normal_noise(parse_coding(text), 1), 0, 1e-9) << text;
}

TEST(NormalNoise, RefusesNoEntries) {
  expect_refusal(ErrorCode::kInvalidArgument, "length must be at least 1, got 0",
                 [] { normal_noise({Format::kF4, 0}, 0); });
}

}  // namespace
}  // namespace prodigest::coding
