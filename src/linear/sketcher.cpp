#include "prodigest/linear/sketcher.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "base/fail.hpp"
#include "core/column_sums.hpp"
#include "core/entries.hpp"
#include "core/parallel.hpp"
#include "core/row_checks.hpp"
#include "linear/accumulator.hpp"
#include "linear/sketch_values.hpp"

namespace prodigest::linear {
namespace {

constexpr Index kChunkEntries = Index{1} << 20;  // stay in the cache from their norms to their sums
constexpr Index kLeastChunkRows = 1024, kMostChunkRows = 65536;
// A copy of the sums costs little next to adding a block this many times larger.
constexpr Index kCopyFactor = 16;

Index chunk_rows(const RowsView& block) {
  return std::clamp(kChunkEntries / mean_row_size(block), kLeastChunkRows, kMostChunkRows);
}

}  // namespace

struct LinearSketcher::Impl {
  Impl(const LinearSpec& spec_, Index cols_, Schema schema_)
      : spec(spec_),
        cols(cols_),
        schema(std::move(schema_)),
        accumulator(make_accumulator(spec, cols)) {}

  LinearSpec spec;
  Index cols;
  Schema schema;
  Index rows = 0;
  ExactSum squared_norm;
  std::unique_ptr<Accumulator> accumulator;

  template <class IdsOf>
  void update(const RowsView& block, const IdsOf& ids_of, const Context& context);
  void check_places(const RowsView& block, std::span<const RowId> row_ids) const;
};

// Refuses what would be added where nothing is.
void LinearSketcher::Impl::check_places(const RowsView& block,
                                        std::span<const RowId> row_ids) const {
  if (spec.op == Operator::kHadamard)
    for (const RowId id : row_ids)
      if (id >= static_cast<RowId>(spec.length))
        fail(ErrorCode::kInvalidArgument,
             "linear sketcher: row ids must be below length={}, got {} (make both sketches with a "
             "larger length)",
             spec.length, id);
  check_columns("linear sketcher", block, row_ids);
}

// ids_of(first, count) are the ids of a range of rows.
template <class IdsOf>
void LinearSketcher::Impl::update(const RowsView& block, const IdsOf& ids_of,
                                  const Context& context) {
  const Index all = rows_of(block), step = chunk_rows(block);
  // Either the sums are copied, so that a failure in the middle can be taken back, or all rows are
  // checked before the first is added, and nobody can stop the adding.
  const bool copied = count_entries(block) / kCopyFactor >= std::ssize(accumulator->sums.storage);
  Context quiet = context;
  quiet.progress = nullptr;
  ExactSum norm;
  std::vector<double> norms;
  // A chunk is checked; its norms are found by find(rows, row ids), which may add it as well.
  const auto check_chunk = [&](Index first, Index count, const auto& find) {
    throw_if_cancelled(context);
    const RowsView chunk = slice(block, first, count);
    const std::span<const RowId> row_ids = ids_of(first, count);
    check_places(chunk, row_ids);
    norms.resize(row_ids.size());
    find(chunk, row_ids);
    check_rows("linear sketcher", chunk, norms, row_ids);
    if (spec.rows == RowUpdates::kWhole) add_exactly(norm, norms);
    if (context.progress) context.progress(first + count);
  };
  const auto for_each_chunk = [&](const auto& visit) {
    for (Index first = 0; first < all; first += step) visit(first, std::min(step, all - first));
  };

  if (copied) {
    const std::vector<double> before = accumulator->sums.storage;
    try {
      for_each_chunk([&](Index first, Index count) {
        check_chunk(first, count, [&](const RowsView& chunk, std::span<const RowId> row_ids) {
          accumulator->add(chunk, row_ids, norms, quiet);
        });
      });
    } catch (...) {
      accumulator->sums.storage = before;
      throw;
    }
  } else {
    for_each_chunk([&](Index first, Index count) {
      check_chunk(first, count, [&](const RowsView& chunk, std::span<const RowId>) {
        find_norms(chunk, norms, quiet);
      });
    });
    quiet.cancel = {};
    for_each_chunk([&](Index first, Index count) {
      accumulator->add(slice(block, first, count), ids_of(first, count), {}, quiet);
    });
  }
  rows += all;
  squared_norm.add(norm);
}

LinearSketcher::LinearSketcher(const LinearSpec& spec, Index cols, Schema schema) {
  validate(spec);
  check_cols("linear sketcher", cols);
  if (!schema.columns.empty() && std::ssize(schema.columns) != cols)
    fail(ErrorCode::kInvalidArgument, "linear sketcher: expected {} column names, got {}", cols,
         schema.columns.size());
  if (spec.op == Operator::kHadamard && spec.length == 0)
    fail(ErrorCode::kInvalidArgument,
         "linear sketcher: srht needs the number of rows before the first (give length=, or use "
         "sketch_rows, which takes a pass to find it)");
  impl_ = std::make_unique<Impl>(spec, cols, std::move(schema));
}
LinearSketcher::LinearSketcher(LinearSketcher&&) noexcept = default;
LinearSketcher& LinearSketcher::operator=(LinearSketcher&&) noexcept = default;
LinearSketcher::~LinearSketcher() = default;

void LinearSketcher::update(const RowsView& block, RowId first_row, const Context& context) {
  check_block("linear sketcher", block, impl_->cols, static_cast<std::size_t>(rows_of(block)));
  std::vector<RowId> ids;
  impl_->update(
      block,
      [&](Index first, Index count) -> std::span<const RowId> {
        ids.resize(static_cast<std::size_t>(count));
        std::iota(ids.begin(), ids.end(), first_row + static_cast<RowId>(first));
        return ids;
      },
      context);
}

void LinearSketcher::update(const RowsView& block, std::span<const RowId> row_ids,
                            const Context& context) {
  check_block("linear sketcher", block, impl_->cols, row_ids.size());
  impl_->update(
      block,
      [&](Index first, Index count) {
        return row_ids.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
      },
      context);
}

LinearSketch LinearSketcher::finish() && {
  Impl& impl = *impl_;
  SketchParts parts{
      impl.spec, std::move(impl.schema), std::move(*impl.accumulator).values(), impl.rows, {}};
  if (impl.spec.rows == RowUpdates::kWhole) parts.squared_norm = impl.squared_norm;
  impl_ = nullptr;
  round_values(parts.spec, parts.values.storage);
  return LinearSketch(std::move(parts));
}

}  // namespace prodigest::linear
