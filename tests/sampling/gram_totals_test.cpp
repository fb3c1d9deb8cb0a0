// totals=gram: AᵀA of all rows, sampled or not, travels with the sample.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stop_token>

#include "expect_error.hpp"
#include "prodigest/io/container.hpp"
#include "prodigest/sampling/merge.hpp"
#include "prodigest/sampling/sample_file.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "reference/matrices.hpp"

namespace prodigest::sampling {
namespace {

const SampleSpec kSpec = parse_sample_spec("priority:size=20,seed=3,totals=gram");

void expect_gram(const std::vector<double>& gram, const Matrix<double>& a) {
  const Matrix<double> exact = exact_product(a, a);
  ASSERT_EQ(std::ssize(gram), a.cols * (a.cols + 1) / 2);
  std::size_t at = 0;
  for (Index i = 0; i < a.cols; ++i)
    for (Index j = i; j < a.cols; ++j, ++at)
      EXPECT_NEAR(gram[at], exact(i, j), 1e-12 * std::sqrt(exact(i, i) * exact(j, j)))
          << i << ' ' << j;
}

struct GramTotals : testing::Test {
  Normals normals{301};
  Matrix<double> a = sparse_matrix(normals, 9001, 7, 0.3);  // three panels of the Gram matrix
};

TEST_F(GramTotals, AreThoseOfAllRowsWhateverTheWeights) {
  for (const char* weight :
       {"squared_norm", "norm", "uniform", "leverage", "squared_norm,mixture=0.5"}) {
    SCOPED_TRACE(weight);
    const RowSample sample = sample_rows(
        a.view(), parse_sample_spec(std::string("threshold:size=20,totals=gram,weight=") + weight));
    expect_gram(sample.totals().gram, a);
    EXPECT_NEAR(*sample.squared_norm(), squared_norm(a), 1e-10 * squared_norm(a));
    EXPECT_TRUE(sample.totals().column_sums.empty());
  }
}

TEST_F(GramTotals, AreTheSameForBlocksOfAnySizeForCsrAndForFloat) {
  RowSampler dense(kSpec, 7), csr(kSpec, 7);
  const CsrMatrix<double> stored = csr_of(a);
  for (Index first = 0; first < a.rows;) {
    const Index count = std::min<Index>(a.rows - first, first < 10 ? 1 : 1234);
    dense.update(a.view().slice(first, count), static_cast<RowId>(first));
    csr.update(stored.view().slice(first, count), static_cast<RowId>(first));
    first += count;
  }
  expect_gram(std::move(dense).finish().totals().gram, a);
  expect_gram(std::move(csr).finish().totals().gram, a);
  const Matrix<float> single = converted<float>(a);
  expect_gram(sample_rows(single.view(), kSpec).totals().gram, dense_of(RowsView(single.view())));
}

TEST_F(GramTotals, AddUpWhenPartsAreMergedAndStayWhenASampleIsCut) {
  const auto part = [&](Index first, Index count) {
    return sample_rows(a.view().slice(first, count), kSpec,
                       numbers(count, static_cast<RowId>(first)));
  };
  const RowSample whole = merge(part(0, 4000), part(4000, 5001));
  expect_gram(whole.totals().gram, a);
  expect_gram(truncate(whole, 5).totals().gram, a);
  expect_gram(merge(whole, RowSampler(kSpec, 7).finish()).totals().gram, a);
}

TEST_F(GramTotals, DoNotMergeWithOtherTotals) {
  const RowSample plain =
      sample_rows(a.view(), parse_sample_spec("priority:size=20,seed=3"), numbers(9001, 100000));
  expect_refusal(ErrorCode::kIncompatible, "merge: methods must be equal",
                 [&] { merge(sample_rows(a.view(), kSpec), plain); });
}

TEST_F(GramTotals, HaveTheSameBitsForAnyNumberOfThreads) {
  Context one, three;
  one.threads = 1;
  three.threads = 3;
  EXPECT_EQ(sample_rows(a.view(), kSpec, {}, {}, one).totals().gram,
            sample_rows(a.view(), kSpec, {}, {}, three).totals().gram);
}

TEST_F(GramTotals, OfNoRowsAreZero) {
  const std::vector<double> gram = RowSampler(kSpec, 3).finish().totals().gram;
  EXPECT_EQ(gram, std::vector<double>(6));
}

TEST_F(GramTotals, AreAsBeforeAfterABlockIsRefused) {
  RowSampler sampler(kSpec, 7);
  sampler.update(a.view(), 0);
  Matrix<double> bad = a;
  bad(9000, 6) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(sampler.update(bad.view(), 10000), Error);
  CsrMatrix<double> unordered = csr_of(a);
  Index row = 0;
  while (unordered.view().row_size(row) < 2) ++row;
  const auto at = static_cast<std::size_t>(unordered.row_start[static_cast<std::size_t>(row)]);
  std::swap(unordered.columns[at], unordered.columns[at + 1]);
  expect_refusal(ErrorCode::kInvalidArgument,
                 "sampler: ", [&] { sampler.update(unordered.view(), 10000); });
  std::stop_source stop;
  stop.request_stop();
  Context cancelled;
  cancelled.cancel = stop.get_token();
  EXPECT_THROW(sampler.update(a.view(), 10000, cancelled), Error);
  expect_gram(std::move(sampler).finish().totals().gram, a);
}

TEST_F(GramTotals, NeedNotTooManyColumns) {
  expect_refusal(ErrorCode::kInvalidArgument,
                 "gram: expected at most 16384 columns, got 16385 (the Gram matrix is d x d",
                 [] { RowSampler(kSpec, 16385); });
}

TEST_F(GramTotals, SurviveAFile) {
  const RowSample sample = sample_rows(a.view(), kSpec);
  const auto bytes = to_bytes(sample);
  const RowSample read = row_sample_from(io::Container::parse(bytes));
  EXPECT_EQ(read.totals().gram, sample.totals().gram);
  EXPECT_EQ(read.spec(), sample.spec());
  EXPECT_EQ(to_bytes(read), bytes);
}

// The file of a sample whose Gram matrix has been tampered with, checksums and all.
void expect_refused_gram(const RowSample& sample, const std::vector<double>& gram,
                         const std::string& words) {
  const io::Container file = io::Container::parse(to_bytes(sample));
  std::vector<io::Tensor> tensors = file.tensors();
  for (io::Tensor& tensor : tensors)
    if (tensor.name == "gram") tensor = io::tensor_of("gram", gram);
  const auto bytes = io::container_bytes(kRowSampleKind, file.metadata(), tensors);
  expect_refusal(ErrorCode::kFormat, words, [&] { row_sample_from(io::Container::parse(bytes)); });
}

TEST_F(GramTotals, AreCheckedWhenRead) {
  const RowSample sample = sample_rows(a.view(), kSpec);
  std::vector<double> gram = sample.totals().gram;
  for (const double bad : {double(NAN), double(INFINITY)}) {
    gram[3] = bad;
    expect_refused_gram(sample, gram, "the Gram matrix must be finite");
  }
  gram[3] = 0;
  gram[7] = -1;  // (1, 1)
  expect_refused_gram(sample, gram, "the diagonal of the Gram matrix must not be negative");
  gram[7] = 1;
  gram.pop_back();
  expect_refused_gram(sample, gram, "gram");
}

}  // namespace
}  // namespace prodigest::sampling
