#pragma once
// Products of rows whose values were coded, and what coding adds to their error. The formulas are
// derived in docs/theory/sampling.md.

#include <vector>

#include "prodigest/sampling/row_sample.hpp"
#include "sampling/weighted_product.hpp"

namespace prodigest::sampling {

/// The rows of one side of a product, coded or not.
struct SideRows {
  RowsView values;                     // as decoded
  std::vector<double> norms;           // squared, of the rows before coding
  std::vector<double> decoded_norms;   // squared, of `values`: the norms again if nothing was coded
  const SampleParts* coded = nullptr;  // where the codes are, if there are any
};

/// The largest noise of a row, ||x̂||²/||x||² - 1.
double largest_noise(const SideRows& rows);

/// Matches of rows that are coded alike, as all are if A = B: their errors are not independent.
/// @return places in `matches`, ascending
std::vector<std::size_t> matches_coded_alike(const SideRows& a, const SideRows& b,
                                             const std::vector<Match>& matches);

/// The squared size of the term of a row coded alike in unbiased_product, by that of x̂ x̂ᵀ.
double unbiased_share(const SideRows& rows, Index row);

/// weighted_product without the bias of rows coded alike.
Matrix<double> unbiased_product(const SideRows& a, const SideRows& b, std::vector<Match> matches,
                                const std::vector<std::size_t>& alike, const Context& context);

/// Variance of each of its entries, scales being 1/p, estimated without bias; 0 where that is
/// negative.
Matrix<double> entry_variances(const SideRows& a, const SideRows& b,
                               const std::vector<Match>& matches,
                               const std::vector<std::size_t>& alike, const Context& context);

}  // namespace prodigest::sampling
