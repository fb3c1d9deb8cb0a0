#include "coding/vector_sums.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "simd_targets.hpp"

namespace prodigest::coding {
namespace {

// The documented order, word for word.
template <class T>
VectorSums reference(const std::vector<float>& x, const std::vector<T>& v) {
  std::array<double, 8> product = {}, squares = {};
  for (std::size_t i = 0; i < x.size(); ++i) {
    product[i % 8] += double{x[i]} * static_cast<double>(v[i]);
    squares[i % 8] += static_cast<double>(v[i]) * static_cast<double>(v[i]);
  }
  const auto sum = [](const std::array<double, 8>& l) {
    return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]));
  };
  return {sum(product), sum(squares)};
}

TEST(VectorSums, AreTheSameBitsForEveryInstructionSet) {
  std::mt19937_64 random(31);
  std::normal_distribution<float> normal;
  for (std::size_t length = 0; length < 70; ++length) {
    std::vector<float> x(length), floats(length);
    std::vector<std::int8_t> integers(length);
    for (std::size_t i = 0; i < length; ++i) {
      x[i] = normal(random);
      floats[i] = std::exp(10 * normal(random));
      integers[i] = static_cast<std::int8_t>(random());
    }
    const VectorSums of_floats = reference(x, floats), of_integers = reference(x, integers);
    for_each_instruction_set([&] {
      EXPECT_EQ(vector_sums(x, floats).product, of_floats.product);
      EXPECT_EQ(vector_sums(x, floats).squares, of_floats.squares);
      EXPECT_EQ(vector_sums(x, integers).product, of_integers.product);
      EXPECT_EQ(vector_sums(x, integers).squares, of_integers.squares);
    });
  }
}

TEST(VectorSums, DoNotOverflowWhereFloatsWould) {
  const std::vector<float> x(1000, 0x1p127f);
  EXPECT_EQ(vector_sums(x, x).squares, 1000 * 0x1p254);
  EXPECT_EQ(vector_sums(x, x).product, 1000 * 0x1p254);
}

}  // namespace
}  // namespace prodigest::coding
