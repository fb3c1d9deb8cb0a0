// How large errors are, and whether what is said of them is so.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "lattice/codes.hpp"
#include "lattice/inputs.hpp"
#include "prodigest/coding/rate_distortion.hpp"
#include "prodigest/lattice/product.hpp"

namespace prodigest::lattice {
namespace {

double mean_noise(const LatticeCodes& codes) {
  const std::vector<float>& noise = codes.parts().noise;
  return std::accumulate(noise.begin(), noise.end(), 0.0) / static_cast<double>(noise.size());
}

struct Figures {
  const char* format;
  double scaled_error;  // (1 - cos²) 4^R of normal columns, R the format's bits
};

class Distortion : public testing::TestWithParam<Figures> {};
INSTANTIATE_TEST_SUITE_P(Formats, Distortion,
                         testing::Values(Figures{"F4", 1.5575}, Figures{"F4pair", 1.5055},
                                         Figures{"F3", 1.534}, Figures{"F4fast", 1.87},
                                         Figures{"F2", 1.627}, Figures{"lloyd4", 2.443}),
                         [](const auto& figures) { return std::string(figures.param.format); });

// Of independent normal entries: what the error of a column makes of a product, and the limit that
// no code of this rate can pass.
TEST_P(Distortion, OfNormalEntriesIsThatOfTheFormat) {
  const double rate = coding::bits_per_entry(coding::parse_coding(GetParam().format));
  double unbiased = 0, mmse = 0, one_sided = 0;
  for (const std::uint64_t seed : {1, 2, 3}) {
    const InputPair pair = normal_pair(4096, 128, seed);
    const auto both = [&](const std::string& options) {
      return std::pair(codes_of(pair.a.view(), options), codes_of(pair.b.view(), options));
    };
    const std::string options = std::string("format=") + GetParam().format;
    const auto [a, b] = both(options);
    const double noise = mean_noise(a), error = noise / (1 + noise);
    EXPECT_NEAR(error * std::pow(4, rate) / GetParam().scaled_error, 1, 0.02);
    EXPECT_LT(a.bits_per_entry(), rate + 0.03);

    const auto of = [&](const ProductEstimate& w) { return distortion(w, pair); };
    unbiased += of(estimate_product(a, b)) / 3;
    one_sided += of(estimate_product(a, pair.b.view())) / 3;
    const auto [mmse_a, mmse_b] = both(options + ",gain=mmse");
    mmse += of(estimate_product(mmse_a, mmse_b)) / 3;
  }
  const double error = GetParam().scaled_error / std::pow(4, rate), noise = error / (1 - error);
  EXPECT_NEAR(unbiased / (2 * noise + noise * noise), 1, 0.02);
  EXPECT_NEAR(mmse / (2 * error - error * error), 1, 0.02);
  EXPECT_NEAR(one_sided / noise, 1, 0.03);  // up to 2 % more by rounding B to int8
  EXPECT_GT(unbiased, coding::gamma(rate));
  EXPECT_GT(mmse, coding::gamma(rate));
}

// A part of the coordinates, at the format's rate.
TEST(Distortion, AtLowRatesIsThatOfTheCoordinatesKept) {
  const InputPair pair = normal_pair(4096, 128, 4);
  const double error = 1.627 / 16, whole = 2 * error - error * error;
  for (const Index size : {1024, 2048, 2900}) {
    SCOPED_TRACE(size);
    const std::string options = "format=F2,size=" + std::to_string(size);
    const double kept = static_cast<double>(size) / 4096;
    const LatticeCodes a = codes_of(pair.a.view(), options), b = codes_of(pair.b.view(), options);
    ASSERT_EQ(a.spec().gain, coding::Gain::kMmse);
    const ProductOptions with_deviations{.standard_deviations = true};
    const ProductEstimate w = estimate_product(a, b, with_deviations);
    const double got = distortion(w, pair);
    EXPECT_NEAR(got / (1 - kept * (1 - whole)), 1, 0.02);
    EXPECT_GT(got, coding::gamma(2 * kept));
    EXPECT_NEAR(distortion(estimate_product(a, pair.b.view()), pair) / (1 - kept * (1 - error)), 1,
                0.02);
    const double true_error = std::sqrt(squared_distance(w.value, pair.truth));
    EXPECT_NEAR(w.frobenius_error.estimated / true_error, 1, 0.06);

    // Without the shrinking: no bias, and a larger error.
    const std::string unbiased = options + ",gain=unbiased";
    const ProductEstimate u = estimate_product(codes_of(pair.a.view(), unbiased),
                                               codes_of(pair.b.view(), unbiased), with_deviations);
    const double noise = error / (1 - error);
    EXPECT_NEAR(distortion(u, pair) / ((2 * noise + noise * noise) / kept + 1 / kept - 1), 1, 0.03);
    const Deviations z = deviations(u, pair.truth);
    EXPECT_NEAR(z.root_mean_square, 1, 0.05);
    EXPECT_LT(z.beyond_three, 0.005);
  }
}

// How far standard deviations may be off, by the root mean square of errors in their units.
struct Tolerance {
  double least = 0.95, most = 1.05, beyond_three = 0.005;
};

void expect_calibrated(const ProductEstimate& w, const Matrix<double>& truth,
                       const Tolerance& tolerance, bool diagonal = true) {
  const Deviations z = deviations(w, truth, diagonal);
  EXPECT_GT(z.root_mean_square, tolerance.least);
  EXPECT_LT(z.root_mean_square, tolerance.most);
  EXPECT_LT(z.beyond_three, tolerance.beyond_three);
  if (!diagonal) return;
  const double error = std::sqrt(squared_distance(w.value, truth));
  // Errors of entries that share few directions rise and fall together.
  EXPECT_GT(w.frobenius_error.estimated / error, 1 / (tolerance.most + 0.05));
  EXPECT_LT(w.frobenius_error.estimated / error, 1 / (tolerance.least - 0.05));
  EXPECT_LT(error, w.frobenius_error.bound);
  EXPECT_LE(w.frobenius_error.bound, w.frobenius_error.apriori);
}

class StandardDeviations : public testing::TestWithParam<const char*> {
 protected:
  ProductOptions options_{.standard_deviations = true};
  std::string spec_ = GetParam();
  bool shrunk_ = spec_.find("gain") != std::string::npos;
  bool few_bits_ = spec_ == "format=F2" || spec_ == "format=lloyd3";

