#include "prodigest/linear/linear_spec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "expect_error.hpp"

namespace prodigest::linear {
namespace {

TEST(LinearSpec, HasDefaults) {
  EXPECT_EQ(parse_linear_spec("countsketch:size=1000"),
            (LinearSpec{.op = Operator::kSparse, .size = 1000, .seed = {}}));
  EXPECT_EQ(parse_linear_spec("osnap:size=1000").nonzeros, 8);
  EXPECT_EQ(parse_linear_spec("gaussian:size=1").op, Operator::kGaussian);
  EXPECT_EQ(parse_linear_spec("sign:size=1,rows=parts").rows, RowUpdates::kParts);
  EXPECT_TRUE(parse_linear_spec("sign:size=1,values=f32").single);
  EXPECT_EQ(parse_linear_spec("srht:size=5").length, 0);
  EXPECT_EQ(parse_linear_spec("srht:size=5,length=1000").length, 1024);
  EXPECT_EQ(parse_linear_spec("srht:size=1,length=4611686018427387904").length, Index{1} << 62);
}

TEST(LinearSpec, IsPrintedInOneForm) {
  EXPECT_EQ(to_text(parse_linear_spec("osnap:values=f32,rows=parts,nonzeros=3,seed=7,size=9")),
            "osnap:size=9,seed=7,nonzeros=3,rows=parts,values=f32");
  EXPECT_EQ(to_text(parse_linear_spec("osnap:size=9,nonzeros=1,rows=whole,values=f64")),
            "countsketch:size=9,seed=0");
  EXPECT_EQ(to_text(parse_linear_spec("srht:size=9,length=17")), "srht:size=9,seed=0,length=32");
}

TEST(LinearSpec, KnowsItsMethods) {
  for (const char* name : {"gaussian", "sign", "countsketch", "osnap", "srht"})
    EXPECT_TRUE(is_linear_method(name));
  for (const char* name : {"", "priority", "Sign", "osnap:size=5"})
    EXPECT_FALSE(is_linear_method(name));
}

RC_GTEST_PROP(LinearSpec, ReadsWhatItPrints, ()) {
  LinearSpec spec;
  spec.op = *rc::gen::element(Operator::kGaussian, Operator::kSign, Operator::kSparse,
                              Operator::kHadamard);
  spec.size = *rc::gen::inRange<Index>(1, Index{1} << 31);
  spec.seed.value = *rc::gen::arbitrary<std::uint64_t>();
  if (spec.op == Operator::kSparse) spec.nonzeros = *rc::gen::inRange<Index>(1, spec.size + 1);
  if (spec.op == Operator::kHadamard && *rc::gen::arbitrary<bool>())
    spec.length = Index{1} << *rc::gen::inRange(31, 63);
  spec.rows = *rc::gen::element(RowUpdates::kWhole, RowUpdates::kParts);
  spec.single = *rc::gen::arbitrary<bool>();
  RC_ASSERT(parse_linear_spec(to_text(spec)) == spec);
}

TEST(LinearSpec, RefusesWhatHasNoMeaning) {
  const std::pair<const char*, const char*> kCases[] = {
      {"priority:size=5",
       "expected the method gaussian, sign, countsketch, osnap or srht, got \"priority\""},
      {"sign", "give the number of rows of the sketch, as in \"sign:size=1000\""},
      {"sign:size=0", "give the number of rows of the sketch"},
      {"sign:size=-1", "spec: size must be 1 to 2^31 - 1, got -1"},
      {"sign:size=2147483648", "spec: size must be 1 to 2^31 - 1, got 2147483648"},
      {"sign:size=many", "size must be a whole number"},
      {"sign:size=5,nonzeros=2",
       "sign does not know \"nonzeros\" (it knows size, seed, rows, values)"},
      {"countsketch:size=5,nonzeros=1", "does not know \"nonzeros\""},
      {"osnap:size=5",
       "spec: nonzeros must be at least 1 and at most size, got nonzeros=8 and size=5"},
      {"osnap:size=5,nonzeros=0", "nonzeros must be at least 1"},
      {"osnap:size=5,nonzeros=-1", "nonzeros must be at least 1"},
      {"osnap:size=50,length=64", "(it knows size, seed, rows, values and nonzeros)"},
      {"srht:size=5,length=-1", "spec: length must be at least 1 and at most 2^62, got -1"},
      {"srht:size=5,length=4611686018427387905",
       "spec: length must be at least 1 and at most 2^62"},
      {"srht:size=5,length=4", "spec: size must be at most length, got size=5 and length=4"},
      {"srht:size=5,nonzeros=4", "(it knows size, seed, rows, values and length)"},
      {"sign:size=5,rows=some", "spec: rows must be whole or parts, got \"some\""},
      {"sign:size=5,values=f16", "spec: values must be f64 or f32, got \"f16\""},
      {"sign:size=5,sede=3", "sede"},
  };
  for (const auto& [text, words] : kCases)
    expect_refusal(ErrorCode::kInvalidArgument, words, [&] { parse_linear_spec(text); });
}

TEST(LinearSpec, RefusesMembersThatContradictEachOther) {
  const std::pair<LinearSpec, const char*> kCases[] = {
      {{.size = 0, .seed = {}}, "size must be"},
      {{.op = Operator::kSign, .size = 5, .seed = {}, .nonzeros = 2}, "only osnap has nonzeros"},
      {{.op = Operator::kSign, .size = 5, .seed = {}, .length = 8}, "only srht has a length"},
      {{.op = Operator::kHadamard, .size = 5, .seed = {}, .length = 12},
       "length must be a power of two, got 12"},
      {{.op = Operator::kHadamard, .size = 5, .seed = {}, .length = -8},
       "length must be a power of two"},
      {{.op = Operator::kHadamard, .size = 5, .seed = {}, .length = 4},
       "size must be at most length"},
  };
  for (const auto& [spec, words] : kCases)
    expect_refusal(ErrorCode::kInvalidArgument, words, [&, &spec = spec] { validate(spec); });
}

}  // namespace
}  // namespace prodigest::linear
