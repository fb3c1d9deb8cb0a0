// One grammar for the specs of all methods.

#include <gtest/gtest.h>

#include "digest/small_digests.hpp"
#include "expect_error.hpp"

namespace prodigest::digest {
namespace {

TEST(DigestSpec, EveryMethodIsReadByItsNameAndPrintedBack) {
  const auto names = method_names();
  ASSERT_EQ(names.size(), specs().size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string spec = specs()[i];
    EXPECT_EQ(spec.substr(0, spec.find(':')), names[i]);
    EXPECT_EQ(to_text(parse_digest_spec(spec)), spec);
    // With nothing but a size there is a default for all else.
    const DigestSpec parsed = parse_digest_spec(std::string(names[i]) + ":size=9");
    EXPECT_EQ(parse_digest_spec(to_text(parsed)), parsed);
    EXPECT_EQ(size_of(parsed), 9);
  }
}

TEST(DigestSpec, SamplesAndLinearSketchesHaveTheirOwnSpec) {
  for (const std::string& spec : specs()) {
    const bool sample = spec.starts_with("priority") || spec.starts_with("threshold");
    EXPECT_EQ(std::holds_alternative<sampling::SampleSpec>(parse_digest_spec(spec)), sample)
        << spec;
  }
}

TEST(DigestSpec, AnUnknownMethodIsAnsweredWithTheNearestAndAllOfThem) {
  expect_error(ErrorCode::kInvalidArgument,
               "no method \"countskech\" in spec \"countskech:size=9\"; nearest is \"countsketch\" "
               "(methods: priority, threshold, gaussian, sign, countsketch, osnap, srht, lattice)",
               [] { parse_digest_spec("countskech:size=9"); });
  expect_refusal(ErrorCode::kInvalidArgument, "nearest is \"priority\"",
                 [] { parse_digest_spec("Priority:size=9"); });
  expect_error(ErrorCode::kInvalidArgument,
               "no method \"xyzxyzxyz\" in spec \"xyzxyzxyz\" (methods: priority, threshold, "
               "gaussian, sign, countsketch, osnap, srht, lattice)",
               [] { parse_digest_spec("xyzxyzxyz"); });
  expect_refusal(ErrorCode::kInvalidArgument, "expected a method first",
                 [] { parse_digest_spec(""); });
}

TEST(DigestSpec, TheOptionsOfOneFamilyAreRefusedByTheOther) {
  expect_refusal(ErrorCode::kInvalidArgument, "does not know \"weight\"",
                 [] { parse_digest_spec("countsketch:size=9,weight=norm"); });
  expect_refusal(ErrorCode::kInvalidArgument, "does not know \"rows\"",
                 [] { parse_digest_spec("priority:size=9,rows=parts"); });
  for (const std::string_view name : method_names())
    if (name != "lattice")  // whose size is all rows unless one is given
      expect_refusal(ErrorCode::kInvalidArgument, "size=1000", [&] { parse_digest_spec(name); });
}

TEST(DigestSpec, AnotherSizeAndAnotherSeedLeaveTheRest) {
  for (const std::string& text : specs()) {
    const DigestSpec spec = parse_digest_spec(text);
    const DigestSpec changed = with_seed(with_size(spec, 20), {99});
    EXPECT_EQ(size_of(changed), 20);
    std::string expected = text;
    expected.replace(expected.find("size=16"), 7, "size=20");
    expected.replace(expected.find("seed=7"), 6, "seed=99");
    EXPECT_EQ(to_text(changed), expected);
    EXPECT_EQ(with_seed(with_size(changed, 16), {7}), spec);
  }
}

}  // namespace
}  // namespace prodigest::digest
