#include "prodigest/sampling/sampler.hpp"

#include <tbb/enumerable_thread_specific.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>
#include <variant>

#include "base/fail.hpp"
#include "core/column_sums.hpp"
#include "core/parallel.hpp"
#include "core/row_checks.hpp"
#include "core/squared_norms.hpp"
#include "prodigest/sampling/leverage.hpp"
#include "sampling/candidates.hpp"
#include "sampling/coded_values.hpp"
#include "sampling/row_store.hpp"
#include "sampling/row_weights.hpp"

namespace prodigest::sampling {
namespace {

constexpr std::uint64_t kInBlock = std::uint64_t{1} << 63;  // the row has not been copied yet

constexpr Index kMostChunkRows = 4096;

// Rows that one task takes. Rows read twice, for norms and for column sums, should stay in the cache.
Index chunk_rows(const RowsView& block, bool read_twice) {
  const double chunk_bytes = read_twice ? 1 << 17 : 1 << 21;
  const double row_bytes = std::visit(
      [](const auto& view) -> double {
        if constexpr (requires { view.columns; }) {
          const Index entries = view.rows == 0 ? 0 : view.row_start[view.rows] - view.row_start[0];
          return 12.0 * static_cast<double>(entries) / static_cast<double>(std::max<Index>(view.rows, 1));
        } else {
          return static_cast<double>(view.cols) * sizeof(*view.data);
        }
      },
      block);
  return std::clamp(static_cast<Index>(chunk_bytes / std::max(row_bytes, 1.0)), Index{64}, kMostChunkRows);
}

}  // namespace

struct RowSampler::Impl {
  template <Real T>
  using Store = std::vector<StoredRow<T>>;

  Impl(const SampleSpec& spec_, Index cols_, Schema schema_)
      : spec(spec_), cols(cols_), schema(std::move(schema_)), candidates(spec.method, spec.size),
        column_sums([this] { return ColumnSums(cols); }) {
    if (spec.totals == Totals::kGram) gram.emplace(cols);
  }

  SampleSpec spec;
  Index cols;
  Schema schema;
  SampleTotals totals;
  Candidates candidates;
  Context last_context;  // of the last update, without its progress: for coding rows in the end
  std::variant<std::monostate, Store<float>, Store<double>> store;
  tbb::enumerable_thread_specific<ColumnSums> column_sums;  // empty unless totals are kFull
  std::optional<Gram> gram;                                 // for kGram

  bool threshold() const { return spec.method != Method::kPriority; }
  bool given_weights() const { return needs_gram(spec) || spec.weight == Weight::kUser; }
  bool reads_rows() const {
    return spec.weight != Weight::kUniform || spec.totals != Totals::kNone;
  }
  bool reads_columns() const { return spec.totals == Totals::kFull || spec.totals == Totals::kGram; }

  // What one thread gathers during an update, put in place only when the whole block is known good.
  struct Part {
    explicit Part(const Candidates& before) : candidates(Candidates::after(before)) {}

    Candidates candidates;
    ExactSum squared_norm;
    ExactSum weight;
    Index nonzero_rows = 0;
    std::vector<std::pair<Index, Index>> summed;  // ranges of rows already in column_sums
    std::vector<RowId> ids;
    std::vector<double> norms, weights, ranks;
  };

