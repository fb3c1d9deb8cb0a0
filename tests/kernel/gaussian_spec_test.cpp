#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "expect_error.hpp"
#include "prodigest/kernel/gaussian_operator.hpp"

namespace prodigest::kernel {
namespace {

constexpr auto kInvalid = ErrorCode::kInvalidArgument;

TEST(GaussianSpec, WhatIsLeftOutIsAsInTheStruct) {
  EXPECT_EQ(parse_gaussian_spec("gaussian"), GaussianSpec{});
  EXPECT_EQ(parse_gaussian_spec("gaussian:bandwidth=2,epsilon=0.1,target=vector"),
            (GaussianSpec{.bandwidth = 2, .epsilon = 0.1}));
}

TEST(GaussianSpec, ItsTextReadsBackTheSame) {
  const GaussianSpec all{.bandwidth = 0.1,
                         .epsilon = 1.0 / 3,
                         .failure = 0.125,
                         .target = ErrorTarget::kRowRelative,
                         .near = 0,
                         .trees = 3,
                         .key_cell = 32,
                         .query_cell = 48,
                         .verify_rows = 100,
                         .seed = {~std::uint64_t{0}}};
  EXPECT_EQ(parse_gaussian_spec(to_text(all)), all);
  EXPECT_EQ(to_text(all),
            "gaussian:bandwidth=0.1,epsilon=0.3333333333333333,failure=0.125,target=row_relative,"
            "near=0,trees=3,key_cell=32,query_cell=48,verify_rows=100,seed=18446744073709551615");
  EXPECT_EQ(to_text({}), "gaussian:bandwidth=1,epsilon=0.05");
}

TEST(GaussianSpec, RefusesOtherNamesKeysAndTargets) {
  expect_error(kInvalid, "spec \"laplace\": expected gaussian, got \"laplace\"",
               [] { parse_gaussian_spec("laplace"); });
  expect_error(kInvalid, "spec: target must be vector or row_relative, got \"rows\"",
               [] { parse_gaussian_spec("gaussian:target=rows"); });
  expect_refusal(kInvalid, "sigma", [] { parse_gaussian_spec("gaussian:sigma=1"); });
}

TEST(GaussianSpec, RefusesNumbersOutOfRange) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const double bandwidth : {0.0, -1.0, inf, std::nan("")})
    expect_refusal(kInvalid, "spec: bandwidth must be positive and finite, got ",
                   [&] { validate({.bandwidth = bandwidth}); });
  for (const double probability : {0.0, 1.0, -0.1, 2.0, std::nan("")}) {
    expect_refusal(kInvalid, "spec: epsilon must be between 0 and 1, both excluded, got ",
                   [&] { validate({.epsilon = probability}); });
    expect_refusal(kInvalid, "spec: failure must be between 0 and 1, both excluded, got ",
                   [&] { validate({.failure = probability}); });
  }
  expect_error(kInvalid, "spec: near must be 0 to 4096, got -1", [] { validate({.near = -1}); });
  expect_error(kInvalid, "spec: trees must be 0 to 1024, got 2000",
               [] { validate({.trees = 2000}); });
  expect_error(kInvalid, "spec: key_cell must be 8 to 4096, got 0",
               [] { validate({.key_cell = 0}); });
  expect_error(kInvalid, "spec: query_cell must be 8 to 4096, got 7",
               [] { validate({.query_cell = 7}); });
  expect_error(kInvalid, "spec: verify_rows must be 32 to 1048576, got 0",
               [] { validate({.verify_rows = 0}); });
  validate({});
}

}  // namespace
}  // namespace prodigest::kernel
