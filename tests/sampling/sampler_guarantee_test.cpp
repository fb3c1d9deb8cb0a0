// What a sampler promises when a call fails, and how it talks while it works.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "prodigest/core/random.hpp"
#include "prodigest/sampling/sample_file.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "expect_error.hpp"
#include "reference/matrices.hpp"
#include "sampling/method_name.hpp"

namespace prodigest::sampling {
namespace {

constexpr Index kRows = 3000, kCols = 100;  // many chunks

struct AfterAThrow : testing::TestWithParam<std::tuple<Method, const char*>> {
  Normals normals{51};
  Matrix<double> a = heavy_matrix(normals, kRows, kCols);

  SampleSpec spec() const {
    SampleSpec spec =
        parse_sample_spec(std::string("priority:size=100,") + std::get<1>(GetParam()));
    spec.method = std::get<0>(GetParam());
    return spec;
  }
  bool given_weights() const { return spec().weight == Weight::kUser; }
  void update(RowSampler& sampler, const RowsView& block, RowId first,
              const Context& context = {}) {
    const std::vector<RowId> ids = numbers(rows_of(block), first);
    if (given_weights())
      sampler.update(block, ids, std::vector<double>(ids.size(), 0.5), context);
    else
      sampler.update(block, first, context);
  }

  // The same bytes as if the bad call between the two good ones had never been.
  void expect_unchanged_by(ErrorCode code, const std::string& words,
                           const std::function<void(RowSampler&)>& bad_call) {
    const Index half = kRows / 2;
    RowSampler undisturbed(spec(), kCols), disturbed(spec(), kCols);
    for (RowSampler* sampler : {&undisturbed, &disturbed}) {
      update(*sampler, a.view().slice(0, half), 0);
      if (sampler == &disturbed) expect_refusal(code, words, [&] { bad_call(*sampler); });
      update(*sampler, a.view().slice(half, kRows - half), half);
    }
    EXPECT_EQ(to_bytes(std::move(disturbed).finish()), to_bytes(std::move(undisturbed).finish()));
  }
};

TEST_P(AfterAThrow, ASamplerIsAsItWasBeforeNotANumberInTheLastRow) {
  Matrix<double> bad = heavy_matrix(normals, kRows, kCols);
  bad(kRows - 1, 98) = NAN;
  expect_unchanged_by(ErrorCode::kInvalidArgument, "got nan in row 12999, column 98",
                      [&](RowSampler& sampler) { update(sampler, bad.view(), 10000); });
}

TEST_P(AfterAThrow, ASamplerIsAsItWasBeforeABadColumn) {
  CsrMatrix<double> bad = csr_of(heavy_matrix(normals, kRows, kCols));
  bad.columns.back() = kCols;
  expect_unchanged_by(
      ErrorCode::kInvalidArgument,
      "columns of a CSR row must ascend within [0, 100), got 100 after 98 in row 12999",
      [&](RowSampler& sampler) { update(sampler, bad.view(), 10000); });
}

TEST_P(AfterAThrow, ASamplerIsAsItWasBeforeItWasCancelled) {
  const Matrix<double> more = heavy_matrix(normals, kRows, kCols);
  std::stop_source stop;
  Context context;
  context.cancel = stop.get_token();
  context.progress = [&](Index rows) {
    if (rows > kRows / 3) stop.request_stop();
  };
  expect_unchanged_by(ErrorCode::kCancelled, "cancelled: the caller asked to stop",
                      [&](RowSampler& sampler) { update(sampler, more.view(), 10000, context); });
}

TEST_P(AfterAThrow, ASamplerIsAsItWasBeforeAnotherValueType) {
  const Matrix<float> floats = converted<float>(a);
  expect_unchanged_by(ErrorCode::kInvalidArgument,
                      "expected double values as in the blocks before, got float",
                      [&](RowSampler& sampler) { update(sampler, floats.view(), 10000); });
}

TEST_P(AfterAThrow, ASamplerIsAsItWasBeforeAProgressReportThatThrew) {
  Context context;
  context.progress = [](Index rows) {
    if (rows > kRows / 2) throw Error(ErrorCode::kIo, "pipe closed");
  };
  expect_unchanged_by(ErrorCode::kIo, "pipe closed",
                      [&](RowSampler& sampler) { update(sampler, a.view(), 10000, context); });
}

std::string case_name(const testing::TestParamInfo<std::tuple<Method, const char*>>& info) {
  std::string name = method_name(std::get<0>(info.param)) + std::get<1>(info.param);
  std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
  return name;
}
INSTANTIATE_TEST_SUITE_P(Samplers, AfterAThrow,
                         testing::Combine(kAllMethods,
                                          testing::Values("totals=full", "weight=norm,totals=full",
                                                          "weight=uniform,totals=full",
                                                          "weight=user,totals=full",
                                                          "mixture=0.5,mean=3,totals=full")),
                         case_name);

TEST(Progress, CountsTheRowsOfABlockOneAfterTheOther) {
  Normals normals(52);
  const Matrix<double> a = normal_matrix(normals, kRows, kCols);
  for (const int threads : {1, 2, 7}) {
    std::vector<Index> reports;
    Context context;
    context.threads = threads;
    context.progress = [&](Index rows) { reports.push_back(rows); };
    RowSampler sampler(parse_sample_spec("priority:size=10"), kCols);
    sampler.update(a.view(), 0, context);
    ASSERT_GT(reports.size(), 1u);
    EXPECT_TRUE(std::ranges::is_sorted(reports));
    EXPECT_EQ(reports.back(), kRows);
  }
}

// Three blocks of 1,000 rows.
class ThreeBlocks final : public io::RowReader {
 public:
  explicit ThreeBlocks(const Matrix<double>& a) : a_(a) {}
  Index cols() const override { return a_.cols; }
  const std::vector<std::string>& column_names() const override { return names_; }
  bool next(io::RowBlock& block) override {
    if (at_ == 3000) return false;
    block = {a_.view().slice(at_, 1000), static_cast<RowId>(at_), {}};
    at_ += 1000;
    return true;
  }
  void rewind() override { at_ = 0; }

