#include "prodigest/sampling/leverage.hpp"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/fail.hpp"
#include "core/gemm.hpp"
#include "core/parallel.hpp"
#include "core/squared_norms.hpp"
#include "core/row_checks.hpp"

namespace prodigest::sampling {
namespace {

constexpr Index kMostColumns = Index{1} << 14;
constexpr Index kPanelRows = 4096;
constexpr double kRankTolerance = 1e-12;

Matrix<double> as_double(const MatrixView<const float>& view) {
  Matrix<double> copy(view.rows, view.cols);
  for (Index i = 0; i < view.rows; ++i) std::copy_n(view.row_data(i), view.cols, copy.view().row_data(i));
  return copy;
}

MatrixView<const double> as_double(const MatrixView<const double>& view) { return view; }

void add(const Matrix<double>& part, Matrix<double>& sum) {
  for (std::size_t i = 0; i < sum.storage.size(); ++i) sum.storage[i] += part.storage[i];
}

// Whatever may throw comes before the sum is touched.
template <Real T>
void add_gram(MatrixView<const T> block, Matrix<double>& sum, const Context& context) {
  Matrix<double> part(sum.rows, sum.cols), all;
  for (Index first = 0; first < block.rows; first += kPanelRows) {
    throw_if_cancelled(context);
    const auto& panel = as_double(block.slice(first, std::min(kPanelRows, block.rows - first)));
    multiply_transposed(panel, panel, part.view(), context);
    if (block.rows <= kPanelRows) return add(part, sum);
    if (first == 0) all = Matrix<double>(sum.rows, sum.cols);
    add(part, all);
  }
  if (block.rows > 0) add(all, sum);
}
template <Real T>
void add_gram(CsrView<T> panel, Matrix<double>& sum, const Context&) {
  for (Index r = 0; r < panel.rows; ++r)
    for (Index i = panel.row_start[r]; i < panel.row_start[r + 1]; ++i)
      for (Index j = panel.row_start[r]; j < panel.row_start[r + 1]; ++j)
        sum(panel.columns[i], panel.columns[j]) += static_cast<double>(panel.values[i]) * panel.values[j];
}

void multiply_panel(MatrixView<const double> panel, const Matrix<double>& b, Matrix<double>& out) {
  Context serial;
  serial.threads = 1;
  multiply(panel, b.view(), out.view(), serial);
}
void multiply_panel(MatrixView<const float> panel, const Matrix<double>& b, Matrix<double>& out) {
  const Matrix<double> wide = as_double(panel);
  multiply_panel(wide.view(), b, out);
}
template <Real T>
void multiply_panel(CsrView<T> panel, const Matrix<double>& b, Matrix<double>& out) {
  for (Index r = 0; r < panel.rows; ++r)
    for (Index at = panel.row_start[r]; at < panel.row_start[r + 1]; ++at)
      for (Index c = 0; c < b.cols; ++c) out(r, c) += panel.values[at] * b(panel.columns[at], c);
}

void check_block(const RowsView& block, Index cols, RowId first_row) {
  if (cols_of(block) != cols)
    fail(ErrorCode::kInvalidArgument, "leverage: expected rows of {} columns, got {}", cols, cols_of(block));
  std::vector<RowId> row_ids(static_cast<std::size_t>(rows_of(block)));
  std::iota(row_ids.begin(), row_ids.end(), first_row);
  check_columns("leverage", block, row_ids);
}

}  // namespace

Gram::Gram(Index cols) {
  check_cols("leverage", cols);
  if (cols > kMostColumns)
    fail(ErrorCode::kInvalidArgument,
         "gram: expected at most {} columns, got {} (the Gram matrix is d x d; use weight=squared_norm and totals=norm)",
         kMostColumns, cols);
  sum_ = Matrix<double>(cols, cols);
}

void Gram::update(const RowsView& block, const Context& context) {
  check_block(block, sum_.cols, static_cast<RowId>(rows_));
  throw_if_cancelled(context);
  std::visit([&](const auto& view) { add_gram(view, sum_, context); }, block);
  rows_ += rows_of(block);
}

LeverageScores::LeverageScores(MatrixView<const double> gram, double ridge) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const RowMajor> g(gram.data, gram.rows, gram.cols);
  if (!g.allFinite())
    fail(ErrorCode::kInvalidArgument, "leverage: entries must be finite, and so must their squares, got NaN or Inf in the Gram matrix");
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(g);
  const Eigen::VectorXd& values = solver.eigenvalues();  // ascending
  const double least = std::max(values[values.size() - 1] * kRankTolerance, std::numeric_limits<double>::min());
  std::vector<Index> kept;  // with a ridge no direction is absent
  for (Index i = 0; i < values.size(); ++i)
    if (values[i] >= least || ridge > 0) kept.push_back(i);
  half_ = Matrix<double>(gram.rows, std::ssize(kept));
  for (Index c = 0; c < std::ssize(kept); ++c) {
    const Index i = kept[static_cast<std::size_t>(c)];
    const double value = std::max(values[i], 0.0);  // rounding may put it below
    for (Index r = 0; r < gram.rows; ++r) half_(r, c) = solver.eigenvectors()(r, i) / std::sqrt(value + ridge);
    total_ += value / (value + ridge);
  }
}

std::vector<double> LeverageScores::operator()(const RowsView& block, const Context& context) const {
  check_block(block, half_.rows, 0);
  std::vector<double> scores(static_cast<std::size_t>(rows_of(block)));
  parallel_blocks(context, rows_of(block), kPanelRows, [&](Index first, Index count) {
    Matrix<double> projected(count, half_.cols);
    std::visit([&](const auto& panel) { multiply_panel(panel, half_, projected); }, slice(block, first, count));
    squared_norms(std::as_const(projected).view(), std::span(scores).subspan(first, count));
  });
  return scores;
}

}  // namespace prodigest::sampling
