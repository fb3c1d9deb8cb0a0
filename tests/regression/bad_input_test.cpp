// What regress refuses, and what it says.

#include <gtest/gtest.h>

#include <cmath>

#include "expect_error.hpp"
#include "prodigest/linear/sketch_rows.hpp"
#include "regression/tables.hpp"

namespace prodigest::regression {
namespace {

struct BadInput : testing::Test {
  Normals normals{481};
  Matrix<double> a = normal_matrix(normals, 50, 3), b = normal_matrix(normals, 50, 1);
  digest::Digest left = sample(a, "priority:size=20"), right = sample(b, "priority:size=20");

  void expect_refused(ErrorCode code, const std::string& words, const digest::Digest& x,
                      const digest::Digest& y, const RegressionOptions& options = {}) {
    expect_refusal(code, words, [&] { regress(x, y, options); });
  }
};

TEST_F(BadInput, Options) {
  for (const double ridge : {-1.0, -1e-300, double(NAN), double(INFINITY)})
    expect_refused(ErrorCode::kInvalidArgument, "regress: ridge must be a number from 0 on, got ",
                   left, right, {.ridge = ridge});
  for (const double confidence : {0.0, 1.0, -0.5, double(NAN)})
    expect_refused(ErrorCode::kInvalidArgument, "regress: confidence must be in (0, 1), got ", left,
                   right, {.confidence = confidence});
}

TEST_F(BadInput, Targets) {
  const digest::Digest three = sample(a, "priority:size=20");
  expect_refused(ErrorCode::kInvalidArgument,
                 "regress: B has 3 columns, expected the name or number of the one to predict, got "
                 "none (name it as the target)",
                 left, three);
  for (const char* number : {"3", "-1", "x", "1.5", " 1", "99999999999999999999"})
    expect_refused(
        ErrorCode::kInvalidArgument,
        std::string(
            "regress: the columns of B have no names, expected a number from 0 to 2, got \"") +
            number + "\"",
        left, three, {.target = number});
  const digest::Digest named =
      sample(a, "priority:size=20", {.columns = {"price", "size", "colour"}});
  expect_refused(
      ErrorCode::kInvalidArgument,
      "regress: no column \"prize\" in B; nearest is \"price\" (columns: price, size, colour)",
      left, named, {.target = "prize"});
  expect_refused(ErrorCode::kInvalidArgument, "no column \"0\" in B", left, named, {.target = "0"});
  EXPECT_EQ(regress(left, named, {.target = "size"}).target, "size");
  EXPECT_EQ(regress(left, three, {.target = "2"}).target, "2");
}

TEST_F(BadInput, DigestsThatCannotMeet) {
  expect_refused(ErrorCode::kIncompatible, "regress: seeds must be equal, got 0 and 1", left,
                 sample(b, "priority:size=20,seed=1"));
  expect_refused(ErrorCode::kIncompatible, "regress: keys must have equally many columns", left,
                 sample(b, "priority:size=20", {.columns = {}, .key = {"city", "year"}}));
  expect_refused(ErrorCode::kIncompatible, "regress: one digest took all keys as text", left,
                 sample(b, "priority:size=20",
                        {.columns = {}, .key = {"id"}, .key_encoding = KeyEncoding::kText}));
  const auto sketch = [&](const char* spec) {
    return linear::sketch_rows(b.view(), linear::parse_linear_spec(spec));
  };
  expect_refused(ErrorCode::kIncompatible,
                 "regress: expected two samples or two linear sketches, got", left,
                 sketch("gaussian:size=20"));
  expect_refused(ErrorCode::kIncompatible, "regress: ", sketch("gaussian:size=20"),
                 sketch("gaussian:size=21"));
  expect_refused(ErrorCode::kIncompatible, "regress: ", sketch("gaussian:size=20"),
                 sketch("sign:size=20"));
  expect_refused(ErrorCode::kIncompatible, "regress: ", sketch("gaussian:size=20"),
                 sketch("gaussian:size=20,seed=1"));
}

TEST_F(BadInput, EstimatorsOfTheOtherKind) {
  const digest::Digest sketch =
      linear::sketch_rows(b.view(), linear::parse_linear_spec("gaussian:size=20"));
  expect_refused(ErrorCode::kIncompatible,
                 "regress: the estimator sketch needs linear sketches, got samples", left, right,
                 {.estimator = Estimator::kSketch});
  for (const auto& [estimator, name] : {std::pair{Estimator::kJoint, "joint"},
                                        {Estimator::kSingle, "single"},
                                        {Estimator::kGram, "gram"}})
    expect_refused(
        ErrorCode::kIncompatible,
        std::string("regress: the estimator ") + name + " needs samples, got linear sketches",
        sketch, sketch, {.estimator = estimator});
  expect_refused(ErrorCode::kInvalidArgument,
                 "regress: the estimator gram needs the Gram matrix of A, got a sample without it "
                 "(sketch A with totals=gram)",
                 left, right, {.estimator = Estimator::kGram});
}

TEST_F(BadInput, Cancelled) {
  std::stop_source stop;
  stop.request_stop();
  Context context;
  context.cancel = stop.get_token();
  expect_refusal(ErrorCode::kCancelled, "cancelled", [&] { regress(left, right, {}, context); });
}

// The same bits for every number of threads.
TEST(Threads, DoNotShow) {
  Normals normals(482);
  const Matrix<double> a = normal_matrix(normals, 3000, 40);
  const Matrix<double> b = target_of(a, std::vector<double>(40, 0.5), 1, 3, &normals);
  const auto left = sample(a, "priority:size=2500,mixture=0.5,totals=gram"),
             right = sample(b, "priority:size=2500,mixture=0.5");
  for (const Estimator estimator : {Estimator::kJoint, Estimator::kSingle, Estimator::kGram}) {
    Context one, three;
    one.threads = 1;
    three.threads = 3;
    const Regression x = regress(left, right, {.estimator = estimator}, one),
                     y = regress(left, right, {.estimator = estimator}, three);
    EXPECT_EQ(values_of(x), values_of(y));
    for (std::size_t j = 0; j < 40; ++j)
      EXPECT_EQ(x.coefficients[j].standard_error, y.coefficients[j].standard_error);
    EXPECT_EQ(x.r_squared, y.r_squared);
    EXPECT_EQ(x.r_squared_low, y.r_squared_low);
    EXPECT_EQ(x.ridge, y.ridge);
  }
}

}  // namespace
}  // namespace prodigest::regression
