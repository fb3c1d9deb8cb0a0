// What the order of rows, their form, blocks and threads may change: nothing, or the last bits.

#include "prodigest/linear/sketcher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "expect_error.hpp"
#include "linear/all_specs.hpp"
#include "prodigest/linear/merge.hpp"
#include "prodigest/linear/sketch_file.hpp"
#include "prodigest/linear/sketch_rows.hpp"
#include "reference/matrices.hpp"

namespace prodigest::linear {
namespace {

constexpr Index kRows = 700, kCols = 45;

class Sketcher : public testing::TestWithParam<const char*> {
 protected:
  Index rows() const { return length() == 64 ? 60 : kRows; }
  Index length() const { return spec_.length; }
  Matrix<double> normals_of(std::uint64_t seed) const {
    Normals normals(seed);
    return normal_matrix(normals, rows(), kCols);
  }
  Matrix<double> whole_numbers(std::uint64_t seed) const {
    Matrix<double> matrix = normals_of(seed);
    for (double& x : matrix.storage) x = std::round(3 * x);
    return matrix;
  }
  LinearSketch sketch(const RowsView& view, std::span<const RowId> ids = {},
                      int threads = 1) const {
    return sketch_rows(view, spec_, ids, {}, {.threads = threads});
  }
  static void expect_close(const LinearSketch& got, const LinearSketch& expected) {
    EXPECT_LE(squared_distance(got.parts().values, expected.parts().values),
              1e-24 * squared_norm(expected.parts().values));
    EXPECT_EQ(got.rows(), expected.rows());
    EXPECT_EQ(got.squared_norm(), expected.squared_norm());
  }

