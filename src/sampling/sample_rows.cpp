#include "prodigest/sampling/sample_rows.hpp"

#include <optional>

#include "base/fail.hpp"
#include "core/column_sums.hpp"
#include "core/squared_norms.hpp"
#include "io/memory_rows.hpp"
#include "prodigest/sampling/leverage.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "core/row_checks.hpp"
#include "sampling/row_weights.hpp"

namespace prodigest::sampling {
namespace {

// What a weight needs to know of the whole matrix.
struct WholeMatrix {
  std::optional<LeverageScores> leverages;
  double mean = 0;
};

WholeMatrix survey(io::RowReader& reader, const SampleSpec& spec, const Context& context) {
  WholeMatrix whole;
  SampleSpec unmixed = spec;
  unmixed.mixture = 0;
  ExactSum weights;
  Index rows = 0;
  std::optional<Gram> gram;
  if (needs_gram(spec)) gram.emplace(reader.cols());
  io::RowBlock block;
  std::vector<RowId> numbered;
  std::vector<double> norms;
  while (reader.next(block)) {
    rows += rows_of(block.rows);
    norms.resize(static_cast<std::size_t>(rows_of(block.rows)));
    squared_norms(block.rows, norms);
    check_rows("sampler", block.rows, norms, io::row_ids_of(block, numbered));
    if (gram) {
      gram->update(block.rows, context);
    } else {
      for (double& norm : norms) norm = row_weight(unmixed, norm, 0);
      add_exactly(weights, norms);
    }
  }
  if (gram) whole.leverages.emplace(gram->matrix(), spec.ridge);
  const double sum = gram ? whole.leverages->total() : weights.rounded();
  // A matrix of zeros has no weights to mix with; any mean will do.
  whole.mean = sum > 0 ? sum / static_cast<double>(rows) : 1;
  reader.rewind();
  return whole;
}

// The spec with its mean filled in.
SampleSpec complete_spec(SampleSpec spec, const WholeMatrix& whole) {
  if (spec.mixture > 0 && spec.mean == 0) spec.mean = whole.mean;
  return spec;
}

// Whatever needs a pass of its own. Progress is counted in the pass that samples.
WholeMatrix prepare(io::RowReader& reader, const SampleSpec& spec, Context context) {
  validate(spec);
  if (spec.weight == Weight::kUser)
    fail(ErrorCode::kInvalidArgument, "sample_rows: weight=user needs weights (give one for each row)");
  context.progress = nullptr;
  if (needs_gram(spec) || (spec.mixture > 0 && spec.mean == 0)) return survey(reader, spec, context);
  return {};
}

}  // namespace

RowSample sample_rows(io::RowReader& reader, const SampleSpec& spec, const Schema& schema, const Context& context) {
  const WholeMatrix whole = prepare(reader, spec, context);
  RowSampler sampler(complete_spec(spec, whole), reader.cols(), schema);
  Context quiet = context;  // progress is counted over blocks, not within one
  quiet.progress = nullptr;
  io::RowBlock block;
  std::vector<RowId> numbered;
  Index done = 0;
  while (reader.next(block)) {
    if (whole.leverages) {
      sampler.update(block.rows, io::row_ids_of(block, numbered), (*whole.leverages)(block.rows, quiet), quiet);
    } else if (block.row_ids.empty()) {
      sampler.update(block.rows, block.first_row, quiet);
    } else {
      sampler.update(block.rows, block.row_ids, quiet);
    }
    done += rows_of(block.rows);
    if (context.progress) context.progress(done);
  }
  return std::move(sampler).finish();
}

RowSample sample_rows(const RowsView& a, const SampleSpec& spec, std::span<const RowId> row_ids,
                      const Schema& schema, const Context& context) {
  if (!row_ids.empty() && std::ssize(row_ids) != rows_of(a))
    fail(ErrorCode::kInvalidArgument, "sample_rows: expected a row id for each of {} rows or none, got {}",
         rows_of(a), row_ids.size());
  io::MemoryRows reader(a, row_ids);
  const WholeMatrix whole = prepare(reader, spec, context);
  RowSampler sampler(complete_spec(spec, whole), cols_of(a), schema);
  Context quiet = context;
  quiet.progress = nullptr;
  const std::vector<double> weights = whole.leverages ? (*whole.leverages)(a, quiet) : std::vector<double>();
  return std::move(sampler).finish(a, row_ids, weights, context);
}

}  // namespace prodigest::sampling
