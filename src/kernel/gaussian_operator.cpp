#include "prodigest/kernel/gaussian_operator.hpp"

#include <cmath>
#include <utility>

#include "base/fail.hpp"
#include "kernel/operator_impl.hpp"
#include "kernel/sampled_product.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kFewest = Index{1} << 13;  // queries and keys; with fewer sampling cannot pay

bool may_pay(Index queries, Index keys) { return queries >= kFewest && keys >= kFewest; }

void check_shapes(const char* where, const GaussianPlan& plan, MatrixView<const double> x,
                  MatrixView<double> y) {
  if (x.rows != plan.keys())
    fail(ErrorCode::kInvalidArgument, "{}: x must have a row for each of {} keys, got {}", where,
         plan.keys(), x.rows);
  if (y.rows != plan.queries() || y.cols != x.cols)
    fail(ErrorCode::kInvalidArgument,
         "{}: y must be {} x {}, a row for each query and a column for each of x, got {} x {}",
         where, plan.queries(), x.cols, y.rows, y.cols);
  for (Index i = 0; i < x.rows; ++i)
    for (Index c = 0; c < x.cols; ++c)
      if (!std::isfinite(x(i, c)))
        fail(ErrorCode::kInvalidArgument, "{}: x must be finite, got {} in row {}, column {}",
             where, x(i, c), i, c);
}

GaussianPlan prepared(MatrixView<const float> queries, MatrixView<const float> keys,
                      const GaussianSpec& spec, const Context& context) {
  validate(spec);
  return make_plan(centre_points(queries, keys, spec.bandwidth), spec,
                   may_pay(queries.rows, keys.rows), context);
}

}  // namespace

GaussianOperator::GaussianOperator(MatrixView<const float> queries, MatrixView<const float> keys,
                                   const GaussianSpec& spec, const Context& context)
    : impl_(new Impl{prepared(queries, keys, spec, context)}) {}
GaussianOperator::GaussianOperator(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
GaussianOperator::GaussianOperator(GaussianOperator&&) noexcept = default;
GaussianOperator& GaussianOperator::operator=(GaussianOperator&&) noexcept = default;
GaussianOperator::~GaussianOperator() = default;

const GaussianSpec& GaussianOperator::spec() const noexcept { return impl_->plan.spec; }
const PlanReport& GaussianOperator::plan() const noexcept { return impl_->plan.report; }
Index GaussianOperator::rows() const noexcept { return impl_->plan.queries(); }
Index GaussianOperator::cols() const noexcept { return impl_->plan.keys(); }
Index GaussianOperator::dim() const noexcept { return impl_->plan.points.dim; }

ProductReport GaussianOperator::apply(MatrixView<const double> x, MatrixView<double> y,
                                      std::uint64_t call, const Context& context) const {
  check_shapes("apply", impl_->plan, x, y);
  return sampled_product(impl_->plan, x, y, {.call = call}, context);
}

void GaussianOperator::apply_exactly(MatrixView<const double> x, MatrixView<double> y,
                                     const Context& context) const {
  check_shapes("apply_exactly", impl_->plan, x, y);
  multiply_every_pair(impl_->plan, x, y, context);
}

}  // namespace prodigest::kernel
