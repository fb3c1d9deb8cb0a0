#include "prodigest/sampling/merge.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "prodigest/sampling/sample_file.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "expect_error.hpp"
#include "reference/matrices.hpp"
#include "sampling/method_name.hpp"

namespace prodigest::sampling {
namespace {

constexpr Index kCols = 3;

// Rows that a shard may hold: row id and a few entries, zeros, ties and heavy rows among them.
using Rows = std::map<RowId, std::array<int, kCols>>;

rc::Gen<Rows> any_rows() {
  return rc::gen::map(rc::gen::container<std::map<std::uint16_t, std::array<int, kCols>>>(
                          rc::gen::arbitrary<std::uint16_t>(),
                          rc::gen::container<std::array<int, kCols>>(
                              rc::gen::weightedElement<int>({{4, 0}, {3, 1}, {2, -2}, {1, 1000}}))),
                      [](const auto& rows) { return Rows(rows.begin(), rows.end()); });
}

rc::Gen<SampleSpec> any_spec() {
  return rc::gen::apply(
      [](Method method, Index size, int weight, std::uint64_t seed) {
        const char* const weights[] = {"totals=full",
                                       "weight=norm,totals=full",
                                       "weight=uniform,totals=full",
                                       "mixture=0.5,mean=2",
                                       "totals=none",
                                       "totals=norm",
                                       "values=F4",
                                       "weight=uniform,values=I8"};
        SampleSpec spec = parse_sample_spec(std::string("priority:size=2,") + weights[weight]);
        spec.method = method;
        spec.size = size;
        spec.seed.value = seed;
        return spec;
      },
      rc::gen::element(Method::kPriority, Method::kThreshold, Method::kPlainThreshold),
      rc::gen::inRange<Index>(2, 20), rc::gen::inRange(0, 8), rc::gen::arbitrary<std::uint64_t>());
}

RowSample sample_of(const Rows& rows, const SampleSpec& spec) {
  Matrix<double> matrix(0, kCols);
  std::vector<RowId> ids;
  for (const auto& [id, entries] : rows) {
    ids.push_back(id);
    matrix.storage.insert(matrix.storage.end(), entries.begin(), entries.end());
    ++matrix.rows;
  }
  RowSampler sampler(spec, kCols);
  sampler.update(matrix.view(), ids);
  return std::move(sampler).finish();
}

// Three shards without a common row.
std::array<Rows, 3> split(const Rows& rows) {
  std::array<Rows, 3> shards;
  for (const auto& row : rows) shards[row.first % 3].insert(row);
  return shards;
}

RC_GTEST_PROP(Merge, CommutesAssociatesAndIsTheSampleOfAllRows, ()) {
  const Rows rows = *any_rows();
  const SampleSpec spec = *any_spec();
  const auto shards = split(rows);
  const RowSample a = sample_of(shards[0], spec), b = sample_of(shards[1], spec),
                  c = sample_of(shards[2], spec);
  const auto whole = to_bytes(sample_of(rows, spec));
  RC_ASSERT(to_bytes(merge(a, b)) == to_bytes(merge(b, a)));
  RC_ASSERT(to_bytes(merge(merge(a, b), c)) == whole);
  RC_ASSERT(to_bytes(merge(a, merge(b, c))) == whole);
  const std::array all = {b, c, a};
  RC_ASSERT(to_bytes(merge(all)) == whole);
}

RC_GTEST_PROP(Merge, HasTheEmptySampleAsIdentity, ()) {
  const SampleSpec spec = *any_spec();
  const RowSample a = sample_of(*any_rows(), spec), none = RowSampler(spec, kCols).finish();
  RC_ASSERT(to_bytes(merge(a, none)) == to_bytes(a));
  RC_ASSERT(to_bytes(merge(none, a)) == to_bytes(a));
  RC_ASSERT(to_bytes(merge(std::span(&a, 1))) == to_bytes(a));
}

RC_GTEST_PROP(Merge, OfDifferentSizesTakesTheSmallest, ()) {
  const Rows rows = *any_rows();
  const SampleSpec spec = *any_spec();
  SampleSpec larger = spec;
  larger.size += *rc::gen::inRange<Index>(0, 20);
  const auto shards = split(rows);
  Rows rest = shards[1];
  rest.insert(shards[2].begin(), shards[2].end());
  const auto whole = to_bytes(sample_of(rows, spec));
  RC_ASSERT(to_bytes(merge(sample_of(shards[0], spec), sample_of(rest, larger))) == whole);
  RC_ASSERT(to_bytes(merge(sample_of(shards[0], larger), sample_of(rest, spec))) == whole);
}

RC_GTEST_PROP(Truncate, IsTheSmallerSampleOfTheSameRows, ()) {
  const Rows rows = *any_rows();
  const SampleSpec spec = *any_spec();
  SampleSpec larger = spec;
  larger.size += *rc::gen::inRange<Index>(0, 20);
  const RowSample sample = sample_of(rows, larger);
  RC_ASSERT(to_bytes(truncate(sample, spec.size)) == to_bytes(sample_of(rows, spec)));
  RC_ASSERT(to_bytes(truncate(sample, larger.size)) == to_bytes(sample));
}

TEST(Truncate, TakesLeverageSamplesToo) {
  Normals normals(71);
  const Matrix<double> a = normal_matrix(normals, 100, 4);
  const auto sample = [&](const char* spec) {
    return sample_rows(a.view(), parse_sample_spec(spec));
  };
  EXPECT_EQ(to_bytes(truncate(sample("priority:size=50,weight=leverage"), 20)),
            to_bytes(sample("priority:size=20,weight=leverage")));
}

TEST(Merge, KeepsFloatsWhenAPartIsEmpty) {
  const SampleSpec spec = parse_sample_spec("priority:size=3");
  Matrix<float> one(1, kCols);
  one(0, 0) = 0.1f;
  const RowSample a = sample_rows(one.view(), spec), none = RowSampler(spec, kCols).finish();
  EXPECT_TRUE(merge(none, a).single_precision());
  EXPECT_TRUE(merge(a, none).single_precision());
}

struct MergeRefuses : testing::Test {
  Normals normals{72};
  Matrix<double> a = normal_matrix(normals, 40, kCols);

