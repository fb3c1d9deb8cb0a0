// The verbs on digests of any method do what the method's own do, and mix nothing up.

#include "prodigest/digest/digest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "digest/small_digests.hpp"
#include "expect_error.hpp"
#include "io/memory_rows.hpp"
#include "prodigest/lattice/encoder.hpp"
#include "prodigest/lattice/product.hpp"
#include "prodigest/linear/merge.hpp"
#include "prodigest/linear/product.hpp"
#include "prodigest/linear/sketch_rows.hpp"
#include "prodigest/sampling/merge.hpp"
#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_rows.hpp"

namespace prodigest::digest {
namespace {

// What the method's own function makes of it.
Digest own_digest(const Matrix<double>& a, const DigestSpec& spec) {
  if (const auto* const sample = std::get_if<sampling::SampleSpec>(&spec))
    return sampling::sample_rows(a.view(), *sample);
  if (const auto* const codes = std::get_if<lattice::LatticeSpec>(&spec))
    return lattice::encode_rows(a.view(), *codes);
  return linear::sketch_rows(a.view(), std::get<linear::LinearSpec>(spec));
}

TEST(AnyDigest, IsTheOneOfItsMethodFromMemoryAndFromAReader) {
  const Matrix<double> a = small_matrix();
  for (const std::string& text : specs()) {
    const DigestSpec spec = parse_digest_spec(text);
    const std::vector<std::byte> expected = to_bytes(own_digest(a, spec));
    EXPECT_EQ(to_bytes(sketch(a.view(), spec)), expected) << text;
    io::MemoryRows reader(a.view());
    EXPECT_EQ(to_bytes(sketch(reader, spec)), expected) << text;
  }
}

TEST(AnyDigest, AMethodThatMustSeeTheRowsTwiceDoes) {
  const Matrix<double> a = small_matrix();
  for (const char* const text :
       {"srht:size=16", "priority:size=16,weight=leverage", "threshold:size=16,mixture=0.5"}) {
    io::MemoryRows reader(a.view());
    const Digest digest = sketch(reader, parse_digest_spec(text));
    EXPECT_EQ(rows_of(digest), 50) << text;
  }
}

TEST(AnyDigest, TakesRowIdsAndNamesWithIt) {
  const Matrix<double> a = small_matrix();
  const std::vector<RowId> ids = shuffled_numbers(50, 3);
  const Matrix<double> ordered = [&] {  // row ids[i] of it is row i of a
    Matrix<double> rows(50, 3);
    for (std::size_t i = 0; i < ids.size(); ++i)
      std::ranges::copy(a.view().row(static_cast<Index>(i)),
                        rows.view().row(static_cast<Index>(ids[i])).begin());
    return rows;
  }();
  const Schema schema{.columns = {"x", "y", "z"}, .key = {"id"}};
  for (const std::string& text : specs()) {
    const DigestSpec spec = parse_digest_spec(text);
    const Digest digest = sketch(a.view(), spec, ids, schema);
    EXPECT_EQ(schema_of(digest), schema) << text;
    EXPECT_EQ(spec_of(digest), spec) << text;
    EXPECT_EQ(rows_of(digest), 50) << text;
    EXPECT_EQ(cols_of(digest), 3) << text;
    ASSERT_TRUE(squared_norm_of(digest)) << text;
    const Digest again = sketch(ordered.view(), spec);
    EXPECT_NEAR(*squared_norm_of(digest), *squared_norm_of(again), 1e-12 * squared_norm(a)) << text;
    const ProductEstimate w = estimate_product(digest, again), v = estimate_product(again, digest);
    for (std::size_t e = 0; e < w.value.storage.size(); ++e)
      EXPECT_NEAR(w.value.storage[e], v.value.storage[e], 1e-9 * squared_norm(a)) << text;
  }
}

TEST(AnyDigest, OfAllRowsKnowsTheNorm) {
  const Matrix<double> a = small_matrix();
  for (const std::string& text : mergeable_specs())
    EXPECT_NEAR(*squared_norm_of(small_digest(text)), squared_norm(a), 1e-12 * squared_norm(a))
        << text;
  EXPECT_NEAR(*squared_norm_of(small_digest("lattice")), squared_norm(a), 1e-4 * squared_norm(a));
}

TEST(AnyDigest, DoesNotKnowTheNormOfRowsInParts) {
  EXPECT_FALSE(squared_norm_of(small_digest("countsketch:size=16,rows=parts")));
  EXPECT_FALSE(squared_norm_of(small_digest("priority:size=16,totals=none")));
}

TEST(AnyDigest, OfPartsMergesToThatOfTheWhole) {
  const Matrix<double> a = small_matrix();
  for (const std::string& text : mergeable_specs()) {
    const DigestSpec spec = parse_digest_spec(text);
    const std::vector<Digest> parts = {sketch(a.view().slice(0, 20), spec, numbers(20)),
                                       sketch(a.view().slice(20, 5), spec, numbers(5, 20)),
                                       sketch(a.view().slice(25, 25), spec, numbers(25, 25))};
    const Digest whole = sketch(a.view(), spec), merged = merge(parts);
    EXPECT_EQ(rows_of(merged), 50) << text;
    EXPECT_EQ(squared_norm_of(merged), squared_norm_of(whole)) << text;
    if (std::holds_alternative<sampling::RowSample>(whole)) {
      EXPECT_EQ(to_bytes(merged), to_bytes(whole)) << text;
    } else {
      const auto &got = std::get<linear::LinearSketch>(merged).parts().values.storage,
                 &expected = std::get<linear::LinearSketch>(whole).parts().values.storage;
      for (std::size_t i = 0; i < got.size(); ++i)
        EXPECT_NEAR(got[i], expected[i], 1e-12 * std::sqrt(squared_norm(a))) << text;
    }
    EXPECT_EQ(to_bytes(merge(std::span(parts).first(1))), to_bytes(parts[0])) << text;
  }
}

TEST(AnyDigest, OfColumnsRotatedAsAWholeIsNotMerged) {
  const std::vector<Digest> parts(2, small_digest("lattice"));
  expect_refusal(ErrorCode::kUnsupported, "quantize the whole matrix",
                 [&] { merge(std::span(parts)); });
}

TEST(AnyDigest, MergeOfNothingIsRefused) {
  expect_error(ErrorCode::kInvalidArgument, "merge: expected at least one digest, got none",
               [] { merge(std::span<const Digest>()); });
}

TEST(AnyDigest, GivesTheProductThatItsMethodGives) {
  for (const std::string& text : specs()) {
    const Digest a = small_digest(text);
    const ProductOptions options{.confidence = 0.9, .standard_deviations = true};
    const ProductEstimate w = estimate_product(a, a, options);
    const ProductEstimate expected = std::visit(
        [&](const auto& d) { return ProductEstimate(estimate_product(d, d, options)); }, a);
    EXPECT_EQ(w.value, expected.value) << text;
    EXPECT_EQ(w.standard_deviation, expected.standard_deviation) << text;
    EXPECT_EQ(w.frobenius_error.bound, expected.frobenius_error.bound) << text;
    EXPECT_EQ(w.frobenius_error.confidence, 0.9) << text;
  }
}

TEST(AnyDigest, OfAnotherKindIsRefusedByMergeAndProduct) {
  const Digest sample = small_digest("priority:size=16,seed=7"),
               linear = small_digest("countsketch:size=16,seed=7");
  expect_error(ErrorCode::kIncompatible,
               "product: both digests must be of one method family, got priority:size=16,seed=7 "
               "and countsketch:size=16,seed=7 (sketch one again with the other's method)",
               [&] { estimate_product(sample, linear); });
  expect_refusal(ErrorCode::kIncompatible, "got countsketch:size=16,seed=7 and priority:size=16",
                 [&] { estimate_product(linear, sample); });
  const std::array parts = {sample, sample, linear};
  expect_error(ErrorCode::kIncompatible,
               "merge: all digests must be of one method family, got priority:size=16,seed=7 and "
               "countsketch:size=16,seed=7 (sketch one again with the other's method)",
               [&] { merge(parts); });
}

TEST(AnyDigest, OfAnotherOperatorOrSeedIsRefusedAsItsMethodDoes) {
  expect_refusal(ErrorCode::kIncompatible, "sign:size=16", [] {
    estimate_product(small_digest("gaussian:size=16"), small_digest("sign:size=16"));
  });
  for (const std::string& text : specs())
    expect_refusal(ErrorCode::kIncompatible, "seeds", [&] {
      const DigestSpec other = with_seed(parse_digest_spec(text), {8});
      estimate_product(small_digest(text), sketch(small_matrix().view(), other));
    });
}

}  // namespace
}  // namespace prodigest::digest
