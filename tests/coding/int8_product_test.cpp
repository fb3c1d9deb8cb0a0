#include "coding/int8_product.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

// clang-format off
#include "coding/simd_bytes.hpp"  // before simd_targets.hpp
#include "simd_targets.hpp"
// clang-format on

namespace prodigest::coding {
namespace {

constexpr std::int32_t kUntouched = 77;

// `count` vectors with `gap` bytes between them that no product may read as values.
struct Vectors {
  std::vector<std::int8_t> values;
  Index stride, count, length;

  Vectors(Index count_, Index length_, Index gap)
      : values(static_cast<std::size_t>(count_ * (length_ + gap))),
        stride(length_ + gap),
        count(count_),
        length(length_) {
    std::ranges::fill(values, std::int8_t{99});
  }
  std::int8_t* row(Index v) { return values.data() + v * stride; }
  operator Int8Vectors() const { return {values.data(), stride, count}; }
};

Vectors random_vectors(Index count, Index length, Index gap, std::mt19937& random) {
  Vectors vectors(count, length, gap);
  for (Index v = 0; v < count; ++v)
    for (Index i = 0; i < length; ++i)
      vectors.row(v)[i] = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
  return vectors;
}

std::int64_t product(const std::int8_t* a, const std::int8_t* b, Index length) {
  std::int64_t sum = 0;
  for (Index i = 0; i < length; ++i) sum += std::int64_t{a[i]} * b[i];
  return sum;
}

void expect_exact(Vectors& a, Vectors& b) {
  SCOPED_TRACE(testing::Message() << a.count << " by " << b.count << " of " << a.length);
  const Index out_stride = b.count + 3;
  std::vector<std::int32_t> expected(static_cast<std::size_t>(a.count * out_stride), kUntouched);
  std::vector<std::int32_t> expected_first(static_cast<std::size_t>(a.count));
  for (Index i = 0; i < a.count; ++i) {
    for (Index j = 0; j < b.count; ++j)
      expected[static_cast<std::size_t>(i * out_stride + j)] =
          static_cast<std::int32_t>(product(a.row(i), b.row(j), a.length));
    expected_first[static_cast<std::size_t>(i)] =
        expected[static_cast<std::size_t>(i * out_stride)];
  }
  for_each_instruction_set([&] {
    std::vector<std::int32_t> got(expected.size(), kUntouched);
    multiply_int8(a, b, a.length, got.data(), out_stride);
    ASSERT_EQ(got, expected);
    std::vector<std::int32_t> first(expected_first.size());
    multiply_int8(a, b.row(0), a.length, first.data());
    ASSERT_EQ(first, expected_first);
  });
}

TEST(Int8Product, IsExactForAnyNumberOfVectorsOfAnyLength) {
  std::mt19937 random(1);
  for (const Index length : {64, 128, 192, 512, 1088})
    for (const Index rows : {1, 2, 3, 4, 5, 9})
      for (const Index cols : {1, 3, 4, 6}) {
        Vectors a = random_vectors(rows, length, 64, random);
        Vectors b = random_vectors(cols, length, 128, random);
        expect_exact(a, b);
      }
}

TEST(Int8Product, DoesNotOverflowAtTheLongestLength) {
  static_assert(127 * 127 * kMostInt8Length <= 2147483647 && kMostInt8Length % 64 == 0);
  static_assert(127 * 127 * (kMostInt8Length + 64) > 2147483647);
  for (const int a_value : {127, -127})
    for (const int b_value : {127, -127}) {
      Vectors a(5, kMostInt8Length, 0), b(5, kMostInt8Length, 0);
      std::ranges::fill(a.values, static_cast<std::int8_t>(a_value));
      std::ranges::fill(b.values, static_cast<std::int8_t>(b_value));
      expect_exact(a, b);
    }
}

TEST(Int8Product, OfNothingIsNothing) {
  for_each_instruction_set([] {
    std::int32_t out[2] = {1, 1};
    const std::int8_t value[64] = {1};
    multiply_int8({value, 64, 0}, {value, 64, 1}, 64, out, 1);
    multiply_int8({value, 64, 1}, {value, 64, 0}, 64, out, 1);
    multiply_int8({value, 64, 0}, value, 64, out);
    EXPECT_EQ(out[0], 1);
    multiply_int8({value, 64, 1}, {value, 64, 1}, 0, out, 1);
    multiply_int8({value, 64, 1}, value, 0, out + 1);
    EXPECT_EQ(out[0], 0);
    EXPECT_EQ(out[1], 0);
  });
}

}  // namespace
}  // namespace prodigest::coding
