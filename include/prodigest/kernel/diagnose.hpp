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
  double log10_mean_row_sum = 0;  ///< where doubles cannot hold it
};
struct Diagnosis {
  std::vector<PrefixDiagnosis> prefixes;  ///< the last is all there is
  double largest_tail_over_head = 0;
  double median_nth_over_2nth = 0, median_nth_over_next = 0;  ///< of the prefixes
  double norm = 0;  ///< ||K||_2 of the whole, by power iteration

  // Of P, the rows of K divided by their sums: all that counts where errors are relative to rows.
  double normalized_tail_over_head = 0;
  double effective_keys = 0;      ///< mean over rows of 1 / sum P²
  double least_largest_log2 = 0;  ///< log2 of the largest kernel value of a query, the least of all
  double underflow = 0;           ///< share of queries none of whose kernel values is a float
  std::string verdict;            ///< in words, a line for each thing to say
};
struct DiagnoseOptions {
  double bandwidth = 1;
  bool attention = false;  ///< queries and keys are of attention: the reduction comes first, as
                           ///< in the paper, keys not centred
  double scale = 0;        ///< of attention, 0: d^-1/2
  Index first = 50;        ///< smallest prefix
  Index step = 0;          ///< between prefixes; 0: about 50 of them
};
/// The statistics of section 4 of the paper, by every pair and in double.
/// @shape queries, keys: n x d, as many queries as keys
/// @complexity O(n² d); memory 8 n² bytes; n at most 8192, larger ones are refused with what to do
/// @throws Error{kInvalidArgument}
Diagnosis diagnose(MatrixView<const float> queries, MatrixView<const float> keys,
                   const DiagnoseOptions& options, const Context& context = {});

}  // namespace prodigest::kernel
