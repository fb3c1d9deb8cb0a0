#include "kernel_matrix.hpp"

#include <fmt/format.h>

#include "input.hpp"
#include "options.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/kernel/exact_product.hpp"

namespace prodigest::cli {
namespace {

template <class... Args>
[[noreturn]] void refuse(const std::string& where, fmt::format_string<Args...> format,
                         Args&&... args) {
  throw Error(ErrorCode::kInvalidArgument,
              where + ": " + fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace

void KernelOptions::add_options(CLI::App& command, bool has_queries) {
  command.add_option("--keys", keys, "Points, one a row (.npy)")->type_name("FILE");
  if (has_queries)
    command.add_option("--queries", queries, "Other points, the rows of K (default: the keys)")
        ->type_name("FILE");
  command.add_option("--bandwidth", bandwidth_, "Of the kernel, in the unit of the points")
      ->type_name("X");
  command.add_option("--epsilon", epsilon_, "Largest error, of |x| (default 0.05)")->type_name("X");
  command
      .add_option("--failure", failure_,
                  "Probability that the error is larger after all (default 0.01)")
      ->type_name("X");
  command.add_flag("--exact", exact, "Evaluate every pair");
  seed_option_ = add_whole_number(command, "--seed", seed_, "Another seed, other samples");
  command
      .add_option("--spec", spec_,
                  "What else there is to choose, e.g. "
                  "gaussian:target=row_relative,near=64,trees=8")
      ->type_name("SPEC");
  command.add_option("--save-plan", save_plan, "Keep what was prepared for the points (.pdg)")
      ->type_name("FILE");
  command.add_option("--plan", plan, "What was kept, instead of points and their options")
      ->type_name("FILE");
}

kernel::GaussianSpec KernelOptions::gaussian_spec(const std::string& where) const {
  const bool described =
      !spec_.empty() || bandwidth_ || epsilon_ || failure_ || seed_option_->count() > 0;
  if (!plan.empty()) {
    if (described || !keys.empty() || !queries.empty() || !save_plan.empty())
      refuse(where, "a plan holds points, bandwidth and the rest (give --plan alone)");
    return {};
  }
  if (keys.empty()) refuse(where, "--keys is required (or --plan)");
  if (!bandwidth_ && spec_.find("bandwidth=") == std::string::npos)
    refuse(where, "--bandwidth is required: how far apart points may be and still be alike");
  kernel::GaussianSpec spec =
      spec_.empty() ? kernel::GaussianSpec{} : kernel::parse_gaussian_spec(spec_);
  spec.bandwidth = bandwidth_.value_or(spec.bandwidth);
  spec.epsilon = epsilon_.value_or(spec.epsilon);
  spec.failure = failure_.value_or(spec.failure);
  if (seed_option_->count() > 0) spec.seed = {seed_};
  kernel::validate(spec);
  return spec;
}

KernelMatrix::KernelMatrix(const std::string& where, const KernelOptions& options,
                           const Context& context)
    : exact_(options.exact), spec_(options.gaussian_spec(where)) {
  if (!options.plan.empty()) {
    operator_ = kernel::load_gaussian_operator(options.plan);
    spec_ = operator_->spec();
    return;
  }
  for (const std::string& input : {options.keys, options.queries})
    check_not_overwritten(input, options.save_plan, "points");
  keys_ = load_points(where, options.keys);
  if (!options.queries.empty()) queries_ = load_points(where, options.queries);
  if (queries_ && queries_->cols() != keys_->cols())
    refuse(where, "{}: expected as many columns as {} has, {}, got {}", options.queries,
           options.keys, keys_->cols(), queries_->cols());
  if (exact_ && options.save_plan.empty()) return;
  operator_.emplace(queries(), keys_->at(0, 0), spec_, context);
  if (!options.save_plan.empty()) kernel::save(*operator_, options.save_plan);
}

Index KernelMatrix::rows() const { return operator_ ? operator_->rows() : queries().rows; }
Index KernelMatrix::cols() const { return operator_ ? operator_->cols() : keys_->rows(); }
Index KernelMatrix::dim() const { return operator_ ? operator_->dim() : keys_->cols(); }
const kernel::PlanReport* KernelMatrix::plan() const {
  return operator_ ? &operator_->plan() : nullptr;
}

void KernelMatrix::apply_exactly(MatrixView<const double> x, MatrixView<double> y,
                                 const Context& context) const {
  if (operator_)
    operator_->apply_exactly(x, y, context);
  else
    kernel::exact_product(queries(), keys_->at(0, 0), spec_.bandwidth, x, y, context);
}

kernel::ProductReport KernelMatrix::apply(MatrixView<const double> x, MatrixView<double> y,
                                          std::uint64_t call, const Context& context) const {
  if (!exact_) return operator_->apply(x, y, call, context);
  apply_exactly(x, y, context);
  return {.pairs = 1, .exact = true, .reason = "asked for"};
}

Index KernelMatrix::size() const {
  if (operator_ && !operator_->symmetric())
    refuse("kernel",
           "queries must be keys, but the plan has other queries (make one of keys alone)");
  return cols();
}

kernel::LinearMap KernelMatrix::map(const Context& context) const {
  return {size(), [this, context](MatrixView<const double> x, MatrixView<double> y,
                                  std::uint64_t call) { apply(x, y, call, context); }};
}

kernel::LinearMap KernelMatrix::exact_map(const Context& context) const {
  return {size(), [this, context](MatrixView<const double> x, MatrixView<double> y, std::uint64_t) {
            apply_exactly(x, y, context);
          }};
}

Matrix<double> load_columns(const std::string& where, const std::string& path, Index rows) {
  Matrix<double> columns = io::load_npy(path);
  if (columns.rows != rows)
    refuse(where, "{}: expected a row for each of {} keys, got {}", path, rows, columns.rows);
  return columns;
}

void save_columns(const std::string& path, const Matrix<double>& columns) {
  if (columns.cols == 1)
    io::save_npy_vector(path, columns.storage);
  else
    io::save_npy(path, columns.view());
}

}  // namespace prodigest::cli
