#include "prodigest/sampling/sample_spec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "expect_error.hpp"

namespace prodigest::sampling {
namespace {

TEST(SampleSpec, HasDefaults) {
  const SampleSpec spec = parse_sample_spec("priority:size=1000");
  EXPECT_EQ(spec, (SampleSpec{.method = Method::kPriority, .size = 1000, .seed = {0}}));
  EXPECT_EQ(parse_sample_spec("threshold:size=1").method, Method::kThreshold);
  EXPECT_EQ(parse_sample_spec("threshold:size=1,tau=plain").method, Method::kPlainThreshold);
  EXPECT_EQ(parse_sample_spec("threshold:size=1,tau=adaptive").method, Method::kThreshold);
  EXPECT_EQ(parse_sample_spec("priority:size=2,weight=uniform").totals, Totals::kNone);
  EXPECT_EQ(parse_sample_spec("priority:size=2,weight=uniform,totals=full").totals, Totals::kFull);
}

TEST(SampleSpec, IsPrintedInOneForm) {
  EXPECT_EQ(
      to_text(parse_sample_spec("threshold:mixture=0.5,weight=norm,size=7,tau=plain,mean=0.1")),
      "threshold:size=7,seed=0,tau=plain,weight=norm,mixture=0.5,mean=0.1");
  EXPECT_EQ(
      to_text(parse_sample_spec("priority:size=7,weight=ridge_leverage,ridge=1e-30,totals=full")),
      "priority:size=7,seed=0,weight=ridge_leverage,ridge=1e-30,totals=full");
  for (const char* values : {"lattice:F4", "F4", "f4", "lattice:f4"})
    EXPECT_EQ(to_text(parse_sample_spec(std::string("priority:size=7,values=") + values)),
              "priority:size=7,seed=0,values=lattice:F4");
}

RC_GTEST_PROP(SampleSpec, ReadsWhatItPrints, ()) {
  SampleSpec spec;
  spec.method = *rc::gen::element(Method::kPriority, Method::kThreshold, Method::kPlainThreshold);
  spec.size = *rc::gen::inRange<Index>(2, std::numeric_limits<Index>::max());
  spec.seed.value = *rc::gen::arbitrary<std::uint64_t>();
  spec.weight = *rc::gen::element(Weight::kSquaredNorm, Weight::kNorm, Weight::kUniform,
                                  Weight::kLeverage, Weight::kRidgeLeverage, Weight::kUser);
  spec.totals = *rc::gen::element(Totals::kNone, Totals::kNorm, Totals::kFull, Totals::kGram);
  const auto positive =
      rc::gen::map(rc::gen::inRange<std::int64_t>(1, std::int64_t{1} << 53), [](std::int64_t x) {
        return std::ldexp(static_cast<double>(x), static_cast<int>(x % 200) - 150);
      });
  if (spec.weight == Weight::kRidgeLeverage) spec.ridge = *positive;
  if (spec.weight != Weight::kUniform && spec.weight != Weight::kUser &&
      *rc::gen::arbitrary<bool>()) {
    spec.mixture = *rc::gen::map(rc::gen::inRange(1, 1000), [](int x) { return x / 1000.0; });
    if (*rc::gen::arbitrary<bool>()) spec.mean = *positive;
  }
  using coding::Format;
  if (*rc::gen::arbitrary<bool>())
    spec.values = coding::Coding{*rc::gen::element(Format::kF4, Format::kF4pair, Format::kF4fast,
                                                   Format::kF3, Format::kF2, Format::kI8)};
  RC_ASSERT(parse_sample_spec(to_text(spec)) == spec);
}

TEST(SampleSpec, RefusesWhatHasNoMeaning) {
  const std::pair<const char*, const char*> kCases[] = {
      {"bottom_k:size=5", "expected the method priority or threshold, got \"bottom_k\""},
      {"priority", "give the number of rows to keep, as in \"priority:size=1000\""},
      {"priority:size=0", "give the number of rows to keep"},
      {"priority:size=1",
       "size must be at least 2, got 1 (with one row of each matrix the error has no bound)"},
      {"priority:size=-5", "size"},
      {"threshold:size=-5", "size"},
      {"priority:size=many", "size"},
      {"priority:size=5,tau=plain", "tau"},
      {"threshold:size=5,tau=high", "spec: tau must be adaptive or plain, got \"high\""},
      {"priority:size=5,weight=length",
       "spec: weight must be one of squared_norm, norm, uniform, leverage, "},
      {"priority:size=5,totals=all", "spec: totals must be one of none, norm, full, gram, got \"all\""},
      {"priority:size=5,mixture=1", "spec: mixture must be in [0, 1), got 1 (1 is weight=uniform)"},
      {"priority:size=5,mixture=-0.1", "spec: mixture must be in [0, 1)"},
      {"priority:size=5,mixture=nan", "mixture"},
      {"priority:size=5,weight=uniform,mixture=0.5", "it cannot go with weight=uniform"},
      {"priority:size=5,weight=user,mixture=0.5", "it cannot go with weight=user"},
      {"priority:size=5,mean=2", "spec: mean must be a positive number and goes with mixture"},
      {"priority:size=5,mixture=0.5,mean=-2", "spec: mean must be a positive number"},
      {"priority:size=5,ridge=1",
       "spec: ridge must be positive with weight=ridge_leverage and absent otherwise"},
      {"priority:size=5,weight=ridge_leverage",
       "spec: ridge must be positive with weight=ridge_leverage"},
      {"priority:size=5,values=lattice:group4",
       "spec: values must be coded as F4, F4pair, F4fast, F3, F2, I8 or int2 to int8, got group4"},
      {"priority:size=5,values=lloyd4", "got lloyd4"},
      {"priority:size=5,values=lattice:F44", "(nearest is F4)"},
      {"priority:size=5,values=lattice:", "got \"\""},
      {"priority:size=5,sede=3", "sede"},
  };
  for (const auto& [text, words] : kCases)
    expect_refusal(ErrorCode::kInvalidArgument, words, [&] { parse_sample_spec(text); });
}

}  // namespace
}  // namespace prodigest::sampling