  Tolerance tolerance_for(const InputPair& pair) const {
    Tolerance tolerance;
    // What a shrunk product lost is overstated where columns are of all sorts.
    if (shrunk_) tolerance.least = 0.65;
    if (few_bits_) tolerance = {0.9, 1.1, 0.008};
    // Two rounds make of columns with one entry permutations of one column: the errors of both
    // sides are the same then, but for the other entries' noise where bits are many.
    if (few_bits_ && pair.name == "one-hot") tolerance = {0.9, 1.45, 0.04};
    return tolerance;
  }
};
INSTANTIATE_TEST_SUITE_P(Formats, StandardDeviations,
                         testing::Values("format=F4", "format=F2", "format=F4pair,gain=mmse",
                                         "format=F4,gain=plain", "format=lloyd3"));

TEST_P(StandardDeviations, AreRightForHardInputs) {
  for (const InputPair& pair : hard_pairs()) {
    SCOPED_TRACE(pair.name);
    const LatticeCodes a = codes_of(pair.a.view(), spec_), b = codes_of(pair.b.view(), spec_);
    const Tolerance tolerance = tolerance_for(pair);
    expect_calibrated(estimate_product(a, b, options_), pair.truth, tolerance);
    expect_calibrated(estimate_product(a, pair.b.view(), options_), pair.truth, tolerance);
    Tolerance of_pairs = tolerance;  // each of which stands in a Gram matrix twice
    of_pairs.beyond_three *= 1.6;
    expect_calibrated(gram(a, options_), exact_product(pair.a, pair.a), of_pairs, false);
  }
}

TEST_P(StandardDeviations, AreRightWhereOneSideKeepsItsMeans) {
  for (const double mean : {0.1, 3.0}) {
    SCOPED_TRACE(mean);
    InputPair normal = normal_pair(4096, 64, 12);
    for (double& x : normal.a.storage) x += mean;
    for (double& x : normal.b.storage) x += mean;
    const InputPair pair("", normal.a, normal.b), turned("", normal.b, normal.a);
    const LatticeCodes a = codes_of(pair.a.view(), spec_),
                       b = codes_of(pair.b.view(), spec_ + ",centre=no");
    Tolerance tolerance = tolerance_for(pair);
    if (shrunk_) tolerance.least = 0.45;  // what comes from exact means is taken for shrunk too
    expect_calibrated(estimate_product(a, b, options_), pair.truth, tolerance);
    expect_calibrated(estimate_product(b, a, options_), turned.truth, tolerance);
  }
}

// Columns that are nearly equal are rounded alike.
TEST_P(StandardDeviations, KnowThatNearlyEqualColumnsErrAlike) {
  constexpr Index kRows = 4096, kCols = 40;
  Normals normals(17);
  const Matrix<double> x = normal_matrix(normals, kRows, kCols),
                       z = normal_matrix(normals, kRows, kCols);
  const LatticeCodes a = codes_of(x.view(), spec_);
  for (const double cosine : {0.9, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9999, 1.0, -0.999}) {
    SCOPED_TRACE(cosine);
    Matrix<double> y = x;
    for (std::size_t i = 0; i < y.storage.size(); ++i)
      y.storage[i] = cosine * x.storage[i] + std::sqrt(1 - cosine * cosine) * z.storage[i];
    const ProductEstimate w = estimate_product(a, codes_of(y.view(), spec_), options_);
    const Matrix<double> truth = exact_product(x, y);
    double squares = 0;
    for (Index j = 0; j < kCols; ++j) {
      const double off = (w.value(j, j) - truth(j, j)) / w.standard_deviation(j, j);
      squares += off * off / kCols;
    }
    EXPECT_GT(std::sqrt(squares), shrunk_ ? 0.4 : 0.6);  // shrinking makes up for the bias
    EXPECT_LT(std::sqrt(squares), 1.3);
  }
}

// Correlated columns: the gain decides, and an unbiased one wins by far.
TEST(Gains, ThatAreUnbiasedAreTheBestForCorrelatedColumns) {
  for (const InputPair& pair : hard_pairs()) {
    const auto distortion_of = [&](const char* options) {
      const LatticeCodes a = codes_of(pair.a.view(), options), b = codes_of(pair.b.view(), options);
      return distortion(estimate_product(a, b), pair);
    };
    const double unbiased = distortion_of("format=F4"), mmse = distortion_of("format=F4,gain=mmse");
    const bool correlated = pair.name == "shared factor" || pair.name == "falling spectrum";
    EXPECT_LT(unbiased, 0.0093) << pair.name;
    EXPECT_LT(unbiased, (correlated ? 0.1 : 1.03) * mmse) << pair.name;
  }
}

// Without a rotation the errors of the codes are as they are; on ordinary data they are like noise.
TEST(Unrotated, ErrorsAreLikeNoiseOnNormalDataAndNeverBeyondTheBound) {
  for (const char* options : {"format=int4", "format=group4", "format=F4,rotation=none"}) {
    SCOPED_TRACE(options);
    for (const InputPair& pair : hard_pairs()) {
      const LatticeCodes a = codes_of(pair.a.view(), options), b = codes_of(pair.b.view(), options);
      for (const ProductEstimate& w :
           {estimate_product(a, b), estimate_product(a, pair.b.view())}) {
        EXPECT_LE(std::sqrt(squared_distance(w.value, pair.truth)), w.frobenius_error.bound)
            << pair.name;
        EXPECT_EQ(w.frobenius_error.bound, w.frobenius_error.apriori);
      }
    }
    const InputPair pair = normal_pair(4096, 64, 5);
    const LatticeCodes a = codes_of(pair.a.view(), options), b = codes_of(pair.b.view(), options);
    const Deviations z =
        deviations(estimate_product(a, b, {.standard_deviations = true}), pair.truth);
    EXPECT_NEAR(z.root_mean_square, 1, 0.05);
  }
}

}  // namespace
}  // namespace prodigest::lattice