  RowSample part(std::string_view spec, const Schema& schema = {}, RowId first = 0) {
    return sample_rows(a.view(), parse_sample_spec(spec), numbers(40, first), schema);
  }
  void expect_incompatible(const RowSample& x, const RowSample& y, const std::string& words) {
    expect_refusal(ErrorCode::kIncompatible, words, [&] { merge(x, y); });
  }
};

TEST_F(MergeRefuses, NoParts) {
  expect_refusal(ErrorCode::kInvalidArgument, "merge: expected one digest or more, got none",
                 [] { merge(std::span<const RowSample>()); });
}

TEST_F(MergeRefuses, OtherSeeds) {
  expect_incompatible(
      part("priority:size=5,seed=1"), part("priority:size=5,seed=2", {}, 100),
      "merge: seeds must be equal, got 1 and 2 (remake one digest with seed=1)");
}

TEST_F(MergeRefuses, OtherMethodsWeightsAndTotals) {
  const char* const kSpecs[] = {"priority:size=5",
                                "threshold:size=5",
                                "threshold:size=5,tau=plain",
                                "priority:size=5,weight=norm",
                                "priority:size=5,weight=uniform",
                                "priority:size=5,mixture=0.5,mean=2",
                                "priority:size=5,mixture=0.5,mean=3",
                                "priority:size=5,totals=none",
                                "priority:size=5,totals=full"};
  for (const char* x : kSpecs)
    for (const char* y : kSpecs)
      if (x != y)
        expect_incompatible(part(x), part(y, {}, 100), "merge: methods must be equal, got ");
}

TEST_F(MergeRefuses, OtherColumns) {
  const Matrix<double> wide = normal_matrix(normals, 40, 4);
  const SampleSpec spec = parse_sample_spec("priority:size=5");
  expect_incompatible(sample_rows(a.view(), spec), sample_rows(wide.view(), spec, numbers(40, 100)),
                      "merge: columns must be equal, got 3 and 4");
}

TEST_F(MergeRefuses, OtherNamesAndKeys) {
  const Schema plain{.columns = {"x", "y", "z"}}, other{.columns = {"x", "y", "w"}};
  const Schema keyed{.columns = {"x", "y", "z"}, .key = {"id"}};
  const Schema text{.columns = {"x", "y", "z"}, .key = {"id"}, .key_encoding = KeyEncoding::kText};
  const Schema* const schemas[] = {&plain, &other, &keyed, &text};
  for (const Schema* x : schemas)
    for (const Schema* y : schemas)
      if (x != y)
        expect_incompatible(part("priority:size=5", *x), part("priority:size=5", *y, 100),
                            "merge: column names and key columns must be equal, got [x, y, ");
}

TEST_F(MergeRefuses, FloatsWithDoubles) {
  const Matrix<float> floats = converted<float>(a);
  const SampleSpec spec = parse_sample_spec("priority:size=5");
  expect_incompatible(sample_rows(a.view(), spec),
                      sample_rows(floats.view(), spec, numbers(40, 100)),
                      "merge: one digest holds float rows, the other double");
}

TEST_F(MergeRefuses, PartsThatShareARow) {
  for (const char* spec : {"priority:size=5", "threshold:size=5", "priority:size=100"})
    expect_incompatible(part(spec), part(spec),
                        "merge: parts must have no row in common, got row ");
  // even if it is known only as the row at which a part was cut off
  const RowSample first = part("priority:size=39");
  const RowId cut = first.parts().tau_row;
  const RowSample second = sample_rows(a.view().slice(0, 1), first.spec(), std::vector<RowId>{cut});
  expect_incompatible(first, second, "got row " + std::to_string(cut) + " twice");
}

TEST_F(MergeRefuses, LeverageWeights) {
  for (const char* spec :
       {"priority:size=5,weight=leverage", "threshold:size=5,weight=ridge_leverage,ridge=1"})
    expect_incompatible(part(spec), part(spec, {}, 100),
                        "merge: leverage weights belong to a whole matrix, got ");
}

TEST_F(MergeRefuses, SizesThatTruncateCannotReach) {
  const RowSample priority = part("priority:size=20"), threshold = part("threshold:size=20");
  const auto refused = [&](const RowSample& sample, Index size, const std::string& words) {
    expect_refusal(ErrorCode::kInvalidArgument, words, [&] { truncate(sample, size); });
  };
  refused(priority, 21,
          "truncate: size must be at most that of the digest, 20, got 21 (a digest cannot grow: "
          "sketch again)");
  refused(priority, 1, "size must be at least 2, got 1");
  for (const RowSample* sample : {&priority, &threshold})
    for (const Index size : {Index{0}, Index{-5}, std::numeric_limits<Index>::min()})
      refused(*sample, size, "size must be at least");
  EXPECT_EQ(truncate(threshold, 1).spec().size, 1);
}

}  // namespace
}  // namespace prodigest::sampling
