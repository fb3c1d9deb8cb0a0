// Input that a sketcher cannot use, and what it says.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "expect_error.hpp"
#include "linear/all_specs.hpp"
#include "prodigest/linear/sketch_file.hpp"
#include "prodigest/linear/sketch_rows.hpp"
#include "prodigest/linear/sketcher.hpp"
#include "reference/matrices.hpp"

namespace prodigest::linear {
namespace {

void expect_refused(const std::string& words, const auto& call) {
  expect_refusal(ErrorCode::kInvalidArgument, words, call);
}

TEST(BadSketcher, HasNoSizeColumnsNamesOrLength) {
  expect_refused("spec: size must be", [] { LinearSketcher(LinearSpec{}, 3); });
  const LinearSpec spec = parse_linear_spec("sign:size=3");
  for (const Index cols : {Index{0}, Index{-1}, Index{1} << 31})
    expect_refused("linear sketcher: expected 1 to 2^31 - 1 columns, got " + std::to_string(cols),
                   [&] { LinearSketcher(spec, cols); });
  expect_refused("linear sketcher: expected 2 column names, got 1",
                 [&] { LinearSketcher(spec, 2, {.columns = {"a"}}); });
  expect_refused("names must not hold a zero byte",
                 [&] { LinearSketcher(spec, 1, {.columns = {std::string("a\0b", 3)}}).finish(); });
  expect_refused("linear sketcher: srht needs the number of rows before the first (give length=",
                 [] { LinearSketcher(parse_linear_spec("srht:size=3"), 1); });
  expect_refused("size times columns must be at most 2^44", [] {
    LinearSketcher(parse_linear_spec("sign:size=2147483647"),
                   std::numeric_limits<std::int32_t>::max());
  });
}

// Each operator, with blocks so large that the sums are copied first, and so small that they are
// not.
class BadRows : public testing::TestWithParam<std::tuple<const char*, Index>> {
 protected:
  static constexpr Index kCols = 5;

  void SetUp() override {
    if (spec_.length > 0) rows_ = std::min(rows_, spec_.length - 4);
    a_ = normal_matrix(normals_, rows_, kCols);
    sketcher_.update(start_.view(), RowId{0});
  }
  // Refused, and the sketcher is as it was.
  void expect_refused_block(const std::string& words, const RowsView& block, RowId first_row = 4) {
    expect_refused(words, [&] { sketcher_.update(block, first_row, {.threads = 1}); });
    expect_unchanged();
  }
  void expect_unchanged() {
    sketcher_.update(start_.view(), RowId{0});
    expected_.update(start_.view(), RowId{0});
    expected_.update(start_.view(), RowId{0});
    EXPECT_EQ(to_bytes(std::move(sketcher_).finish()), to_bytes(std::move(expected_).finish()));
    sketcher_ = LinearSketcher(spec_, kCols);
    expected_ = LinearSketcher(spec_, kCols);
    sketcher_.update(start_.view(), RowId{0});
  }

  LinearSpec spec_ = with_parts(std::get<0>(GetParam()));
  Index rows_ = std::get<1>(GetParam());
  Normals normals_{101};
  Matrix<double> start_ = normal_matrix(normals_, 4, kCols), a_;
  LinearSketcher sketcher_{spec_, kCols}, expected_{spec_, kCols};
};
INSTANTIATE_TEST_SUITE_P(All, BadRows,
                         testing::Combine(testing::ValuesIn(kAllSpecs),
                                          testing::Values(Index{40}, Index{5000})));

TEST_P(BadRows, WithOtherColumnsOrIds) {
  const Matrix<double> narrow(10, kCols - 1);
  expect_refused_block("linear sketcher: expected rows of 5 columns, got 4", narrow.view());
  expect_refused(
      "linear sketcher: expected a row id for each of " + std::to_string(rows_) + " rows, got 3",
      [&] { sketcher_.update(a_.view(), numbers(3)); });
  expect_unchanged();
}

TEST_P(BadRows, WithNumbersThatAreNone) {
  for (const double bad : {double(NAN), double(INFINITY), -double(INFINITY)}) {
    Matrix<double> a = a_;
    a(rows_ - 2, 3) = bad;
    const std::string words = "linear sketcher: entries must be finite, got " +
                              std::string(std::isnan(bad) ? "nan"
                                          : bad > 0       ? "inf"
                                                          : "-inf") +
                              " in row " + std::to_string(rows_ + 2) + ", column 3";
    const Matrix<float> floats = converted<float>(a);
    const CsrMatrix<double> sparse = csr_of(a);
    expect_refused_block(words, a.view());
    expect_refused_block(words, floats.view());
    expect_refused_block(words, sparse.view());
  }
}

TEST_P(BadRows, TooLargeOrTooSmall) {
  for (const double bad : {0x1p481, 0x1p-520}) {
    Matrix<double> a = a_;
    for (double& x : a.view().row(rows_ - 1)) x = bad;
    expect_refused_block("the squared norm of a row must lie between 2^-1022 and 2^960", a.view());
  }
}

TEST_P(BadRows, WithColumnsThatDoNotAscend) {
  for (const std::int32_t bad : {std::int32_t{-1}, std::int32_t{kCols}, std::int32_t{1},
                                 std::numeric_limits<std::int32_t>::max()}) {
    CsrMatrix<double> a = csr_of(a_);
    a.columns[a.columns.size() - 2] = bad;
    expect_refused_block("linear sketcher: columns of a CSR row must ascend within [0, 5), got ",
                         a.view());
  }
}

TEST_P(BadRows, BeyondTheLength) {
  if (spec_.length == 0) return;
  const RowId end = static_cast<RowId>(spec_.length);
  expect_refused_block("linear sketcher: row ids must be below length=" + std::to_string(end) +
                           ", got " + std::to_string(end),
                       a_.view(), end - static_cast<RowId>(rows_) + 1);
  expect_refused_block("row ids must be below length", a_.view(), ~RowId{0});
}

TEST(BadSketchRows, HaveOtherManyIds) {
  const Matrix<double> a(3, 2);
  expect_refused("sketch_rows: expected a row id for each of 3 rows or none, got 2",
                 [&] { sketch_rows(a.view(), parse_linear_spec("sign:size=2"), numbers(2)); });
}

}  // namespace
}  // namespace prodigest::linear
