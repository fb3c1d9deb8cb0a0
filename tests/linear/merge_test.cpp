#include "prodigest/linear/merge.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "expect_error.hpp"
#include "linear/all_specs.hpp"
#include "prodigest/linear/sketch_file.hpp"
#include "prodigest/linear/sketch_rows.hpp"
#include "reference/matrices.hpp"

namespace prodigest::linear {
namespace {

constexpr Index kRows = 60, kCols = 7;

void expect_close(const Matrix<double>& got, const Matrix<double>& expected) {
  EXPECT_LE(squared_distance(got, expected), 1e-24 * squared_norm(expected));
}

class Merge : public testing::TestWithParam<const char*> {
 protected:
  LinearSketch part(Index first, Index count, RowUpdates rows = RowUpdates::kWhole) const {
    LinearSpec spec = parse_linear_spec(GetParam());
    spec.rows = rows;
    return sketch_rows(a_.view().slice(first, count), spec,
                       numbers(count, static_cast<RowId>(first)), {}, {.threads = 1});
  }
  Normals normals_{21};
  Matrix<double> a_ = normal_matrix(normals_, kRows, kCols);
};
INSTANTIATE_TEST_SUITE_P(All, Merge, testing::ValuesIn(kAllSpecs));

TEST_P(Merge, IsTheSketchOfAllRows) {
  const LinearSketch whole = part(0, kRows);
  const std::array parts = {part(0, 10), part(10, 1), part(11, 0), part(11, 49)};
  const LinearSketch merged = merge(parts);
  EXPECT_EQ(merged.rows(), kRows);
  EXPECT_EQ(merged.spec(), whole.spec());
  // The norm is exact.
  EXPECT_EQ(merged.parts().squared_norm.expansion(), whole.parts().squared_norm.expansion());
  expect_close(merged.parts().values, whole.parts().values);
}

TEST_P(Merge, CommutesAndHasAnEmptySketchAsIdentity) {
  const LinearSketch a = part(0, 25), b = part(25, 35), none = part(0, 0);
  EXPECT_EQ(to_bytes(merge(a, b)), to_bytes(merge(b, a)));
  EXPECT_EQ(to_bytes(merge(a, none)), to_bytes(a));
  EXPECT_EQ(to_bytes(merge(none, a)), to_bytes(a));
  EXPECT_EQ(to_bytes(merge(std::span(&a, 1))), to_bytes(a));
}

TEST_P(Merge, OfPartsOfRowsMayOverlap) {
  const LinearSketch a = part(0, kRows, RowUpdates::kParts);
  const LinearSketch twice = merge(a, a);
  EXPECT_EQ(twice.spec().rows, RowUpdates::kParts);
  EXPECT_EQ(twice.rows(), 2 * kRows);
  EXPECT_EQ(to_bytes(twice), to_bytes(add(a, a)));
}

TEST_P(Merge, AddAndSubtractTakeBack) {
  const LinearSketch a = part(0, kRows), b = part(20, 10, RowUpdates::kParts);
  const LinearSketch sum = add(a, b), back = subtract(sum, b);
  EXPECT_EQ(sum.spec().rows, RowUpdates::kParts);
  EXPECT_FALSE(sum.squared_norm());
  EXPECT_EQ(to_bytes(add(b, a)), to_bytes(sum));
  expect_close(back.parts().values, a.parts().values);
  EXPECT_EQ(squared_norm(subtract(a, a).parts().values), 0);
  // Rows 20 to 29 taken out: the sketch of the others.
  expect_close(subtract(a, b).parts().values, merge(part(0, 20), part(30, 30)).parts().values);
}

TEST(MergeOfFloats, RoundsOnce) {
  const LinearSpec spec = parse_linear_spec("countsketch:size=1,values=f32");
  Matrix<double> a(1, 1);
  a(0, 0) = 0x1p24;
  const LinearSketch large = sketch_rows(a.view(), spec, numbers(1));
  a(0, 0) = 0.75;
  const auto sign = [&](RowId id) {
    return sketch_rows(a.view(), spec, numbers(1, id)).values()(0, 0) * large.values()(0, 0) > 0;
  };
  std::vector<RowId> same_sign;
  for (RowId id = 1; same_sign.size() < 2; ++id)
    if (sign(id)) same_sign.push_back(id);
  const std::array parts = {large, sketch_rows(a.view(), spec, std::vector{same_sign[0]}),
                            sketch_rows(a.view(), spec, std::vector{same_sign[1]})};
  EXPECT_EQ(std::abs(merge(parts).values()(0, 0)), 0x1p24 + 2);  // each alone would vanish
}

struct MergeRefuses : testing::Test {
  Normals normals{72};
  Matrix<double> a = normal_matrix(normals, 40, 3);

