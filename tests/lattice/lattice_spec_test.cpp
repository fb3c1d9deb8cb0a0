#include "prodigest/lattice/lattice_spec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "expect_error.hpp"
#include "lattice/spec_of_rows.hpp"

namespace prodigest::lattice {
namespace {

using coding::Format;
using coding::Gain;

TEST(LatticeSpec, HasDefaults) {
  const LatticeSpec spec = parse_lattice_spec("lattice");
  EXPECT_EQ(spec, LatticeSpec{});
  EXPECT_EQ(spec.coding, (coding::Coding{Format::kF4, 0}));
  EXPECT_EQ(spec.rotation, Rotation::kHadamard);
  EXPECT_TRUE(spec.centre);
  EXPECT_EQ(spec.gain, Gain::kAuto);
  for (const char* common : {"lattice:format=int4", "lattice:format=group8"}) {
    const LatticeSpec plain = parse_lattice_spec(common);
    EXPECT_EQ(plain.rotation, Rotation::kNone);
    EXPECT_FALSE(plain.centre);
    EXPECT_EQ(plain.gain, Gain::kPlain);
  }
  EXPECT_EQ(parse_lattice_spec("lattice:format=lloyd4").rotation, Rotation::kHadamard);
}

TEST(LatticeSpec, IsPrintedInOneForm) {
  EXPECT_EQ(to_text(parse_lattice_spec("lattice:gain=mmse,centre=no,rotation=none,seed=7,size=9,"
                                       "format=f4pair")),
            "lattice:format=F4pair,size=9,seed=7,rotation=none,centre=no,gain=mmse");
  EXPECT_EQ(to_text(parse_lattice_spec("lattice:format=int4,rotation=none,centre=no,gain=plain")),
            "lattice:format=int4,seed=0");
  EXPECT_EQ(
      to_text(parse_lattice_spec("lattice:format=int4,rotation=hadamard,centre=yes,gain=auto")),
      "lattice:format=int4,seed=0,rotation=hadamard,centre=yes,gain=auto");
}

TEST(LatticeSpec, KnowsItsMethod) {
  EXPECT_TRUE(is_lattice_method("lattice"));
  for (const char* name : {"", "Lattice", "priority", "lattice:format=F4"})
    EXPECT_FALSE(is_lattice_method(name));
}

RC_GTEST_PROP(LatticeSpec, ReadsWhatItPrints, ()) {
  LatticeSpec spec;
  const auto format = *rc::gen::inRange(0, static_cast<int>(Format::kLloyd) + 1);
  spec.coding.format = static_cast<Format>(format);
  if (spec.coding.format >= Format::kInt) spec.coding.bits = *rc::gen::inRange(2, 7);
  spec.seed.value = *rc::gen::arbitrary<std::uint64_t>();
  spec.size = *rc::gen::inRange<Index>(0, Index{1} << 40);
  spec.rotation = *rc::gen::element(Rotation::kHadamard, Rotation::kNone);
  spec.centre = *rc::gen::arbitrary<bool>();
  spec.gain = *rc::gen::element(Gain::kAuto, Gain::kUnbiased, Gain::kMmse, Gain::kPlain);
  RC_ASSERT(parse_lattice_spec(to_text(spec)) == spec);
}

TEST(LatticeSpec, RefusesWhatHasNoMeaning) {
  const std::pair<const char*, const char*> kCases[] = {
      {"sign:size=5", "expected the method lattice, got \"sign\""},
      {"lattice:format=F5", "format must be one of"},
      {"lattice:format=int9", "format must be one of"},
      {"lattice:size=-1", "spec: size must be at least 1, got -1"},
      {"lattice:size=all", "size must be a whole number"},
      {"lattice:rotation=some", "spec: rotation must be one of hadamard, none, got \"some\""},
      {"lattice:centre=1", "spec: centre must be one of no, yes, got \"1\""},
      {"lattice:gain=best", "spec: gain must be one of auto, unbiased, mmse, plain, got \"best\""},
      {"lattice:sede=3", "(it knows format, size, seed, rotation, centre and gain)"},
  };
  for (const auto& [text, words] : kCases)
    expect_refusal(ErrorCode::kInvalidArgument, words, [&] { parse_lattice_spec(text); });
  LatticeSpec spec;
  spec.coding.bits = 3;
  expect_refusal(ErrorCode::kInvalidArgument, "F4 takes 0 to 0 bits, got 3",
                 [&] { validate(spec); });
}

TEST(LatticeSpec, FindsSizeAndGainOnceRowsAreKnown) {
  const auto found = [](const char* text, Index rows) {
    return spec_of_rows("here", parse_lattice_spec(text), rows);
  };
  EXPECT_EQ(found("lattice", 1000).size, 1000);
  EXPECT_EQ(found("lattice:size=70", 1000).size, 70);
  EXPECT_EQ(found("lattice", 1000).gain, Gain::kUnbiased);
  EXPECT_EQ(found("lattice:format=F2", 1000).gain, Gain::kUnbiased);
  EXPECT_EQ(found("lattice:format=F2,size=999", 1000).gain, Gain::kMmse);
  EXPECT_EQ(found("lattice:format=F3,size=700", 1000).gain, Gain::kUnbiased);
  EXPECT_EQ(found("lattice:format=F3,size=600", 1000).gain, Gain::kMmse);
  EXPECT_EQ(found("lattice:format=F2,size=999,gain=plain", 1000).gain, Gain::kPlain);
  EXPECT_EQ(found("lattice:rotation=none,size=1000", 1000).size, 1000);
}

TEST(LatticeSpec, MustSuitTheRows) {
  const auto refused = [](const std::string& words, const char* text, Index rows) {
    expect_refusal(ErrorCode::kInvalidArgument, words,
                   [&] { spec_of_rows("here", parse_lattice_spec(text), rows); });
  };
  refused("here: expected 1 to 2^31 - 1 rows, got 0", "lattice", 0);
  refused("here: expected 1 to 2^31 - 1 rows, got 2147483648", "lattice", Index{1} << 31);
  refused("here: size must be at most the number of rows, got 11 and 10", "lattice:size=11", 10);
  refused("here: size=9 of 10 rows needs rotation=hadamard", "lattice:size=9,rotation=none", 10);
}

}  // namespace
}  // namespace prodigest::lattice
