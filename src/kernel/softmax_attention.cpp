#include "prodigest/kernel/softmax_attention.hpp"

#include <algorithm>
#include <cmath>

#include "base/fail.hpp"
#include "kernel/point_checks.hpp"

namespace prodigest::kernel {
namespace {

constexpr char kWhere[] = "softmax_attention";
// Kernels below 2^-126 are no floats; row sums well above leave nothing out.
constexpr double kLeastRowLog2 = -100;

void check_shapes(MatrixView<const float> queries, MatrixView<const float> keys,
                  MatrixView<const float> values, MatrixView<float> out) {
  if (values.rows != keys.rows)
    fail(ErrorCode::kInvalidArgument, "{}: there must be as many values as keys, {}, got {}",
         kWhere, keys.rows, values.rows);
  if (out.rows != queries.rows || out.cols != values.cols)
    fail(ErrorCode::kInvalidArgument, "{}: out must be {} x {}, got {} x {}", kWhere, queries.rows,
         values.cols, out.rows, out.cols);
  check_finite(kWhere, "values", values);
}

// Of the column that row sums come from, in the mean of the other rows' norms: small enough not to
// take up the error allowed, and large enough to be computed as well as the others.
constexpr double kOne = 0.5;
const double kWhole = std::sqrt(1 + kOne * kOne);  // norm of all columns / that of the values

// Values minus their mean, and one more column.
struct Columns {
  Matrix<double> x{};
  std::vector<double> mean{};
  double one = 1;
};

Columns columns_of(MatrixView<const float> values) {
  Columns made{Matrix<double>(values.rows, values.cols + 1),
               std::vector<double>(static_cast<std::size_t>(values.cols))};
  const auto n = static_cast<double>(values.rows);
  double squares = 0;
  for (Index c = 0; c < values.cols; ++c) {
    double& mean = made.mean[static_cast<std::size_t>(c)];
    for (Index j = 0; j < values.rows; ++j) mean += static_cast<double>(values(j, c)) / n;
    for (Index j = 0; j < values.rows; ++j) {
      const double x = made.x(j, c) = static_cast<double>(values(j, c)) - mean;
      squares += x * x;
    }
  }
  if (squares > 0) made.one = kOne * std::sqrt(squares / n);
  for (Index j = 0; j < values.rows; ++j) made.x(j, values.cols) = made.one;
  return made;
}

void check_row_sums(const SoftmaxReport& report) {
  if (report.least_row_log2 < kLeastRowLog2)
    fail(ErrorCode::kUnsupported,
         "{}: row sums of the Gaussian kernel must be above 2^{}, as floats hold no smaller ones, "
         "got 2^{:.1f} (take exact softmax attention, or a smaller scale)",
         kWhere, kLeastRowLog2, report.least_row_log2);
}

}  // namespace

SoftmaxReport softmax_attention(MatrixView<const float> queries, MatrixView<const float> keys,
                                MatrixView<const float> values, GaussianSpec spec,
                                MatrixView<float> out, double scale, const Context& context) {
  check_shapes(queries, keys, values, out);
  const SoftmaxReduction<float> reduced = reduce_softmax(queries, keys, scale);
  spec.bandwidth = reduced.bandwidth;
  spec.target = ErrorTarget::kRowRelative;
  spec.epsilon /= kWhole;
  const GaussianOperator kernel(reduced.queries, reduced.keys, spec, context);

  const Columns columns = columns_of(values);
  Matrix<double> y(queries.rows, values.cols + 1);
  SoftmaxReport report{kernel.apply(columns.x, y.view(), 0, context)};
  report.product.error *= kWhole;
  report.product.error_bound *= kWhole;
  if (queries.rows == 0) return report;
  std::vector<double> logs;
  for (Index i = 0; i < y.rows; ++i)  // 0, or less by sampling: none
    logs.push_back(std::log2(std::max(0.0, y(i, values.cols) / columns.one)));
  report.least_row_log2 = *std::ranges::min_element(logs);
  report.most_row_log2 = *std::ranges::max_element(logs);
  check_row_sums(report);
  for (Index i = 0; i < out.rows; ++i)
    for (Index c = 0; c < out.cols; ++c)
      out(i, c) = static_cast<float>(columns.mean[static_cast<std::size_t>(c)] +
                                     columns.one * y(i, c) / y(i, out.cols));
  return report;
}

}  // namespace prodigest::kernel