  LinearSpec spec_ = parse_linear_spec(GetParam());
  bool sparse_ = spec_.op == Operator::kSparse;
  bool whole_numbers_stay_whole_ = spec_.op != Operator::kGaussian;
};
INSTANTIATE_TEST_SUITE_P(All, Sketcher, testing::ValuesIn(kAllSpecs));

// What remains of the numbers where only floats are kept.
Matrix<double> through_float(const Matrix<double>& matrix) {
  Matrix<double> copy = matrix;
  for (double& x : copy.storage) x = static_cast<double>(static_cast<float>(x));
  return copy;
}

TEST_P(Sketcher, IsLinear) {
  const Matrix<double> a = normals_of(1), b = normals_of(2);
  Matrix<double> sum = a;
  for (std::size_t i = 0; i < sum.storage.size(); ++i) sum.storage[i] += b.storage[i];
  Matrix<double> doubled = a;
  for (double& x : doubled.storage) x *= 2;
  spec_.rows = RowUpdates::kParts;
  LinearSketch expected = sketch(sum.view());
  SketchParts parts = add(sketch(a.view()), sketch(b.view())).parts();
  EXPECT_EQ(parts.rows, 2 * rows());
  parts.rows = rows();
  expect_close(LinearSketch(parts), expected);
  // Powers of two are exact.
  Matrix<double> twice = sketch(a.view()).parts().values;
  for (double& x : twice.storage) x *= 2;
  EXPECT_EQ(sketch(doubled.view()).parts().values, twice);
}

TEST_P(Sketcher, TakesDenseAndSparseRowsFloatsAndDoubles) {
  Normals normals(3);
  const Matrix<double> a = through_float(sparse_matrix(normals, rows(), kCols, 0.3));
  const Matrix<float> floats = converted<float>(a);
  const LinearSketch expected = sketch(a.view());
  for (const bool zeros : {false, true}) {
    const CsrMatrix<double> sparse = csr_of(a, zeros);
    const CsrMatrix<float> sparse_floats = csr_of(floats, zeros);
    expect_close(sketch(sparse.view()), expected);
    expect_close(sketch(sparse_floats.view()), expected);
    if (sparse_) {
      EXPECT_EQ(to_bytes(sketch(sparse.view())), to_bytes(expected));
      EXPECT_EQ(to_bytes(sketch(sparse_floats.view())), to_bytes(expected));
    }
  }
  EXPECT_EQ(to_bytes(sketch(floats.view())), to_bytes(expected));
}

TEST_P(Sketcher, TakesRowsInAnyOrder) {
  const std::vector<RowId> order = shuffled_numbers(rows(), 4);
  const Matrix<double> a = normals_of(5), whole = whole_numbers(6);
  expect_close(sketch(rows_at(a, order).view(), order), sketch(a.view()));
  if (whole_numbers_stay_whole_) {
    EXPECT_EQ(to_bytes(sketch(rows_at(whole, order).view(), order)),
              to_bytes(sketch(whole.view())));
  }
}

TEST_P(Sketcher, TakesBlocksOfAnySize) {
  const Matrix<double> a = normals_of(7);
  const CsrMatrix<double> sparse = csr_of(a);
  const LinearSketch expected = sketch(a.view());
  for (const Index size : {1, 3, 64, 699})
    for (const RowsView& view : {RowsView(a.view()), RowsView(sparse.view())}) {
      LinearSketcher sketcher(spec_, kCols);
      for (Index first = 0; first < rows(); first += size)
        sketcher.update(slice(view, first, std::min(size, rows() - first)),
                        static_cast<RowId>(first), {.threads = 1});
      const LinearSketch got = std::move(sketcher).finish();
      expect_close(got, expected);
      if (sparse_) {
        EXPECT_EQ(to_bytes(got), to_bytes(expected));
      }
    }
}

TEST_P(Sketcher, HasTheSameBitsForEveryNumberOfThreads) {
  // Large enough that there is more than one task, and that the sums are copied first.
  Normals normals(8);
  const Index many = length() == 64 ? 60 : length() > 0 ? 1000 : 5000;
  const Matrix<double> a = normal_matrix(normals, many, 130);
  const CsrMatrix<double> sparse = csr_of(sparse_matrix(normals, many, 700, 0.1));
  for (const RowsView& view : {RowsView(a.view()), RowsView(sparse.view())}) {
    const auto expected = to_bytes(sketch(view, {}, 1));
    EXPECT_EQ(to_bytes(sketch(view, {}, 2)), expected);
    EXPECT_EQ(to_bytes(sketch(view, {}, 7)), expected);
  }
}

TEST_P(Sketcher, AddsPartsOfRows) {
  const Matrix<double> a = normals_of(9), b = normals_of(10);
  Matrix<double> sum = a;
  for (std::size_t i = 0; i < sum.storage.size(); ++i) sum.storage[i] += b.storage[i];
  spec_.rows = RowUpdates::kParts;
  LinearSketcher sketcher(spec_, kCols);
  std::vector<RowId> ids = numbers(rows());
  sketcher.update(a.view(), ids, {.threads = 1});
  std::ranges::reverse(ids);
  Matrix<double> reversed = rows_at(b, ids);
  sketcher.update(reversed.view(), ids, {.threads = 1});
  SketchParts parts = std::move(sketcher).finish().parts();
  EXPECT_EQ(parts.rows, 2 * rows());
  parts.rows = rows();
  EXPECT_FALSE(LinearSketch(parts).squared_norm());
  expect_close(LinearSketch(parts), sketch(sum.view()));
  // One row twice in one block.
  const Matrix<double> two =
      MatrixView<const double>(a).rows > 1 ? rows_at(a, std::vector<RowId>{0, 1}) : a;
  Matrix<double> together(1, kCols);
  for (Index j = 0; j < kCols; ++j) together(0, j) = two(0, j) + two(1, j);
  const std::vector<RowId> twice = {7, 7}, once = {7};
  const Matrix<double> got = sketch(two.view(), twice).parts().values,
                       expected = sketch(together.view(), once).parts().values;
  EXPECT_LE(squared_distance(got, expected), 1e-24 * squared_norm(expected));
}

TEST_P(Sketcher, TakesRowsFarApart) {
  if (length() == 64) return;
  spec_.length = length() == 0 ? 0 : Index{1} << 62;
  const RowId end = length() == 0 ? ~RowId{0} : (RowId{1} << 62) - 1;
  const std::vector<RowId> ids = {0, 5, RowId{1} << 40, end};
  const Matrix<double> a = rows_at(normals_of(11), numbers(4));
  const LinearSketch all = sketch(a.view(), ids);
  Matrix<double> sum(spec_.size, kCols);
  for (Index i = 0; i < 4; ++i) {
    const LinearSketch one =
        sketch(a.view().slice(i, 1), std::span(ids).subspan(static_cast<std::size_t>(i), 1));
    EXPECT_GT(squared_norm(one.parts().values), 0);
    for (std::size_t e = 0; e < sum.storage.size(); ++e)
      sum.storage[e] += one.parts().values.storage[e];
  }
  EXPECT_LE(squared_distance(all.parts().values, sum), 1e-24 * squared_norm(sum));
}

TEST_P(Sketcher, TakesNoRowsAndRowsOfZeros) {
  const LinearSketch none = LinearSketcher(spec_, kCols).finish();
  EXPECT_EQ(none.rows(), 0);
  EXPECT_EQ(*none.squared_norm(), 0);
  EXPECT_EQ(squared_norm(none.parts().values), 0);
  EXPECT_EQ(none.parts().values.rows, spec_.size);
  const Matrix<double> zeros(10, kCols), empty(0, kCols);
  EXPECT_EQ(to_bytes(sketch(empty.view())), to_bytes(none));
  EXPECT_EQ(sketch(zeros.view()).parts().values, none.parts().values);
  EXPECT_EQ(sketch(zeros.view()).rows(), 10);
}

TEST_P(Sketcher, RoundsToFloatOnceAtTheEnd) {
  const Matrix<double> a = normals_of(12);
  const LinearSketch full = sketch(a.view());
  spec_.single = true;
  const LinearSketch single = sketch(a.view());
  EXPECT_EQ(single.parts().values, through_float(full.parts().values));
  EXPECT_EQ(single.squared_norm(), full.squared_norm());
  Matrix<double> large(1, kCols);
  large(0, 0) = 0x1p200;
  expect_refusal(ErrorCode::kInvalidArgument,
                 "values must be within the range of float for values=f32",
                 [&] { sketch(large.view()); });
}

TEST_P(Sketcher, CancelledInTheMiddleIsAsBefore) {
  Normals normals(13);
  const Matrix<double> first = rows_at(normals_of(14), numbers(10));
  // Once so large that the sums are copied, once so small that they are not.
  for (const Index rows : {Index{20}, length() > 0 ? length() - 10 : Index{50000}}) {
    const Matrix<double> block = normal_matrix(normals, rows, kCols);
    LinearSketcher sketcher(spec_, kCols);
    sketcher.update(first.view(), RowId{0});
    std::stop_source source;
    Context context{.threads = 1, .cancel = source.get_token(), .progress = {}};
    Index reported = 0;
    context.progress = [&](Index done) {
      reported = done;
      source.request_stop();
    };
    const auto update = [&] { sketcher.update(block.view(), RowId{10}, context); };
    if (rows == 50000) {
      expect_refusal(ErrorCode::kCancelled, "cancelled", update);
      EXPECT_GT(reported, 0);
      EXPECT_LT(reported, rows);
    } else {
      source.request_stop();
      expect_refusal(ErrorCode::kCancelled, "cancelled", update);
    }
    // What comes after is as if nothing had been tried.
    sketcher.update(first.view().slice(0, 1), RowId{10});
    LinearSketcher untouched(spec_, kCols);
    untouched.update(first.view(), RowId{0});
    untouched.update(first.view().slice(0, 1), RowId{10});
    EXPECT_EQ(to_bytes(std::move(sketcher).finish()), to_bytes(std::move(untouched).finish()));
  }
}

TEST_P(Sketcher, CancelledBeforeAnythingWasAddedIsAsNew) {
  Normals normals(15);
  const Index rows = length() > 0 ? length() : 5000;
  const Matrix<double> block = normal_matrix(normals, rows, kCols);
  LinearSketcher sketcher(spec_, kCols);
  std::stop_source source;
  Context context{.threads = 1, .cancel = source.get_token(), .progress = {}};
  context.progress = [&](Index) { source.request_stop(); };
  Matrix<double> with_nan = block;
  with_nan(rows - 1, 0) = NAN;
  EXPECT_THROW(sketcher.update(with_nan.view(), RowId{0}, context), Error);
  source.request_stop();
  expect_refusal(ErrorCode::kCancelled, "cancelled",
                 [&] { sketcher.update(block.view(), RowId{0}, context); });
  sketcher.update(block.view(), RowId{0});
  EXPECT_EQ(to_bytes(std::move(sketcher).finish()), to_bytes(sketch(block.view())));
}

TEST(SketchRows, OfSrhtFindsTheLength) {
  Normals normals(15);
  const Matrix<double> a = normal_matrix(normals, 33, 2);
  const auto length = [&](const char* spec, std::span<const RowId> ids = {}) {
    return sketch_rows(a.view(), parse_linear_spec(spec), ids).spec().length;
  };
  EXPECT_EQ(length("srht:size=3"), 64);
  EXPECT_EQ(length("srht:size=64"), 64);
  expect_refusal(ErrorCode::kInvalidArgument,
                 "size of srht must be at most the number of rows, 64 as a power of two, got 65",
                 [&] { length("srht:size=65"); });
  EXPECT_EQ(length("srht:size=3,length=1024"), 1024);
  EXPECT_EQ(length("srht:size=3", numbers(33, 31)), 64);
  EXPECT_EQ(length("srht:size=3", numbers(33, 32)), 128);
  expect_refusal(ErrorCode::kInvalidArgument,
                 "sketch_rows: srht needs row ids below 2^62, got 4611686018427387904",
                 [&] { length("srht:size=3", numbers(33, (RowId{1} << 62) - 32)); });
  const Matrix<double> none(0, 2);
  EXPECT_EQ(sketch_rows(none.view(), parse_linear_spec("srht:size=1")).spec().length, 1);
}

}  // namespace
}  // namespace prodigest::linear
