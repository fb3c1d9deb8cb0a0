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

constexpr Index kMeasureGrain = Index{1} << 16;  // entries that one task squares

}  // namespace

void Accumulator::add_and_measure(const RowsView& rows, std::span<const RowId> row_ids,
                                  std::span<double> norms, const Context& context) {
  measure(rows, norms, context);
  add(rows, row_ids, context);
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

void measure(const RowsView& rows, std::span<double> norms, const Context& context) {
  const Index grain =
      std::max<Index>(kMeasureGrain * rows_of(rows) / std::max<Index>(count_entries(rows), 1), 1);
  parallel_blocks(context, rows_of(rows), grain, [&](Index first, Index count) {
    squared_norms(slice(rows, first, count),
                  norms.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)));
  });
}

}  // namespace prodigest::linear
