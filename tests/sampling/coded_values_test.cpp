// Samples whose values are coded: what is exact, what is not, and how many bytes it takes.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "expect_error.hpp"
#include "prodigest/coding/format.hpp"
#include "prodigest/sampling/merge.hpp"
#include "prodigest/sampling/sample_file.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "reference/matrices.hpp"
#include "reference/monte_carlo.hpp"

namespace prodigest::sampling {
namespace {

const char* const kCodings[] = {"F4", "F4pair", "F4fast", "F3", "F2", "I8", "int4"};

SampleSpec coded(const std::string& spec, const std::string& coding = "F4") {
  return parse_sample_spec(spec + ",values=lattice:" + coding);
}

template <Real T>
RowSample sample(const Matrix<T>& a, const SampleSpec& spec) {
  return sample_rows(a.view(), spec);
}

// Every row of the matrix, each with weight 1.
SampleSpec all_rows(const std::string& coding = "F4", std::uint64_t seed = 0) {
  SampleSpec spec = coded("priority:size=1000000,weight=uniform", coding);
  spec.seed.value = seed;
  return spec;
}

double dot(std::span<const double> x, std::span<const double> y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

TEST(CodedSample, IsSmallAtEqualRows) {
  Normals normals(101);
  const std::pair<Index, double> least_ratios[] = {{64, 4.9}, {128, 5.9}, {512, 7}};
  for (const auto& [cols, least] : least_ratios) {
    const Matrix<float> a = converted<float>(normal_matrix(normals, 2100, cols));
    const auto plain = to_bytes(sample(a, parse_sample_spec("priority:size=2000"))).size();
    const auto bytes = to_bytes(sample(a, coded("priority:size=2000"))).size();
    EXPECT_GT(static_cast<double>(plain) / static_cast<double>(bytes), least);
    // codes, row id, squared norm and noise, and at most 2 kB around them
    const Index codes = coding::code_bytes({coding::Format::kF4, 0}, cols);
    EXPECT_LT(bytes, static_cast<std::size_t>(2000 * (codes + 8 + 8 + 2) + 2048));
  }
}

TEST(CodedSample, HoldsTheSameRowsWeightsAndTotalsAsOneThatIsNot) {
  Normals normals(102);
  Matrix<double> a = heavy_matrix(normals, 300, 9);
  std::ranges::fill(a.view().row(7), 0);
  for (const char* text :
       {"priority:size=20,totals=full", "threshold:size=20,weight=norm",
        "threshold:size=20,tau=plain", "priority:size=20,weight=uniform",
        "priority:size=20,weight=leverage", "priority:size=20,mixture=0.5,totals=gram"}) {
    SCOPED_TRACE(text);
    const RowSample plain = sample(a, parse_sample_spec(text)), got = sample(a, coded(text));
    EXPECT_TRUE(std::ranges::equal(got.row_ids(), plain.row_ids()));
    EXPECT_TRUE(std::ranges::equal(got.weights(), plain.weights()));
    EXPECT_EQ(got.squared_norms(), plain.squared_norms());
    EXPECT_EQ(got.tau(), plain.tau());
    EXPECT_EQ(got.squared_norm(), plain.squared_norm());
    EXPECT_EQ(got.totals().nonzero_rows, plain.totals().nonzero_rows);
    EXPECT_EQ(got.totals().gram, plain.totals().gram);
    EXPECT_EQ(got.single_precision(), plain.single_precision());
    EXPECT_FALSE(dense_of(got.values()) == dense_of(plain.values()));
  }
}

// <x, x̂> = ||x||² for every row, to the precision of a half; the rest of x̂ is the noise.
TEST(CodedSample, DecodesEachRowToItselfAndAnErrorAcrossIt) {
  Normals normals(103);
  for (const Index cols : {2, 3, 7, 8, 9, 40, 64, 65, 128, 512, 1000}) {
    const Matrix<double> a = normal_matrix(normals, 40, cols);
    for (const char* coding : kCodings) {
      const RowSample got = sample(a, all_rows(coding));
      const Matrix<double> decoded = dense_of(got.values());
      const CodedRows& coded = *got.parts().coded;
      for (Index i = 0; i < a.rows; ++i) {
        const auto x = a.view().row(i), y = std::as_const(decoded).view().row(i);
        const double norm = dot(x, x), noise = dot(y, y) / norm - 1;
        EXPECT_NEAR(dot(x, y) / norm, 1, 2e-6 + 1e-3 * coded.noises[static_cast<std::size_t>(i)]);
        // what lies in the padding is not decoded
        const double most = coded.noises[static_cast<std::size_t>(i)] * 1.001 + 1e-6;
        EXPECT_LT(noise, most) << coding << ' ' << cols;
        if (cols % 8 == 0) {
          EXPECT_GT(noise, most * 0.99 - 3e-6) << coding << ' ' << cols;
        }
      }
    }
  }
}

TEST(CodedSample, HasTheNoiseOfItsFormatWhateverTheShapeOfItsRows) {
  // of 10,000 normal blocks, and more than 1.5 % below it for the codes of one block of 8
  const std::pair<const char*, double> noises[] = {
      {"F4", 4.28e-3}, {"F4pair", 4.52e-3}, {"F4fast", 5.2e-3}, {"F3", 1.71e-2}, {"F2", 0.1123}};
  constexpr Index kSize = 512;
  Matrix<double> a(4 * 200, kSize);
  Normals normals(104);
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < kSize; ++j) {
      const double place = static_cast<double>(j + 1);
      const double shapes[] = {normals(), 1 / place, std::pow(0.9, place), place};
      a(i, j) = shapes[i % 4];
    }
  for (const auto& [coding, expected] : noises) {
    const RowSample got = sample(a, all_rows(coding));
    MeanOfTrials shapes[4];
    for (std::size_t i = 0; i < 800; ++i) shapes[i % 4].add(got.parts().coded->noises[i]);
    for (const MeanOfTrials& noise : shapes)
      EXPECT_NEAR(noise.mean() / expected, 1, 0.025) << coding;
  }
}

TEST(CodedSample, KeepsTheZerosOfSparseRows) {
  Normals normals(105);
  const Matrix<double> a = sparse_matrix(normals, 200, 300, 0.02);
  const RowSample got = sample(a, all_rows());
  const Matrix<double> decoded = dense_of(got.values());
  for (std::size_t i = 0; i < a.storage.size(); ++i)
    EXPECT_EQ(decoded.storage[i] == 0, a.storage[i] == 0);
  // a row that is nearly full is coded as full
  Matrix<double> full = normal_matrix(normals, 1, 100);
  full(0, 3) = 0;
  EXPECT_NE(dense_of(sample(full, all_rows()).values())(0, 3), 0);
}

TEST(CodedSample, KeepsRowsOfOneEntryAndOfNoneExactly) {
  Normals normals(106);
  Matrix<double> a(50, 70);
  for (Index i = 0; i < 49; ++i)
    a(i, (7 * i) % 70) = normals() * std::pow(10, normals.uniform() * 40 - 20);
  for (const char* coding : kCodings) {
    const RowSample doubles = sample(a, all_rows(coding));
    const Matrix<float> singles = converted<float>(a);
    EXPECT_EQ(dense_of(sample(singles, all_rows(coding)).values()),
              converted<double>(dense_of(singles.view())));
    const Matrix<double> decoded = dense_of(doubles.values());
    for (std::size_t i = 0; i < a.storage.size(); ++i)
      EXPECT_NEAR(decoded.storage[i], a.storage[i], 4e-16 * std::abs(a.storage[i]));
    EXPECT_EQ(doubles.parts().coded->sizes.back(), 0);
  }
  const Matrix<double> column = normal_matrix(normals, 20, 1);
  const Matrix<double> decoded = dense_of(sample(column, all_rows()).values());
  for (Index i = 0; i < 20; ++i)
    EXPECT_NEAR(decoded(i, 0), column(i, 0), 4e-16 * std::abs(column(i, 0)));
}

TEST(CodedSample, OfRowsLargeAndSmallErrsAlike) {
  Normals normals(107);
  const Matrix<double> a = normal_matrix(normals, 100, 24);
  const auto relative_error = [&](const RowsView& rows) {
    const RowSample got = sample_rows(rows, all_rows());
    const Matrix<double> x = dense_of(rows), y = dense_of(got.values());
    double sum = 0;
    for (Index i = 0; i < x.rows; ++i) {
      const double largest = std::ranges::max(x.view().row(i));
      double error = 0, square = 0;
      for (Index j = 0; j < x.cols; ++j) {
        error += std::pow((x(i, j) - y(i, j)) / largest, 2);
        square += std::pow(x(i, j) / largest, 2);
      }
      sum += error / square;
    }
    return sum / static_cast<double>(x.rows);
  };
  const double expected = relative_error(a.view());
  EXPECT_NEAR(expected, 4e-3, 4e-4);
  for (const double scale : {0x1p-508, 0x1p-100, 0x1p100, 0x1p470}) {
    Matrix<double> scaled = a;
    for (double& x : scaled.storage) x *= scale;
    EXPECT_NEAR(relative_error(scaled.view()), expected, 4e-4) << scale;
  }
  for (const float scale : {0x1p-120f, 0x1p120f}) {
    Matrix<float> scaled = converted<float>(a);
    for (float& x : scaled.storage) x *= scale;
    EXPECT_NEAR(relative_error(scaled.view()), expected, 4e-4) << scale;
  }
}

TEST(CodedSample, OfFloatsThatDecodeBeyondFloatsIsRefused) {
  Matrix<float> a(300, 8);
  std::ranges::fill(a.storage, std::numeric_limits<float>::max());
  expect_refusal(ErrorCode::kInvalidArgument,
                 "beyond the largest float (scale the matrix, or give doubles)",
                 [&] { sample(a, all_rows()); });
  Matrix<double> doubles(300, 8);
  std::ranges::fill(doubles.storage, std::numeric_limits<float>::max());
  EXPECT_EQ(sample(doubles, all_rows()).size(), 300);
  Matrix<float> denormal(1, 8);
  std::ranges::fill(denormal.storage, 1e-45f);
  EXPECT_EQ(sample(denormal, all_rows()).size(), 1);
}

TEST(CodedSample, IsNotMergedWithOneThatIsCodedOtherwise) {
  const Matrix<double> a(3, 2);
  const auto part = [&](const SampleSpec& spec, RowId first) {
    RowSampler sampler(spec, 2);
    sampler.update(a.view(), first);
    return std::move(sampler).finish();
  };
  const char* const kSpec = "priority:size=10,weight=uniform";
  for (const SampleSpec& other : {parse_sample_spec(kSpec), coded(kSpec, "F3")})
    expect_refusal(ErrorCode::kIncompatible, "merge: methods must be equal",
                   [&] { merge(part(coded(kSpec), 0), part(other, 100)); });
  EXPECT_EQ(merge(part(coded(kSpec), 0), part(coded(kSpec), 100)).size(), 6);
}

TEST(CodedSample, OfContradictoryPartsIsRefused) {
  Normals normals(108);
  const RowSample good = sample(sparse_matrix(normals, 5, 100, 0.1), all_rows());
  const auto expect_refused = [&](const char* words, const auto& change) {
    SampleParts parts = good.parts();
    change(parts);
    expect_refusal(ErrorCode::kInvalidArgument, words, [&] { RowSample{std::move(parts)}; });
  };
  expect_refused("rows are coded exactly if the spec has values",
                 [](SampleParts& p) { p.coded.reset(); });
  expect_refused("rows are coded exactly if the spec has values",
                 [](SampleParts& p) { p.spec.values.reset(); });
  expect_refused("coded rows must be as many as row ids",
                 [](SampleParts& p) { p.coded->noises.pop_back(); });
  expect_refused("noises of coded rows must be half-precision numbers",
                 [](SampleParts& p) { p.coded->noises[1] = 0.1f; });
  expect_refused("columns and codes must be as many",
                 [](SampleParts& p) { p.coded->codes.pop_back(); });
  expect_refused("columns and codes must be as many",
                 [](SampleParts& p) { p.coded->columns.push_back(99); });
  expect_refused("sizes of coded rows must be in [0, cols]",
                 [](SampleParts& p) { p.coded->sizes[0] = 101; });
}

}  // namespace
}  // namespace prodigest::sampling
