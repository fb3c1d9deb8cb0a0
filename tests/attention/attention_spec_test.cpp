#include "prodigest/attention/attention_spec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "expect_error.hpp"

namespace prodigest::attention {
namespace {

TEST(AttentionSpec, HasDefaults) {
  EXPECT_EQ(parse_attention_spec("polysketch"), AttentionSpec{});
  EXPECT_EQ(parse_attention_spec("polynomial"), AttentionSpec{.kind = Kind::kPolynomial});
  EXPECT_EQ(parse_attention_spec("softmax"),
            (AttentionSpec{.kind = Kind::kSoftmax, .norm = Normalization::kNone}));
  EXPECT_EQ(parse_attention_spec("performer"),
            (AttentionSpec{.kind = Kind::kPerformer, .size = 256, .norm = Normalization::kNone}));
  EXPECT_EQ(parse_attention_spec("polysketch:sketch=external").degree, 2);
}

TEST(AttentionSpec, IsReadFromItsText) {
  EXPECT_EQ(parse_attention_spec("polysketch:degree=8,size=64,sketch=hadamard,local_block=256,"
                                 "norm=rms,scale=0.125,epsilon=0,seed=7"),
            (AttentionSpec{.kind = Kind::kPolysketch,
                           .degree = 8,
                           .size = 64,
                           .sketch = SketchKind::kHadamard,
                           .norm = Normalization::kRms,
                           .scale = 0.125,
                           .epsilon = 0,
                           .local_block = 256,
                           .seed = {7}}));
  EXPECT_EQ(parse_attention_spec("polysketch:sketch=given").sketch, SketchKind::kGiven);
  EXPECT_EQ(parse_attention_spec("polysketch:sketch=gaussian").sketch, SketchKind::kGaussian);
}

TEST(AttentionSpec, IsPrintedInOneForm) {
  EXPECT_EQ(to_text(AttentionSpec{}), "polysketch:degree=4,size=32");
  EXPECT_EQ(to_text(parse_attention_spec("softmax:norm=none,seed=0")), "softmax");
  EXPECT_EQ(to_text(parse_attention_spec("polynomial:norm=none")), "polynomial:degree=4,norm=none");
  EXPECT_EQ(to_text(parse_attention_spec("performer:seed=3,norm=layer")),
            "performer:size=256,norm=layer,seed=3");
  EXPECT_EQ(to_text(parse_attention_spec("polysketch:epsilon=0.5,scale=2,sketch=external,size=9,"
                                         "local_block=64")),
            "polysketch:degree=2,size=9,sketch=external,local_block=64,scale=2,epsilon=0.5");
}

RC_GTEST_PROP(AttentionSpec, ReadsWhatItPrints, ()) {
  AttentionSpec spec;
  spec.kind =
      *rc::gen::element(Kind::kSoftmax, Kind::kPolynomial, Kind::kPolysketch, Kind::kPerformer);
  if (spec.kind == Kind::kPolysketch) {
    spec.sketch =
        *rc::gen::element(SketchKind::kOrthogonal, SketchKind::kGaussian, SketchKind::kHadamard,
                          SketchKind::kGiven, SketchKind::kExternal);
    spec.local_block = *rc::gen::inRange<Index>(0, Index{1} << 40);
  }
  if (spec.kind == Kind::kPolynomial || spec.kind == Kind::kPolysketch)
    spec.degree = *rc::gen::element(2, 4, 8);
  if (spec.sketch == SketchKind::kGiven) spec.degree = 4;
  if (spec.sketch == SketchKind::kExternal) spec.degree = 2;
  if (spec.kind == Kind::kPolysketch || spec.kind == Kind::kPerformer)
    spec.size = *rc::gen::inRange<Index>(1, Index{1} << 20);
  if (spec.sketch == SketchKind::kHadamard) spec.size = Index{1} << *rc::gen::inRange(0, 21);
  spec.norm = *rc::gen::element(Normalization::kLayer, Normalization::kRms, Normalization::kNone);
  spec.scale = *rc::gen::nonNegative<double>();
  if (spec.kind != Kind::kSoftmax) spec.epsilon = *rc::gen::nonNegative<double>();
  spec.seed.value = *rc::gen::arbitrary<std::uint64_t>();
  RC_ASSERT(parse_attention_spec(to_text(spec)) == spec);
}

TEST(AttentionSpec, RefusesTextThatHasNoMeaning) {
  const std::pair<const char*, const char*> kCases[] = {
      {"sofmax",
       "no attention \"sofmax\" in spec \"sofmax\"; nearest is \"softmax\" (attentions: softmax, "
       "polynomial, polysketch, performer)"},
      {"", "expected a method first"},
      {"polysketch:sketch=ortogonal", "nearest is \"orthogonal\" (sketch kinds: orthogonal, "},
      {"softmax:norm=laier", "no norm \"laier\" in spec \"softmax:norm=laier\"; nearest is "},
      {"softmax:epsilon=1", "softmax does not know \"epsilon\" (it knows norm, scale and seed)"},
      {"softmax:size=4", "softmax does not know \"size\""},
      {"polynomial:sketch=gaussian", "polynomial does not know \"sketch\" (it knows degree, "},
      {"performer:degree=4", "performer does not know \"degree\" (it knows size, "},
      {"polysketch:degre=4", "polysketch does not know \"degre\" (it knows degree, size, sketch, "},
      {"polysketch:degree=3", "spec: degree must be 2, 4 or 8, got 3"},
      {"polysketch:degree=4294967300", "spec: degree must be 2, 4 or 8, got 4294967300"},
      {"polynomial:degree=-4294967292", "spec: degree must be 2, 4 or 8, got -4294967292"},
      {"polysketch:degree=4,sketch=external", "degree must be 2 for sketch=external, got 4"},
      {"polysketch:degree=8,sketch=given", "degree must be 4 for sketch=given, got 8"},
      {"polysketch:size=0", "spec: size must be 1 to 2^20, got 0"},
      {"performer:size=1048577", "spec: size must be 1 to 2^20, got 1048577"},
      {"polysketch:size=33,sketch=hadamard",
       "size must be a power of two for sketch=hadamard, got 33 (take 32 or 64)"},
      {"polysketch:local_block=-1", "local_block must be at least 1, or 0 for none, got -1"},
      {"polysketch:scale=-1", "scale must be positive, or 0 for 1 / sqrt(width), got -1"},
      {"softmax:scale=nan", "scale must be positive"},
      {"softmax:scale=inf", "scale must be positive"},
      {"polysketch:epsilon=-1e-9", "epsilon must be at least 0, got -1e-09"},
      {"performer:epsilon=inf", "epsilon must be at least 0"},
  };
  for (const auto& [text, words] : kCases)
    expect_refusal(ErrorCode::kInvalidArgument, words, [&] { parse_attention_spec(text); });
}

TEST(AttentionSpec, RefusesMembersThatItsKindHasNot) {
  const std::pair<AttentionSpec, const char*> kCases[] = {
      {{.kind = Kind::kSoftmax, .degree = 2},
       "spec: softmax has no degree (leave that member as it is)"},
      {{.kind = Kind::kPerformer, .degree = 8}, "performer has no degree"},
      {{.kind = Kind::kPolynomial, .size = 16}, "polynomial has no size"},
      {{.kind = Kind::kPerformer, .sketch = SketchKind::kGaussian}, "performer has no sketch"},
      {{.kind = Kind::kPolynomial, .local_block = 16}, "polynomial has no local_block"},
      {{.kind = Kind::kSoftmax, .epsilon = 0}, "softmax has no epsilon"},
      {{.epsilon = std::numeric_limits<double>::quiet_NaN()}, "epsilon must be at least 0"},
  };
  for (const auto& [spec, words] : kCases)
    expect_refusal(ErrorCode::kInvalidArgument, words, [&, &spec = spec] { validate(spec); });
}

}  // namespace
}  // namespace prodigest::attention
