// What the order of rows, their form, blocks and threads may change: nothing.

#include "prodigest/lattice/encoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "expect_error.hpp"
#include "io/memory_rows.hpp"
#include "lattice/codes.hpp"
#include "prodigest/lattice/codes_file.hpp"

namespace prodigest::lattice {
namespace {

// Blocks of a matrix as a file would give them.
class Blocks final : public io::RowReader {
 public:
  Blocks(const RowsView& rows, Index block_rows, std::span<const RowId> ids = {})
      : rows_(rows), block_rows_(block_rows), ids_(ids) {}
  Index cols() const override { return cols_of(rows_); }
  const std::vector<std::string>& column_names() const override { return no_names_; }
  bool next(io::RowBlock& block) override {
    const Index count = std::min(block_rows_, rows_of(rows_) - at_);
    if (count <= 0) return false;
    block = {slice(rows_, at_, count), static_cast<RowId>(at_), {}};
    if (!ids_.empty())
      block.row_ids = ids_.subspan(static_cast<std::size_t>(at_), static_cast<std::size_t>(count));
    at_ += count;
    return true;
  }
  void rewind() override { at_ = 0; }

 private:
  RowsView rows_;
  Index block_rows_, at_ = 0;
  std::span<const RowId> ids_;
  std::vector<std::string> no_names_;
};

Matrix<double> transposed(const Matrix<double>& matrix) {
  Matrix<double> out(matrix.cols, matrix.rows);
  for (Index i = 0; i < matrix.rows; ++i)
    for (Index j = 0; j < matrix.cols; ++j) out(j, i) = matrix(i, j);
  return out;
}

// What remains of the numbers where only floats are kept.
Matrix<double> through_float(const Matrix<double>& matrix) {
  return converted<double>(dense_of(converted<float>(matrix).view()));
}

class Encoder : public testing::TestWithParam<const char*> {
 protected:
  static constexpr Index kRows = 70, kCols = 37;
  LatticeSpec spec_ = spec_of(GetParam());
  Normals normals_{61};
  Matrix<double> a_ = through_float(sparse_matrix(normals_, kRows, kCols, 0.4));
  std::vector<std::byte> expected_ = to_bytes(encode_rows(a_.view(), spec_));
};
INSTANTIATE_TEST_SUITE_P(All, Encoder, testing::ValuesIn(kAllSpecs));

TEST_P(Encoder, GivesTheSameBytesForAnyThreads) {
  for (const int threads : {1, 2, 7})
    EXPECT_EQ(to_bytes(encode_rows(a_.view(), spec_, {}, {}, {.threads = threads})), expected_);
}

TEST_P(Encoder, TakesDenseAndSparseRowsFloatsAndDoubles) {
  const Matrix<float> floats = converted<float>(a_);
  EXPECT_EQ(to_bytes(encode_rows(floats.view(), spec_)), expected_);
  for (const bool zeros : {false, true}) {
    const CsrMatrix<double> sparse = csr_of(a_, zeros);
    const CsrMatrix<float> sparse_floats = csr_of(floats, zeros);
    EXPECT_EQ(to_bytes(encode_rows(sparse.view(), spec_)), expected_);
    EXPECT_EQ(to_bytes(encode_rows(sparse_floats.view(), spec_)), expected_);
  }
}

TEST_P(Encoder, TakesRowsInAnyOrderAndBlocksOfAnySize) {
  const std::vector<RowId> order = shuffled_numbers(kRows, 4);
  const Matrix<double> shuffled = rows_at(a_, order);
  const CsrMatrix<double> sparse = csr_of(shuffled);
  EXPECT_EQ(to_bytes(encode_rows(shuffled.view(), spec_, order)), expected_);
  EXPECT_EQ(to_bytes(encode_rows(sparse.view(), spec_, order)), expected_);
  for (const Index block_rows : {Index{1}, Index{13}, kRows}) {
    Blocks in_order(a_.view(), block_rows), by_key(shuffled.view(), block_rows, order),
        sparse_by_key(sparse.view(), block_rows, order);
    EXPECT_EQ(to_bytes(encode_rows(in_order, spec_)), expected_);
    EXPECT_EQ(to_bytes(encode_rows(by_key, spec_)), expected_);
    EXPECT_EQ(to_bytes(encode_rows(sparse_by_key, spec_)), expected_);
  }
}

TEST_P(Encoder, TakesColumnsAndVectorsAsTheyCome) {
  const Matrix<double> vectors = transposed(a_);
  const CsrMatrix<double> sparse_vectors = csr_of(vectors);
  for (const Index step : {1, 5, 36}) {
    LatticeEncoder columns(spec_, kRows), dense(spec_, kRows), sparse(spec_, kRows);
    for (Index first = 0; first < kCols; first += step) {
      const Index count = std::min(step, kCols - first);
      const MatrixView<const double> part(a_.storage.data() + first, kRows, count, kCols);
      columns.append(part);
      dense.append_vectors(slice(vectors.view(), first, count));
      sparse.append_vectors(slice(sparse_vectors.view(), first, count));
      EXPECT_EQ(columns.cols(), first + count);
      // What is there can be used at any time, and a part of the columns is coded as in the whole.
      EXPECT_EQ(decode(columns.snapshot()),
                decode(codes_of(a_.view(), GetParam()), 0, columns.cols()));
    }
    EXPECT_EQ(to_bytes(columns.snapshot()), expected_);
    EXPECT_EQ(to_bytes(std::move(columns).finish()), expected_);
    EXPECT_EQ(to_bytes(std::move(dense).finish()), expected_);
    EXPECT_EQ(to_bytes(std::move(sparse).finish()), expected_);
  }
  Blocks reader(vectors.view(), 10);
  EXPECT_EQ(to_bytes(encode_vectors(reader, spec_)), expected_);
}

TEST_P(Encoder, TellsHowFarItIs) {
  std::vector<Index> done;
  Context context{
      .threads = 1, .cancel = {}, .progress = [&](Index rows) { done.push_back(rows); }};
  Blocks rows(a_.view(), 30);
  encode_rows(rows, spec_, {}, context);
  EXPECT_EQ(done, (std::vector<Index>{30, 60, kRows}));
  done.clear();
  const Matrix<double> turned = transposed(a_);
  Blocks vectors(turned.view(), 30);
  encode_vectors(vectors, spec_, context);
  EXPECT_EQ(done, (std::vector<Index>{30, kCols}));
}

TEST_P(Encoder, KeepsNothingOfWhatItWasStoppedIn) {
  LatticeEncoder encoder(spec_, kRows);
  encoder.append(a_.view());
  std::stop_source stop;
  const Context context{
      .threads = 1, .cancel = stop.get_token(), .progress = [&](Index) { stop.request_stop(); }};
  expect_refusal(ErrorCode::kCancelled, "cancelled", [&] { encoder.append(a_.view(), context); });
  EXPECT_EQ(to_bytes(std::move(encoder).finish()), expected_);
}

TEST(EncoderRows, AreNamedByTheirIds) {
  Normals normals(3);
  const Matrix<double> a = normal_matrix(normals, 3, 2);
  const std::vector<RowId> ids = {9, ~RowId{0}, 4};
  const LatticeCodes keyed = codes_of(a.view(), "format=F4", ids);
  EXPECT_EQ(keyed.parts().row_set, row_set_of(ids));
  EXPECT_EQ(codes_of(a.view(), "format=F4").parts().row_set, row_set_of(3));
  EXPECT_NE(row_set_of(ids), row_set_of(3));
}

TEST(RowSet, DependsOnTheIdsAndNotOnTheirOrder) {
  for (const Index rows : {0, 1, 2, 100, 4096, 10000}) {
    EXPECT_EQ(row_set_of(rows), row_set_of(numbers(rows)));
    EXPECT_EQ(row_set_of(rows), row_set_of(shuffled_numbers(rows, 1)));
    EXPECT_NE(row_set_of(rows), row_set_of(rows + 1));
    EXPECT_NE(row_set_of(numbers(rows + 1)), row_set_of(numbers(rows + 1, 1)));
  }
}

// As other programs make it: XXH3_64bits of the ids, ascending, 8 little-endian bytes each.
TEST(RowSet, IsWhatFilesHold) {
  EXPECT_EQ(row_set_of(0), 0x2d06800538d394c2u);
  EXPECT_EQ(row_set_of(3), row_set_of(std::vector<RowId>{2, 0, 1}));
}

}  // namespace
}  // namespace prodigest::lattice
