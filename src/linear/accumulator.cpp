#include "linear/accumulator.hpp"

#include <algorithm>

#include "core/entries.hpp"
#include "core/parallel.hpp"
#include "core/squared_norms.hpp"
#include "linear/dense_accumulator.hpp"
#include "linear/hadamard_accumulator.hpp"
#include "linear/sparse_accumulator.hpp"

namespace prodigest::linear {
namespace {

constexpr Index kGrainEntries = Index{1} << 16;  // whose norms one task finds

}  // namespace

void find_norms(const RowsView& rows, std::span<double> norms, const Context& context) {
  if (norms.empty()) return;
  const Index grain = std::max<Index>(kGrainEntries / mean_row_size(rows), 1);
  parallel_blocks(context, rows_of(rows), grain, [&](Index first, Index count) {
    squared_norms(slice(rows, first, count),
                  norms.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)));
  });
}

std::unique_ptr<Accumulator> make_accumulator(const LinearSpec& spec, Index cols) {
  switch (spec.op) {
    case Operator::kSparse:
      return std::make_unique<SparseAccumulator>(spec, cols);
    case Operator::kHadamard:
      return std::make_unique<HadamardAccumulator>(spec, cols);
    case Operator::kGaussian:
    case Operator::kSign:
      break;
  }
  return std::make_unique<DenseAccumulator>(spec, cols);
}

}  // namespace prodigest::linear
