// Means over seeds against the truth and the exact variance. Seeds are fixed, so each of these
// passes always or never; the standard errors say how far off a wrong formula would have to be.

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "prodigest/linear/product.hpp"
#include "prodigest/linear/sketch_rows.hpp"
#include "reference/families.hpp"
#include "reference/matrices.hpp"
#include "reference/monte_carlo.hpp"

namespace prodigest::linear {
namespace {

constexpr Index kRows = 128;

struct OperatorCase {
  const char* name;
  const char* spec;
  double factor;  // c
  bool diagonal;  // whether a row does not disturb itself: the term -2 D
};

const OperatorCase kOperators[] = {
    {"Gaussian", "gaussian:size=20", 1.0 / 20, false},
    {"Sign", "sign:size=20", 1.0 / 20, true},
    {"CountSketch", "countsketch:size=20", 1.0 / 20, true},
    {"SmallCountSketch", "countsketch:size=3", 1.0 / 3, true},
    {"Osnap", "osnap:size=20,nonzeros=4", 1.0 / 20, true},
    {"RaggedOsnap", "osnap:size=19,nonzeros=4", (3.0 / 5 + 1.0 / 4) / 16, true},
    {"Srht", "srht:size=20,length=128", 108.0 / (20 * 127), true},
    {"LongSrht", "srht:size=20,length=4096", 4076.0 / (20 * 4095), true},
    {"OneRow", "sign:size=1", 1, true},
};

class ProductStatistics : public testing::TestWithParam<std::tuple<OperatorCase, int>> {
 protected:
  OperatorCase op_ = std::get<0>(GetParam());
  Family family_ = norm_family(std::get<1>(GetParam()), kRows);
  Matrix<double> truth_ = exact_product(family_.a, family_.b);

  double norms() const { return squared_norm(family_.a) * squared_norm(family_.b); }
  double mean_squared_error() const {
    const std::vector<double> a = squared_row_norms(family_.a), b = squared_row_norms(family_.b);
    double diagonal = 0;
    for (std::size_t i = 0; i < a.size(); ++i) diagonal += a[i] * b[i];
    return op_.factor * (norms() + squared_norm(truth_) - (op_.diagonal ? 2 * diagonal : 0));
  }
  ProductEstimate estimate(std::uint64_t seed, RowUpdates rows,
                           const ProductOptions& options = {}) const {
    LinearSpec spec = parse_linear_spec(op_.spec);
    spec.seed.value = seed;
    spec.rows = rows;
    const Context one{.threads = 1};
    return estimate_product(sketch_rows(family_.a.view(), spec, {}, {}, one),
                            sketch_rows(family_.b.view(), spec, {}, {}, one), options, one);
  }
  // Some operators cannot know D, and say the error that it would be without.
  bool knows_diagonal() const {
    return std::string(op_.name) != "SmallCountSketch" && std::string(op_.name) != "OneRow";
  }
};

std::string case_name(const testing::TestParamInfo<std::tuple<OperatorCase, int>>& info) {
  return std::string(std::get<0>(info.param).name) + norm_family(std::get<1>(info.param), 8).name;
}
INSTANTIATE_TEST_SUITE_P(All, ProductStatistics,
                         testing::Combine(testing::ValuesIn(kOperators),
                                          testing::Values(0, 1, 2, 3, kSpikeFamily)),
                         case_name);

TEST_P(ProductStatistics, AreThoseOfTheTheory) {
  constexpr std::uint64_t kTrials = 3000;
  std::vector<MeanOfTrials> entries(truth_.storage.size());
  MeanOfTrials error, estimated, from_parts;  // of squares
  int covered = 0, covered_from_parts = 0;
  for (std::uint64_t seed = 0; seed < kTrials; ++seed) {
    const ProductEstimate w = estimate(seed, RowUpdates::kWhole);
    const ProductEstimate parts = estimate(seed, RowUpdates::kParts);
    EXPECT_EQ(w.value, parts.value);
    const double squared_error = squared_distance(w.value, truth_);
    error.add(squared_error);
    for (std::size_t e = 0; e < entries.size(); ++e) entries[e].add(w.value.storage[e]);
    estimated.add(w.frobenius_error.estimated * w.frobenius_error.estimated);
    from_parts.add(parts.frobenius_error.estimated * parts.frobenius_error.estimated);
    covered += squared_error <= w.frobenius_error.bound * w.frobenius_error.bound;
    covered_from_parts +=
        squared_error <= parts.frobenius_error.bound * parts.frobenius_error.bound;
    EXPECT_LE(w.frobenius_error.bound, w.frobenius_error.apriori);
    EXPECT_NEAR(w.frobenius_error.apriori, std::sqrt(2 * op_.factor * norms() / 0.05),
                1e-9 * w.frobenius_error.apriori);
  }
  for (std::size_t e = 0; e < entries.size(); ++e)
    EXPECT_LT(entries[e].errors_from(truth_.storage[e]), 5);
  EXPECT_LT(error.errors_from(mean_squared_error()), 5);
  if (knows_diagonal()) {
    // That of CountSketch is held above 0, and what its parts are without ||A|| depends on them.
    if (std::string(op_.name) != "CountSketch") {
      EXPECT_LT(estimated.errors_from(mean_squared_error()), 5);
    }
    EXPECT_NEAR(estimated.mean() / mean_squared_error(), 1, 0.02);
    EXPECT_NEAR(from_parts.mean() / mean_squared_error(), 1, 0.02);
  } else {
    EXPECT_GT(estimated.mean(), 0.97 * mean_squared_error());
  }
  EXPECT_GE(covered, 0.95 * kTrials);
  EXPECT_GE(covered_from_parts, 0.95 * kTrials);
}

// The same, entry by entry.
TEST_P(ProductStatistics, OfEntriesAreThoseOfTheirDeviations) {
  constexpr std::uint64_t kTrials = 1500;
  const std::size_t count = truth_.storage.size();
  std::vector<MeanOfTrials> squared_errors(count), variances(count);
  for (std::uint64_t seed = 0; seed < kTrials; ++seed) {
    const ProductEstimate w = estimate(seed, RowUpdates::kWhole, {.standard_deviations = true});
    for (std::size_t e = 0; e < count; ++e) {
      const double off = w.value.storage[e] - truth_.storage[e],
                   deviation = w.standard_deviation.storage[e];
      ASSERT_GE(deviation, 0);
      squared_errors[e].add(off * off);
      variances[e].add(deviation * deviation);
    }
  }
  if (!knows_diagonal()) return;
  for (std::size_t e = 0; e < count; ++e) {
    EXPECT_LT(std::abs(squared_errors[e].mean() - variances[e].mean()),
              5 * std::hypot(squared_errors[e].standard_error(), variances[e].standard_error()))
        << "entry " << e;
  }
}

}  // namespace
}  // namespace prodigest::linear
