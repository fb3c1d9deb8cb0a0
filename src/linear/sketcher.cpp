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

constexpr char kWhere[] = "linear sketcher";
constexpr Index kChunkEntries = Index{1} << 19;  // checked, then added while still in the cache
constexpr Index kLeastChunkRows = 256, kMostChunkRows = 65536;
// A copy of the sums costs little next to adding a block this many times larger.
constexpr Index kCopyFactor = 16;

Index mean_row_size(const RowsView& block) {
  return std::max<Index>(count_entries(block) / std::max<Index>(rows_of(block), 1), 1);
}

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
  void check_places(const RowsView& rows, std::span<const RowId> row_ids) const;
};

// Refuses rows that would be added where nothing is.
void LinearSketcher::Impl::check_places(const RowsView& block,
                                        std::span<const RowId> row_ids) const {
  check_columns(kWhere, block, row_ids);
  if (spec.op != Operator::kHadamard) return;
  for (const RowId id : row_ids)
    if (id >= static_cast<RowId>(spec.length))
      fail(ErrorCode::kInvalidArgument,
           "{}: row ids must be below length={}, got {} (make both sketches with a larger length)",
           kWhere, spec.length, id);
}

// ids_of(first, count) are the ids of a range of rows.
template <class IdsOf>
void LinearSketcher::Impl::update(const RowsView& block, const IdsOf& ids_of,
                                  const Context& context) {
  Context quiet = context;
  quiet.progress = nullptr;
  ExactSum norm;
  std::vector<double> norms;
  const auto for_each_chunk = [&](const auto& visit) {
    const Index all = rows_of(block), step = chunk_rows(block);
    for (Index first = 0; first < all; first += step) {
      const Index count = std::min(step, all - first);
      visit(slice(block, first, count), ids_of(first, count), first + count);
    }
  };
  const auto check = [&](const RowsView& chunk, std::span<const RowId> row_ids,
                         const auto& measure_rows) {
    throw_if_cancelled(context);
    check_places(chunk, row_ids);
    norms.resize(row_ids.size());
    measure_rows();
    check_rows(kWhere, chunk, norms, row_ids);
    if (spec.rows == RowUpdates::kWhole) add_exactly(norm, norms);
  };
  const auto report = [&](Index done) {
    if (context.progress) context.progress(done);
  };

  // Either the sums are copied, unless they are zero yet, so that a failure in the middle can be
  // taken back, or all rows are checked before the first is added, and nobody can stop the adding.
  std::vector<double>& sums = accumulator->sums.storage;
  if (rows == 0 || count_entries(block) / kCopyFactor >= std::ssize(sums)) {
    const std::vector<double> before = rows == 0 ? std::vector<double>() : sums;
    try {
      for_each_chunk([&](const RowsView& chunk, std::span<const RowId> row_ids, Index done) {
        check(chunk, row_ids, [&] { accumulator->add_and_measure(chunk, row_ids, norms, quiet); });
        report(done);
      });
    } catch (...) {
      if (rows == 0)
        std::ranges::fill(sums, 0.0);
      else
        sums = before;
      throw;
    }
  } else {
    for_each_chunk([&](const RowsView& chunk, std::span<const RowId> row_ids, Index done) {
      check(chunk, row_ids, [&] { measure(chunk, norms, quiet); });
      report(done);
    });
    quiet.cancel = {};
    for_each_chunk([&](const RowsView& chunk, std::span<const RowId> row_ids, Index) {
      accumulator->add(chunk, row_ids, quiet);
    });
  }
  rows += rows_of(block);
  squared_norm.add(norm);
}

LinearSketcher::LinearSketcher(const LinearSpec& spec, Index cols, Schema schema) {
  validate(spec);
  check_cols(kWhere, cols);
  if (!schema.columns.empty() && std::ssize(schema.columns) != cols)
    fail(ErrorCode::kInvalidArgument, "linear sketcher: expected {} column names, got {}", cols,
         schema.columns.size());
  if (spec.op == Operator::kHadamard && spec.length == 0)
    fail(ErrorCode::kInvalidArgument,
         "linear sketcher: srht needs the number of rows before the first (give length=, or sketch "
         "all rows in one call, which takes a pass to find it)");
  impl_ = std::make_unique<Impl>(spec, cols, std::move(schema));
}
LinearSketcher::LinearSketcher(LinearSketcher&&) noexcept = default;
LinearSketcher& LinearSketcher::operator=(LinearSketcher&&) noexcept = default;
LinearSketcher::~LinearSketcher() = default;

void LinearSketcher::update(const RowsView& block, RowId first_row, const Context& context) {
  check_block(kWhere, block, impl_->cols, static_cast<std::size_t>(rows_of(block)));
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
  check_block(kWhere, block, impl_->cols, row_ids.size());
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