  LinearSketch part(const std::string& spec, const Schema& schema = {}) {
    return sketch_rows(a.view(), parse_linear_spec(spec), {}, schema);
  }
  // By all three verbs, but for what add and subtract allow.
  void expect_incompatible(const LinearSketch& x, const LinearSketch& y, const std::string& words) {
    expect_refusal(ErrorCode::kIncompatible, "merge: " + words, [&] { merge(x, y); });
    expect_refusal(ErrorCode::kIncompatible, "add: " + words, [&] { add(x, y); });
    expect_refusal(ErrorCode::kIncompatible, "subtract: " + words, [&] { subtract(x, y); });
  }
};

TEST_F(MergeRefuses, NoParts) {
  expect_refusal(ErrorCode::kInvalidArgument, "merge: expected one digest or more, got none",
                 [] { merge(std::span<const LinearSketch>()); });
}

TEST_F(MergeRefuses, OtherSeedsAndMethods) {
  expect_incompatible(part("sign:size=5,seed=1"), part("sign:size=5,seed=2"),
                      "seeds must be equal, got 1 and 2 (remake one digest with seed=1)");
  for (const char* x : kOtherSpecs)
    for (const char* y : kOtherSpecs)
      if (x != y) expect_incompatible(part(x), part(y), "methods must be equal, got ");
}

TEST_F(MergeRefuses, OtherColumnsNamesAndTypes) {
  const Matrix<double> wide(4, 4);
  expect_incompatible(part("sign:size=5"),
                      sketch_rows(wide.view(), parse_linear_spec("sign:size=5")),
                      "columns must be equal, got 3 and 4");
  const Schema plain{.columns = {"x", "y", "z"}}, other{.columns = {"x", "y", "w"}};
  const Schema keyed{.columns = {"x", "y", "z"}, .key = {"id"}};
  const Schema* const schemas[] = {&plain, &other, &keyed};
  for (const Schema* x : schemas)
    for (const Schema* y : schemas)
      if (x != y)
        expect_incompatible(part("sign:size=5", *x), part("sign:size=5", *y),
                            "column names and key columns must be equal, got [x, y, ");
  expect_incompatible(
      part("sign:size=5"), part("sign:size=5,values=f32"),
      "values= must be equal, got sign:size=5,seed=0 and sign:size=5,seed=0,values=f32");
}

TEST_F(MergeRefuses, WholeRowsWithParts) {
  expect_refusal(
      ErrorCode::kIncompatible,
      "merge: rows= must be equal, got sign:size=5,seed=0 and sign:size=5,seed=0,rows=parts",
      [&] { merge(part("sign:size=5"), part("sign:size=5,rows=parts")); });
}

TEST_F(MergeRefuses, MoreWholeRowsThanThereAre) {
  const LinearSketch a40 = part("srht:size=5,length=64");
  expect_refusal(ErrorCode::kInvalidArgument, "whole rows must be at most length",
                 [&] { merge(a40, a40); });
  EXPECT_EQ(add(a40, a40).rows(), 80);
}

}  // namespace
}  // namespace prodigest::linear
