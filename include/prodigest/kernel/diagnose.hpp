#pragma once
/// Does a kernel matrix satisfy what sub-quadratic products rest on?

#include <string>
#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::kernel {

/// Of one prefix: the first n queries and keys. Ratios of sorted entries, infinite where they
/// divide by zero.
struct PrefixDiagnosis {
  Index size = 0;
  double tail_over_head = 0;      ///< c: (sum of K - its n largest) / (n largest)
  double nth_over_2nth = 0;       ///< n-th largest entry / 2n-th
  double nth_over_next = 0;       ///< n-th / (n + 1)-th
  double mean_row_sum = 0;        ///< ||K||_1 / n
  double log10_mean_row_sum = 0;  ///< where floats cannot hold it
};
struct Diagnosis {
  std::vector<PrefixDiagnosis> prefixes;
  double largest_tail_over_head = 0;
  double median_nth_over_2nth = 0, median_nth_over_next = 0;
  double norm = 0;  ///< ||K||_2 of the whole, by power iteration
  double effective_keys =
      0;                ///< mean over rows of 1 / sum P², P the rows of K divided by their sums
  std::string verdict;  ///< in words
};
struct DiagnoseOptions {
  double bandwidth = 1;
  bool attention = false;  ///< queries and keys are of attention: the reduction comes first
  Index first = 50;        ///< smallest prefix
  Index step = 0;          ///< between prefixes; 0: about 50 of them
};
/// The statistics of section 4 of the paper, by every pair and in double.
/// @shape queries, keys: n x d  @complexity O(n² d) and O(n²) a prefix; n at most 8192, larger ones
/// are refused with what to do
/// @throws Error{kInvalidArgument}
Diagnosis diagnose(MatrixView<const float> queries, MatrixView<const float> keys,
                   const DiagnoseOptions& options, const Context& context = {});

}  // namespace prodigest::kernel
