#pragma once
/// Every method measured on two matrices.

#include <vector>

#include "prodigest/compare/known_product.hpp"
#include "prodigest/compare/recommend.hpp"

namespace prodigest::compare {

struct CompareOptions {
  std::vector<Budget> budgets{};
  std::vector<Method> methods{};  ///< default_methods if empty
  int seeds = 5;                  ///< each method is run with so many seeds, from its spec's on
  double confidence = 0.95;       ///< of the bounds
};

/// Errors are shares of ||A|| ||B||.
struct Spread {
  double rms = 0, low = 0, median = 0, high = 0;  ///< quartiles
  double rms_error = 0;                           ///< standard error of rms
};

/// One method at one budget.
struct Measurement {
  Method method;     ///< spec with the (median) size
  Index size = 0;    ///< median over the seeds; 0: no digest is so small, and nothing was measured
  double bytes = 0;  ///< of both digest files, mean over the seeds
  Spread error{};    ///< against the exact product
  double estimated = 0;       ///< rms of what the method says of its error
  double bound = 0;           ///< median
  double apriori = 0;         ///< median
  int bound_held = 0;         ///< seeds in which the error was at most the bound
  double digest_seconds = 0;  ///< to digest both, median; samples of all budgets come from one pass
  double product_seconds = 0;  ///< median
  double predicted = 0;        ///< error by predict
};

struct BudgetResult {
  Recommendation recommendation;      ///< before anything was measured
  std::vector<Measurement> measured;  ///< as recommendation.methods
  std::optional<std::size_t> best;    ///< of least rms error
};

struct Comparison {
  PairStatistics statistics{};
  double exact_bytes = 0;
  double zero_error = 0;  ///< of the answer 0: ||AᵀB|| / (||A|| ||B||)
  int seeds = 0;
  std::vector<BudgetResult> budgets{};
};

/// Digests both matrices with every method at every budget and every seed, multiplies, and holds
/// the result against the exact product. For a budget in bytes every seed takes the largest size
/// whose two digests fit; of a sample these are truncations of one large sample.
/// @complexity methods * seeds * budgets passes over both matrices (samples: methods * seeds), one
/// thing at a time, so that times can be trusted
/// @throws Error{kInvalidArgument}, Error{kCancelled}
Comparison compare(const KnownProduct& known, const CompareOptions& options,
                   const Context& context = {});

}  // namespace prodigest::compare
