#pragma once
// Checking a product against exact rows, more of them where the verdict is open.

#include <vector>

#include "kernel/error_bound.hpp"
#include "kernel/exact_rows.hpp"

namespace prodigest::kernel {

/// Exact rows in up to eight looks, each of rows spread evenly over the cells of queries. They are
/// computed when first asked for and serve every attempt.
class Verification {
 public:
  Verification(const GaussianPlan& plan, MatrixView<const float> x, Seed seed);

  static constexpr int kLooks = 8;
  /// Errors may be asked for so often: none of them may be below epsilon by chance.
  static constexpr int kTests = 36;
  /// Cells of queries that hold the rows of a look, ascending.
  std::vector<Index> groups(int look) const;
  /// Of the error of y, by place, from the rows of looks 0, ..., `last`. All rows that were
  /// computed count as exact: replace() puts them into y.
  ErrorEstimate error(MatrixView<const double> y, int last, const Context& context);
  void replace(MatrixView<double> y) const;
  double rows_computed() const;

 private:
  struct Look {
    std::vector<Index> groups{}, places{};
    ExactRows rows{};
  };
  Look draw(int look, Seed seed) const;

  const GaussianPlan& plan_;
  MatrixView<const float> x_;
  std::vector<Look> looks_;
};

}  // namespace prodigest::kernel
