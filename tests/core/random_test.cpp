#include "prodigest/core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <span>
#include <vector>

#include "simd_targets.hpp"

namespace prodigest {
namespace {

using Words = std::array<std::uint32_t, 4>;

Words philox(const Words& counter, std::array<std::uint32_t, 2> key) {
  const auto pair = [](std::uint64_t low, std::uint64_t high) { return low | high << 32; };
  return random_block(Seed{pair(key[0], key[1])}, static_cast<Domain>(counter[3]),
                      pair(counter[0], counter[1]), counter[2]);
}

// Philox4x32-10 in Random123's file of known answers.
TEST(Random, BlockGivesTheKnownAnswersOfRandom123) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// The numbers come from a Philox written in plain Python from the paper.
TEST(Random, UniformGivesTheGoldenNumbers) {
  struct Golden {
    std::uint64_t seed;
    RowId row;
    double value;
  };
  for (const auto& [seed, row, value] :
       std::vector<Golden>{{0, 0, 0x1.348e23f2dce78p-4},
                           {1, 0, 0x1.e047488127be8p-4},
                           {0, 1, 0x1.44311527a54d6p-2},
                           {42, 1234567, 0x1.8649e48e88deap-2},
                           {42, RowId(-5), 0x1.6ca9c709b6af9p-1},
                           {~0ull, 1ull << 63, 0x1.0f69d1c7320d9p-1},
                           {0x0123456789abcdef, 0xfedcba9876543210, 0x1.826b381dae9dfp-1}})
    EXPECT_EQ(uniform(Seed{seed}, Domain::kRowSelection, row), value) << seed << " " << row;
}

// Odd multiples of 2^-53 from 2^-53 to 1 - 2^-53: neither 0 nor 1 is among them, and no rounding
// can lead there.
TEST(Random, UniformIsAnOddMultipleOf2ToTheMinus53BelowOne) {
  for (RowId row = 0; row < 10000; ++row) {
    const Words words = random_block(Seed{7}, Domain::kRowSelection, row, 0);
    const std::uint64_t bits = words[0] | (std::uint64_t{words[1]} << 32);
    const double units = std::ldexp(uniform(Seed{7}, Domain::kRowSelection, row), 53);
    ASSERT_EQ(units, std::trunc(units));
    ASSERT_EQ(static_cast<std::uint64_t>(units), (bits >> 12) * 2 + 1);
  }
}

TEST(Random, VectorisedUniformsEqualScalarOnesForEveryLengthAndInstructionSet) {
  constexpr double kUntouched = -1;
  std::mt19937_64 ids(5);
  std::vector<RowId> rows{0, 1, ~RowId{0}, RowId{1} << 32, 0xffffffff, RowId{1} << 63};
  while (rows.size() < 71) rows.push_back(ids());
  for_each_instruction_set([&] {
    for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1} << 32, ~std::uint64_t{0}})
      for (std::size_t count = 0; count <= 70; ++count)
        for (const std::size_t first : {0, 1}) {  // the second one is not aligned
          std::vector<double> out(count + 1, kUntouched);
          uniforms(Seed{seed}, Domain::kRowSelection, std::span(rows).subspan(first, count),
                   std::span(out).first(count));
          for (std::size_t i = 0; i < count; ++i)
            ASSERT_EQ(out[i], uniform(Seed{seed}, Domain::kRowSelection, rows[first + i]))
                << "length " << count << ", element " << i;
          ASSERT_EQ(out[count], kUntouched);
        }
  });
}

TEST(Random, VectorisedUniformsKnowTheDomain) {
  const std::vector<RowId> rows(9, 12345);
  std::vector<double> out(9);
  for_each_instruction_set([&] {
    for (const std::uint32_t number : {0u, 2u, ~0u}) {
      const auto domain = static_cast<Domain>(number);
      uniforms(Seed{3}, domain, rows, out);
      EXPECT_EQ(out, std::vector<double>(9, uniform(Seed{3}, domain, 12345))) << number;
    }
  });
}

}  // namespace
}  // namespace prodigest
