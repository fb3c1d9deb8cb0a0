#include "coding/coded_product.hpp"

#include <gtest/gtest.h>

#include <random>
#include <stop_token>
#include <vector>

#include "coding/every_coding.hpp"
#include "coding/vector_code.hpp"
#include "expect_error.hpp"

// clang-format off
#include "coding/simd_bytes.hpp"  // before simd_targets.hpp
#include "simd_targets.hpp"
// clang-format on

namespace prodigest::coding {
namespace {

// Random codes with random scales, and what they decode to.
class Sample {
 public:
  Sample(const Coding& coding, Index count, Index length, std::mt19937& random)
      : coding_(coding),
        count_(count),
        length_(length),
        stride_(code_bytes(coding, length) + 3),
        values_stride_((length + 63) / 64 * 64),
        codes_(static_cast<std::size_t>(count * stride_)),
        scale_(static_cast<std::size_t>(count)),
        values_(static_cast<std::size_t>(count * values_stride_)) {
    for (auto& byte : codes_) byte = static_cast<std::uint8_t>(random());
    for (auto& scale : scale_) scale = std::uniform_real_distribution<float>(-2, 2)(random);
    decode_values(coding, vectors(), values_.data(), values_stride_);
  }
  CodedVectors vectors() const { return {codes_.data(), stride_, count_, length_}; }
  ScaledCodes codes() const { return {coding_, vectors(), scale_.data()}; }
  std::span<const std::int8_t> values(Index v) const {
    return std::span(values_).subspan(static_cast<std::size_t>(v * values_stride_),
                                      static_cast<std::size_t>(values_stride_));
  }
  double scale(Index v) const { return scale_[static_cast<std::size_t>(v)]; }

 private:
  Coding coding_;
  Index count_, length_, stride_, values_stride_;
  std::vector<std::uint8_t> codes_;
  std::vector<float> scale_;
  std::vector<std::int8_t> values_;
};

std::int64_t product(std::span<const std::int8_t> a, std::span<const std::int8_t> b) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::int64_t{a[i]} * b[i];
  return sum;
}

Matrix<double> expected_product(const Sample& a, Index rows, const Sample& b, Index cols) {
  Matrix<double> out(rows, cols);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < cols; ++j)
      out(i, j) = a.scale(i) * b.scale(j) * static_cast<double>(product(a.values(i), b.values(j)));
  return out;
}

std::vector<Coding> int8_codings() {
  auto codings = every_coding();
  std::erase_if(codings, [](const Coding& coding) { return !decodes_to_int8(coding); });
  return codings;
}

TEST(CodedProduct, IsThatOfTheDecodedVectorsInEveryFormat) {
  std::mt19937 random(1);
  const Sample b(Coding{Format::kF4pair, 0}, 5, 4200, random);
  for (const Coding& coding : int8_codings()) {
    SCOPED_TRACE(to_text(coding));
    const Sample a(coding, 7, 4200, random);
    for_each_instruction_set([&] {
      Matrix<double> out(7, 5);
      multiply_coded(a.codes(), b.codes(), out.view(), {});
      EXPECT_EQ(out.storage, expected_product(a, 7, b, 5).storage);
    });
  }
}

TEST(CodedProduct, FillsAnyNumberOfTilesWithAnyNumberOfThreads) {
  std::mt19937 random(2);
  for (const auto& [rows, cols, length] : {std::tuple<Index, Index, Index>{0, 3, 100},
                                           {3, 0, 100},
                                           {2, 3, 0},
                                           {1, 1, 1},
                                           {33, 257, 130},
                                           {600, 70, 64},
                                           {65, 300, 2049},
                                           {3, 2, 140000}}) {
    SCOPED_TRACE(testing::Message() << rows << " by " << cols << " of " << length);
    const Sample a(Coding{Format::kF4, 0}, rows, length, random);
    const Sample b(Coding{Format::kI8, 0}, cols, length, random);
    const Matrix<double> expected = expected_product(a, rows, b, cols);
    for (const int threads : {1, 3}) {
      // In a wider matrix, of which the rest stays as it is.
      Matrix<double> out(rows, cols + 2);
      std::ranges::fill(out.storage, 77.0);
      multiply_coded(a.codes(), b.codes(), {out.storage.data(), rows, cols, cols + 2},
                     Context{.threads = threads});
      for (Index i = 0; i < rows; ++i)
        for (Index j = 0; j < cols + 2; ++j)
          ASSERT_EQ(out(i, j), j < cols ? expected(i, j) : 77.0) << i << ", " << j;
    }
  }
}

// 700: tiles of four threads are then twice as wide as high, and some lie on both sides of the
// diagonal.
TEST(CodedProduct, WithItselfIsSymmetricToTheBit) {
  std::mt19937 random(3);
  const Sample a(Coding{Format::kF3, 0}, 700, 200, random);
  const Matrix<double> expected = expected_product(a, 700, a, 700);
  for (const int threads : {1, 4}) {
    Matrix<double> out(700, 700);
    multiply_coded(a.codes(), a.codes(), out.view(), Context{.threads = threads});
    EXPECT_EQ(out.storage, expected.storage);
  }
}

TEST(CodedProduct, WithAVectorAtHandIsTheSameRounded) {
  std::mt19937 random(4);
  for (const Coding& coding : int8_codings())
    for (const auto& [count, length] : {std::pair<Index, Index>{0, 10},
                                        {3, 0},
                                        {1, 1},
                                        {301, 64},
                                        {50, 128},
                                        {9, 1000},
                                        {7, 4096},
                                        {5, 4097},
                                        {2, 140000}}) {
      SCOPED_TRACE(testing::Message() << to_text(coding) << ", " << count << " of " << length);
      const Sample a(coding, count, length, random);
      const Sample y(Coding{Format::kI8, 0}, 1, length, random);
      std::vector<float> expected;
      for (Index v = 0; v < count; ++v)
        expected.push_back(static_cast<float>(
            double{0.3f} * a.scale(v) * static_cast<double>(product(a.values(v), y.values(0)))));
      for (const int threads : {1, 3}) {
        std::vector<float> out(static_cast<std::size_t>(count), 77.0f);
        multiply_coded(a.codes(), y.values(0), 0.3f, out, Context{.threads = threads});
        EXPECT_EQ(out, expected);
      }
    }
}

TEST(CodedProduct, SquaredLengthsAreExact) {
  std::mt19937 random(5);
  for (const Coding& coding : int8_codings())
    for (const Index length : {0, 1, 100, 512, 5000}) {
      const Sample a(coding, 6, length, random);
      std::vector<std::int64_t> out(6, 77);
      squared_lengths(coding, a.vectors(), out, {});
      for (Index v = 0; v < 6; ++v)
        EXPECT_EQ(out[static_cast<std::size_t>(v)], product(a.values(v), a.values(v)));
    }
}

TEST(CodedProduct, CanBeCancelled) {
  std::mt19937 random(6);
  const Sample a(Coding{Format::kF4, 0}, 3, 64, random);
  std::stop_source stop;
  stop.request_stop();
  const Context context{.cancel = stop.get_token()};
  Matrix<double> out(3, 3);
  std::vector<float> vector(3);
  expect_refusal(ErrorCode::kCancelled, "cancelled",
                 [&] { multiply_coded(a.codes(), a.codes(), out.view(), context); });
  expect_refusal(ErrorCode::kCancelled, "cancelled",
                 [&] { multiply_coded(a.codes(), a.values(0), 1, vector, context); });
}

}  // namespace
}  // namespace prodigest::coding
