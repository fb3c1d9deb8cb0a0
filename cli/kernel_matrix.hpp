#pragma once
// A Gaussian kernel matrix as the command line names it: points in files and a bandwidth, or a plan
// that was saved.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "kernel_points.hpp"
#include "prodigest/kernel/linear_map.hpp"

namespace prodigest::cli {

class KernelOptions {
 public:
  /// Adds --keys, --bandwidth, --epsilon and so on; --queries too, unless queries are keys.
  void add_options(CLI::App& command, bool has_queries);
  /// What was asked for.  @throws Error{kInvalidArgument} if it makes no matrix
  kernel::GaussianSpec gaussian_spec(const std::string& where) const;

  std::string keys, queries, plan, save_plan;
  bool exact = false;

 private:
  std::string spec_;
  std::optional<double> bandwidth_, epsilon_, failure_;
  std::uint64_t seed_ = 0;
  CLI::Option* seed_option_ = nullptr;
};

class KernelMatrix {
 public:
  /// Reads points and prepares them, or reads a plan; saves a plan where asked for.
  KernelMatrix(const std::string& where, const KernelOptions& options, const Context& context);

  Index rows() const;
  Index cols() const;
  Index dim() const;
  const kernel::GaussianSpec& spec() const { return spec_; }
  /// Nullptr where every pair is evaluated without preparation.
  const kernel::PlanReport* plan() const;

  /// y = K x, to epsilon or exactly, as asked for.
  kernel::ProductReport apply(MatrixView<const double> x, MatrixView<double> y, std::uint64_t call,
                              const Context& context) const;
  /// The same, and always exactly, of a matrix whose queries are keys. It must outlive them.
  /// @throws Error{kInvalidArgument} if a plan has other queries
  kernel::LinearMap map(const Context& context) const;
  kernel::LinearMap exact_map(const Context& context) const;

 private:
  Index size() const;  // of a matrix whose queries are keys
  void apply_exactly(MatrixView<const double> x, MatrixView<double> y,
                     const Context& context) const;
  MatrixView<const float> queries() const {
    return queries_ ? queries_->at(0, 0) : keys_->at(0, 0);
  }

  bool exact_;
  kernel::GaussianSpec spec_{};
  std::optional<PointSets> keys_, queries_;  // unless they are in a plan
  std::optional<kernel::GaussianOperator> operator_;
};

/// x from a file, a row for each key.
Matrix<double> load_columns(const std::string& where, const std::string& path, Index rows);

/// Writes a column as a vector, as it was read.
void save_columns(const std::string& path, const Matrix<double>& columns);

}  // namespace prodigest::cli
