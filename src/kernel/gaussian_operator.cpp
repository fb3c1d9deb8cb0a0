#include "prodigest/kernel/gaussian_operator.hpp"

#include <utility>

#include "kernel/operator_impl.hpp"
#include "kernel/point_checks.hpp"
#include "kernel/sampled_product.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kFewest = Index{1} << 13;  // queries and keys; with fewer sampling cannot pay

bool may_pay(Index queries, Index keys) { return queries >= kFewest && keys >= kFewest; }

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
bool GaussianOperator::symmetric() const noexcept { return impl_->plan.points.same; }

ProductReport GaussianOperator::apply(MatrixView<const double> x, MatrixView<double> y,
                                      std::uint64_t call, const Context& context) const {
  check_product("apply", rows(), cols(), x, y);
  return sampled_product(impl_->plan, x, y, call, context);
}

void GaussianOperator::apply_exactly(MatrixView<const double> x, MatrixView<double> y,
                                     const Context& context) const {
  check_product("apply_exactly", rows(), cols(), x, y);
  multiply_every_pair(impl_->plan, x, y, context);
}

}  // namespace prodigest::kernel
