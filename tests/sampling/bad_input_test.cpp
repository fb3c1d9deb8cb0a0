// Input that a sampler cannot use, and what it says.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "prodigest/sampling/sample_rows.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "expect_error.hpp"
#include "reference/matrices.hpp"
#include "sampling/method_name.hpp"

namespace prodigest::sampling {
namespace {

class BadInput : public testing::TestWithParam<Method> {
 protected:
  SampleSpec spec(std::string_view options = "") const {
    SampleSpec spec = parse_sample_spec(
        "priority:size=5" + std::string(options.empty() ? "" : ",") + std::string(options));
    spec.method = GetParam();
    return spec;
  }
  template <class Call>
  void expect_refused(const std::string& words, const Call& call) const {
    expect_refusal(ErrorCode::kInvalidArgument, words, call);
  }
  Normals normals_{101};
  Matrix<double> a_ = normal_matrix(normals_, 30, 4);
};
INSTANTIATE_TEST_SUITE_P(Samplers, BadInput, kAllMethods, method_test_name);

TEST_P(BadInput, SizesThatKeepNothing) {
  SampleSpec none = spec();
  for (const Index size : {Index{0}, Index{-1}, std::numeric_limits<Index>::min()}) {
    none.size = size;
    expect_refused("spec: size must be at least", [&] { RowSampler(none, 3); });
  }
  none.size = 1;
  if (GetParam() == Method::kPriority)
    expect_refused(
        "size must be at least 2, got 1 (with one row of each matrix the error has no bound)",
        [&] { RowSampler(none, 3); });
  else
    EXPECT_EQ(RowSampler(none, 3).finish().size(), 0);
}

TEST_P(BadInput, SamplersOfTheOtherMethod) {
  if (GetParam() == Method::kPriority)
    expect_refused("threshold sampler: expected a threshold spec, got priority:size=5",
                   [&] { ThresholdSampler(spec(), 3); });
  else
    expect_refused("priority sampler: expected a priority spec, got threshold:size=5",
                   [&] { PrioritySampler(spec(), 3); });
}

TEST_P(BadInput, NumbersOfColumns) {
  for (const Index cols : {Index{0}, Index{-1}, Index{1} << 31})
    expect_refused("sampler: expected 1 to 2^31 - 1 columns, got " + std::to_string(cols),
                   [&] { RowSampler(spec(), cols); });
  RowSampler sampler(spec(), 3);
  expect_refused("sampler: expected rows of 3 columns, got 4",
                 [&] { sampler.update(a_.view(), 0); });
  expect_refused("sampler: expected 3 column names, got 2", [&] {
    RowSampler(spec(), 3, {.columns = {"x", "y"}});
  });
}

TEST_P(BadInput, NumbersOfRowIds) {
  RowSampler sampler(spec(), 4);
  for (const Index count : {0, 29, 31})
    expect_refused("sampler: expected a row id for each of 30 rows, got " + std::to_string(count),
                   [&] { sampler.update(a_.view(), numbers(count)); });
  for (const char* options : {"", "weight=leverage", "mixture=0.5"})
    expect_refused("sample_rows: expected a row id for each of 30 rows or none, got 29",
                   [&] { sample_rows(a_.view(), spec(options), numbers(29)); });
}

TEST_P(BadInput, EntriesThatAreNoNumbers) {
  for (const char* options :
       {"", "weight=norm", "weight=uniform,totals=norm", "weight=uniform", "mixture=0.5",
        "weight=leverage", "weight=ridge_leverage,ridge=1", "totals=none"})
    for (const double bad : {double(NAN), double(INFINITY), -double(INFINITY)}) {
      SCOPED_TRACE(options);
      Matrix<double> a = a_;
      a(17, 2) = bad;
      const std::string words = "entries must be finite, got " +
                                std::string(std::isnan(bad) ? "nan"
                                            : bad > 0       ? "inf"
                                                            : "-inf") +
                                " in row 1017, column 2 (drop the row or put a number)";
      const auto ids = numbers(30, 1000);
      const CsrMatrix<double> csr = csr_of(a);
      const Matrix<float> floats = converted<float>(a);
      expect_refused(words, [&] { sample_rows(a.view(), spec(options), ids); });
      expect_refused(words, [&] { sample_rows(csr.view(), spec(options), ids); });
      expect_refused(words, [&] { sample_rows(floats.view(), spec(options), ids); });
    }
}

TEST_P(BadInput, RowsWhoseSquaredNormLeavesTheRange) {
  for (const char* options : {"", "weight=norm", "weight=uniform", "mixture=0.5", "totals=none"})
    for (const double entry : {1e-160, 0x1p-512, 1e160, 0x1p481, 1e308}) {
      Matrix<double> a(10, 2);
      a(3, 1) = entry;
      expect_refused("the squared norm of a row must lie between 2^-1022 and 2^960, got ",
                     [&] { sample_rows(a.view(), spec(options)); });
      expect_refused(
          "in row 3 (multiply both matrices by a power of two; the product scales with it)",
          [&] { sample_rows(a.view(), spec(options)); });
    }
  for (const double entry : {0x1p-511, 0x1p480}) {  // the ends of the range
    Matrix<double> a(10, 2);
    a(3, 1) = entry;
    const RowSample sample = sample_rows(a.view(), spec());
    ASSERT_EQ(sample.size(), 1);
    EXPECT_EQ(sample.weights()[0], entry * entry);
  }
}

TEST_P(BadInput, UserWeightsOutOfRange) {
  for (const double bad : {-1.0, -0x1p-1074, double(NAN), double(INFINITY), -double(INFINITY), 0.0,
                           0x1p-1074, 0x1p961}) {
    RowSampler sampler(spec("weight=user"), 4);
    std::vector<double> weights(30, 1);
    weights[11] = bad;
    expect_refused(
        "the weight of a row must lie between 2^-1022 and 2^960, or be 0 for a zero row, got ",
        [&] { sampler.update(a_.view(), numbers(30, 500), weights); });
    expect_refused("for row 511", [&] { sampler.update(a_.view(), numbers(30, 500), weights); });
  }
}

TEST_P(BadInput, NegativeLeveragesEvenIfAMixtureWouldMakeThemPositive) {
  RowSampler sampler(spec("weight=leverage,mixture=0.5,mean=1"), 4);
  std::vector<double> weights(30, 0.1);
  weights[11] = -0.1;
  expect_refused("got -0.1 for row 11", [&] { sampler.update(a_.view(), numbers(30), weights); });
}

TEST_P(BadInput, AMeanThatMakesWeightsOverflow) {
  Matrix<double> a(10, 2);
  a(3, 1) = 0x1p400;
  expect_refused("the weight of a row must lie between",
                 [&] { sample_rows(a.view(), spec("mixture=0.5,mean=1e-200")); });
}

TEST_P(BadInput, WeightsThatAreMissingOrNotAskedFor) {
  RowSampler user(spec("weight=user"), 4), leverage(spec("weight=leverage"), 4), norm(spec(), 4);
  expect_refused("needs a weight for each of 30 rows, got 0 (pass them to update",
                 [&] { user.update(a_.view(), 0); });
  expect_refused("needs a weight for each of 30 rows, got 0",
                 [&] { leverage.update(a_.view(), numbers(30)); });
  expect_refused("needs a weight for each of 30 rows, got 29",
                 [&] { user.update(a_.view(), numbers(30), std::vector<double>(29, 1)); });
  expect_refused("weights were given, but",
                 [&] { norm.update(a_.view(), numbers(30), std::vector<double>(30, 1)); });
  expect_refused("sample_rows: weight=user needs weights",
                 [&] { sample_rows(a_.view(), spec("weight=user")); });
  expect_refused("mixture needs the mean weight of all rows before the first",
                 [&] { RowSampler(spec("mixture=0.5"), 4); });
}

TEST_P(BadInput, OneRowIdTwiceWhereBothAreKept) {
  SampleSpec all = spec();
  all.size = 1000;
  std::vector<RowId> ids = numbers(30);
  ids[29] = 4;
  expect_refused(
      "sampler: row ids must be unique, got two rows with id 4 (one key names one row: combine the "
      "rows of a key first)",
      [&] {
        RowSampler sampler(all, 4);
        sampler.update(a_.view(), ids);
        std::move(sampler).finish();
      });
}

TEST_P(BadInput, AnotherValueTypeThanBefore) {
  const Matrix<float> floats = converted<float>(a_);
  SampleSpec all = spec();
  all.size = 1000;
  RowSampler of_doubles(all, 4), of_floats(all, 4);
  of_doubles.update(a_.view(), 0);
  of_floats.update(floats.view(), 0);
  expect_refused("expected double values as in the blocks before, got float (convert one of them)",
                 [&] { of_doubles.update(floats.view(), 100); });
  expect_refused("expected float values as in the blocks before, got double",
                 [&] { of_floats.update(a_.view(), 100); });
}

// RowSample's own constructor stands between any other maker of samples and a wrong digest.
TEST(RowSampleParts, ThatContradictEachOtherAreRefused) {
  Normals normals(102);
  const Matrix<double> a = normal_matrix(normals, 30, 4);
  const SampleParts good =
      sample_rows(a.view(), parse_sample_spec("priority:size=5,totals=full")).parts();
  const auto refused = [&](const std::string& words, const auto& change) {
    SampleParts parts = good;
    change(parts);
    expect_refusal(ErrorCode::kInvalidArgument, words, [&] { RowSample{parts}; });
  };
  EXPECT_EQ(RowSample{good}.size(), 5);
  refused("there must be a column", [](auto& p) { p.cols = 0; });
  refused("weights must be as many as row ids", [](auto& p) { p.weights.pop_back(); });
  refused("row ids must ascend", [](auto& p) { std::swap(p.row_ids[0], p.row_ids[1]); });
  refused("tau must be positive", [](auto& p) { p.tau = NAN; });
  refused("tau must be positive", [](auto& p) { p.tau = 0; });
  refused("the rank of a kept row must be below tau", [](auto& p) { p.tau *= 1e-3; });
  refused("a priority sample holds at most its size", [](auto& p) { p.spec.size = 4; });
  refused("rows seen must be at least the rows kept", [](auto& p) { p.totals.rows = 4; });
  refused("non-zero rows must be at most the rows seen",
          [](auto& p) { p.totals.nonzero_rows = 31; });
  refused("column sums must be as many as columns",
          [](auto& p) { p.totals.column_sums.pop_back(); });
  refused("weights must be positive and finite", [](auto& p) { p.weights[2] = INFINITY; });
  refused("values must be finite", [](auto& p) { std::get<1>(p.rows).storage[3] = NAN; });
  refused("rows must be as many as row ids", [](auto& p) { p.rows = Matrix<double>(4, 4); });
  refused("rows must be as many as row ids", [](auto& p) { p.rows = Matrix<float>(5, 3); });
  refused("column names must be as many as columns", [](auto& p) { p.schema.columns = {"x"}; });
  const auto refused_csr = [&](const std::string& words, const auto& change) {
    refused(words, [&](SampleParts& p) {
      CsrMatrix<double> csr = csr_of(std::get<Matrix<double>>(p.rows));
      change(csr);
      p.rows = csr;
    });
  };
  refused_csr("columns of a row must ascend", [](auto& csr) { csr.columns[0] = 3; });
  refused_csr("columns of a row must ascend", [](auto& csr) { csr.columns[0] = -1; });
  refused_csr("columns of a row must ascend", [](auto& csr) { csr.columns[3] = 4; });
  refused_csr("row starts must ascend", [](auto& csr) { csr.row_start[1] = 100; });
  refused_csr("row starts must ascend", [](auto& csr) { csr.row_start[0] = 1; });
  refused_csr("row starts must ascend", [](auto& csr) { csr.values.pop_back(); });
  refused_csr("rows must be as many", [](auto& csr) { csr.row_start.pop_back(); });
  refused_csr("sparse values must be finite and not zero", [](auto& csr) { csr.values[2] = 0; });
}

}  // namespace
}  // namespace prodigest::sampling