 private:
  const Matrix<double>& a_;
  Index at_ = 0;
  std::vector<std::string> names_;
};

TEST(Progress, OfAReaderCountsTheRowsOfTheFileOnceHoweverManyPassesItTakes) {
  Normals normals(53);
  const Matrix<double> a = normal_matrix(normals, kRows, kCols);
  for (const char* spec :
       {"priority:size=10", "priority:size=10,weight=leverage", "threshold:size=10,mixture=0.5"}) {
    ThreeBlocks reader(a);
    std::vector<Index> reports;
    Context context;
    context.progress = [&](Index rows) { reports.push_back(rows); };
    const RowSample sample = sample_rows(reader, parse_sample_spec(spec), {}, context);
    EXPECT_EQ(reports, (std::vector<Index>{1000, 2000, 3000})) << spec;
    EXPECT_EQ(sample.rows(), kRows);
    if (sample.spec().weight == Weight::kLeverage) continue;  // its last bits depend on the blocks
    EXPECT_EQ(to_bytes(sample), to_bytes(sample_rows(a.view(), parse_sample_spec(spec))));
  }
}

TEST(Progress, OfAMatrixInMemoryCountsItsRowsOnceHoweverManyPassesItTakes) {
  Normals normals(54);
  const Matrix<double> a = normal_matrix(normals, 20000, 10);
  for (const char* spec :
       {"priority:size=10", "priority:size=10,weight=leverage", "threshold:size=10,mixture=0.5"}) {
    std::vector<Index> reports;
    Context context;
    context.progress = [&](Index rows) { reports.push_back(rows); };
    sample_rows(a.view(), parse_sample_spec(spec), {}, {}, context);
    EXPECT_TRUE(std::ranges::is_sorted(reports)) << spec;
    EXPECT_EQ(std::ranges::count(reports, 20000), 1) << spec;
  }
}

TEST(UniformWeights, LeaveRowsThatCanNoLongerBeKeptUnread) {
  const SampleSpec spec = parse_sample_spec("priority:size=10,weight=uniform");
  const auto sample_of = [&](const Matrix<double>& a) {
    RowSampler sampler(spec, 2);
    sampler.update(a.view().slice(0, 2000), 0);
    sampler.update(a.view().slice(2000, 2000), 2000);
    return std::move(sampler).finish();
  };
  Matrix<double> a(4000, 2);
  const RowSample expected = sample_of(a);
  const double limit = sample_rows(a.view().slice(0, 2000), spec).tau();
  Index unread = 0;
  for (Index row = 2000; row < 4000; ++row) {
    if (uniform(spec.seed, Domain::kRowSelection, static_cast<RowId>(row)) <= limit) continue;
    a(row, 1) = NAN;
    ++unread;
  }
  EXPECT_GT(unread, 1900);
  EXPECT_EQ(to_bytes(sample_of(a)), to_bytes(expected));
  a(static_cast<Index>(expected.row_ids()[3]), 1) = NAN;
  expect_refusal(ErrorCode::kInvalidArgument, "entries must be finite", [&] { sample_of(a); });
}

}  // namespace
}  // namespace prodigest::sampling