  void check_block(const RowsView& block, std::size_t ids, std::size_t weights) const;
  bool update(const RowsView& block, RowId first_row, std::span<const RowId> row_ids,
              std::span<const double> given, const Context& context);
  void scan(const RowsView& block, Index first, std::span<const double> given, Part& part);
  void check_candidates(const RowsView& block, const Part& part, RowId first_row,
                        std::span<const RowId> row_ids) const;
  void copy_rows(const RowsView& block);
  RowSample finish(const RowsView& last_block);
};

void RowSampler::Impl::check_block(const RowsView& block, std::size_t ids, std::size_t weights) const {
  const auto rows = static_cast<std::size_t>(rows_of(block));
  prodigest::check_block("sampler", block, cols, ids);
  if (given_weights() && weights != rows)
    fail(ErrorCode::kInvalidArgument,
         "sampler: {} needs a weight for each of {} rows, got {} (pass them to update, or sample "
         "all rows in one call, which computes leverages)",
         to_text(spec), rows, weights);
  if (!given_weights() && weights != 0)
    fail(ErrorCode::kInvalidArgument, "sampler: weights were given, but {} computes them (use weight=user)",
         to_text(spec));
  const bool is_float = block.index() == 0 || block.index() == 2;
  if ((is_float && std::holds_alternative<Store<double>>(store)) ||
      (!is_float && std::holds_alternative<Store<float>>(store)))
    fail(ErrorCode::kInvalidArgument,
         "sampler: expected {} values as in the blocks before, got {} (convert one of them)",
         is_float ? "double" : "float", is_float ? "float" : "double");
}

// Whether there are new candidates; they still lie in the block.
bool RowSampler::Impl::update(const RowsView& block, RowId first_row, std::span<const RowId> row_ids,
                              std::span<const double> given, const Context& context) {
  const Index rows = rows_of(block);
  last_context = context;
  last_context.progress = nullptr;
  tbb::enumerable_thread_specific<Part> parts([this] { return Part(candidates); });
  try {
    parallel_blocks(context, rows, reads_rows() ? chunk_rows(block, spec.totals == Totals::kFull) : kMostChunkRows, [&](Index first, Index count) {
      Part& part = parts.local();
      part.ids.resize(static_cast<std::size_t>(count));
      if (row_ids.empty())
        std::iota(part.ids.begin(), part.ids.end(), first_row + static_cast<RowId>(first));
      else
        std::ranges::copy(row_ids.subspan(first, count), part.ids.begin());
      scan(slice(block, first, count), first, given.empty() ? given : given.subspan(first, count), part);
    });
    for (const Part& part : parts) check_candidates(block, part, first_row, row_ids);
    if (gram) gram->update(block, last_context);  // progress has been counted
  } catch (...) {
    for (const Part& part : parts)
      for (const auto& [first, count] : part.summed) column_sums.local().remove(slice(block, first, count));
    throw;
  }

  totals.rows += rows;
  std::size_t found = 0;
  for (Part& part : parts) {
    totals.nonzero_rows += part.nonzero_rows;
    totals.squared_norm.add(part.squared_norm);
    totals.weight.add(part.weight);
    found += part.candidates.list().size();
    candidates.absorb(std::move(part.candidates));
  }
  if (found > static_cast<std::size_t>(spec.size) / 4) candidates.compact();
  return found > 0;
}

// One chunk: weights, ranks, candidates and sums. Throws before it has changed anything shared.
void RowSampler::Impl::scan(const RowsView& block, Index first, std::span<const double> given, Part& part) {
  const std::size_t count = part.ids.size();
  part.norms.resize(count);
  part.weights.resize(count);
  if (reads_rows()) {
    squared_norms(block, part.norms);
    check_rows("sampler", block, part.norms, part.ids);
  }
  if (spec.totals != Totals::kNone) {
    for (const double norm : part.norms) part.nonzero_rows += norm > 0;
    add_exactly(part.squared_norm, part.norms);
  }
  if (spec.weight == Weight::kSquaredNorm && spec.mixture == 0) {
    part.weights = part.norms;
  } else {
    for (std::size_t i = 0; i < count; ++i)
      part.weights[i] = row_weight(spec, part.norms[i], given.empty() ? 0 : given[i]);
    check_weights("sampler", part.weights, part.norms, part.ids);
  }
  if (threshold()) add_exactly(part.weight, part.weights);
  part.candidates.offer_rows(spec.seed, part.ids, part.weights, kInBlock | static_cast<std::uint64_t>(first), part.ranks);

  if (reads_columns()) check_columns("sampler", block, part.ids);
  if (spec.totals == Totals::kFull) {
    part.summed.emplace_back(first, static_cast<Index>(count));
    column_sums.local().add(block);
  }
}

// Rows about to be copied that no pass has read.
void RowSampler::Impl::check_candidates(const RowsView& block, const Part& part, RowId first_row,
                                        std::span<const RowId> row_ids) const {
  for (const Candidate& candidate : part.candidates.list()) {
    const auto i = static_cast<Index>(candidate.place & ~kInBlock);
    const RowId id = row_ids.empty() ? first_row + static_cast<RowId>(i) : row_ids[static_cast<std::size_t>(i)];
    const RowsView row = slice(block, i, 1);
    if (!reads_columns()) check_columns("sampler", row, {&id, 1});
    if (!reads_rows()) {
      double norm = 0;
      squared_norms(row, {&norm, 1});
      check_rows("sampler", row, {&norm, 1}, {&id, 1});
    }
  }
}

void RowSampler::Impl::copy_rows(const RowsView& block) {
  std::visit(
      [&](const auto& view) {
        using T = typename std::remove_cvref_t<decltype(view)>::Value;
        if (std::holds_alternative<std::monostate>(store)) store = Store<T>{};
        auto& rows = std::get<Store<T>>(store);
        std::vector<Candidate>& list = candidates.list();
        if (rows.size() > 2 * list.size() + 1024) {  // rows of candidates dropped since: repack
          Store<T> live;
          for (Candidate& candidate : list) {
            if (candidate.place & kInBlock) continue;
            live.push_back(std::move(rows[candidate.place]));
            candidate.place = live.size() - 1;
          }
          rows = std::move(live);
        }
        for (Candidate& candidate : list) {
          if (!(candidate.place & kInBlock)) continue;
          rows.emplace_back(row_ref(view, static_cast<Index>(candidate.place & ~kInBlock)));
          candidate.place = rows.size() - 1;
        }
      },
      block);
}

// last_block holds the candidates that were not copied, if any.
RowSample RowSampler::Impl::finish(const RowsView& last_block) {
  if (spec.totals == Totals::kFull) {
    ColumnSums all(cols);
    for (const ColumnSums& sums : column_sums) all.add(sums);
    totals.column_sums = all.sums();
  }
  if (gram)
    for (Index row = 0; row < cols; ++row) {
      const auto upper = gram->matrix().row(row).subspan(static_cast<std::size_t>(row));
      totals.gram.insert(totals.gram.end(), upper.begin(), upper.end());
    }
  SampleDraft draft{spec, schema, cols, std::move(totals), std::move(candidates.list()), {}};
  draft.cutoff = cut_to_sample(spec.method, spec.size, draft.totals.weight, draft.kept);
  return std::visit(
      [&](const auto& view) {
        using T = typename std::remove_cvref_t<decltype(view)>::Value;
        const auto* const copies = std::get_if<Store<T>>(&store);
        SampleParts parts = std::move(draft).assemble<T>([&](std::uint64_t place) {
          return place & kInBlock ? row_ref(view, static_cast<Index>(place & ~kInBlock))
                                  : (*copies)[place].ref();
        });
        if (spec.values) code_rows(parts, last_context);
        return RowSample(std::move(parts));
      },
      last_block);
}

RowSampler::RowSampler(const SampleSpec& spec, Index cols, Schema schema) {
  validate(spec);
  check_cols("sampler", cols);
  if (!schema.columns.empty() && std::ssize(schema.columns) != cols)
    fail(ErrorCode::kInvalidArgument, "sampler: expected {} column names, got {}", cols, schema.columns.size());
  if (spec.mixture > 0 && spec.mean == 0)
    fail(ErrorCode::kInvalidArgument,
         "sampler: mixture needs the mean weight of all rows before the first (give mean=, or sample "
         "all rows in one call, which takes a pass to find it)");
  impl_ = std::make_unique<Impl>(spec, cols, std::move(schema));
}
RowSampler::RowSampler(RowSampler&&) noexcept = default;
RowSampler& RowSampler::operator=(RowSampler&&) noexcept = default;
RowSampler::~RowSampler() = default;

void RowSampler::update(const RowsView& block, RowId first_row, const Context& context) {
  impl_->check_block(block, static_cast<std::size_t>(rows_of(block)), 0);
  if (impl_->update(block, first_row, {}, {}, context)) impl_->copy_rows(block);
}

void RowSampler::update(const RowsView& block, std::span<const RowId> row_ids, const Context& context) {
  update(block, row_ids, {}, context);
}

void RowSampler::update(const RowsView& block, std::span<const RowId> row_ids,
                        std::span<const double> weights, const Context& context) {
  impl_->check_block(block, row_ids.size(), weights.size());
  if (impl_->update(block, 0, row_ids, weights, context)) impl_->copy_rows(block);
}

RowSample RowSampler::finish() && {
  const bool single = std::holds_alternative<Impl::Store<float>>(impl_->store);
  return std::exchange(impl_, nullptr)
      ->finish(single ? RowsView(MatrixView<const float>()) : RowsView(MatrixView<const double>()));
}

RowSample RowSampler::finish(const RowsView& last_block, std::span<const RowId> row_ids,
                             std::span<const double> weights, const Context& context) && {
  const auto rows = static_cast<std::size_t>(rows_of(last_block));
  impl_->check_block(last_block, row_ids.empty() ? rows : row_ids.size(), weights.size());
  impl_->update(last_block, 0, row_ids, weights, context);
  return std::exchange(impl_, nullptr)->finish(last_block);
}

PrioritySampler::PrioritySampler(const SampleSpec& spec, Index cols, Schema schema)
    : RowSampler(spec, cols, std::move(schema)) {
  if (spec.method != Method::kPriority)
    fail(ErrorCode::kInvalidArgument, "priority sampler: expected a priority spec, got {}", to_text(spec));
}

ThresholdSampler::ThresholdSampler(const SampleSpec& spec, Index cols, Schema schema)
    : RowSampler(spec, cols, std::move(schema)) {
  if (spec.method == Method::kPriority)
    fail(ErrorCode::kInvalidArgument, "threshold sampler: expected a threshold spec, got {}", to_text(spec));
}

}  // namespace prodigest::sampling
