#include "prodigest/sampling/merge.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "base/fail.hpp"
#include "core/digest_checks.hpp"
#include "prodigest/core/random.hpp"
#include "sampling/candidates.hpp"
#include "sampling/coded_values.hpp"
#include "sampling/row_store.hpp"

namespace prodigest::sampling {
namespace {

template <class A, class B>
void require_equal(const char* what, const A& a, const B& b, const char* advice) {
  if (!(a == b)) fail(ErrorCode::kIncompatible, "merge: {} must be equal, got {} and {} ({})", what, a, b, advice);
}

void check_mergeable(const RowSample& a, const RowSample& b) {
  check_seeds("merge", a.spec().seed, b.spec().seed);
  require_equal("columns", a.cols(), b.cols(), "merge joins rows of one matrix, not columns");
  SampleSpec spec_a = a.spec(), spec_b = b.spec();
  spec_a.size = spec_b.size = 2;
  require_equal("methods", to_text(spec_a), to_text(spec_b), "make one digest again with the other's method");
  check_same_schema("merge", a.schema(), b.schema());
  if (a.size() > 0 && b.size() > 0 && a.single_precision() != b.single_precision())
    fail(ErrorCode::kIncompatible, "merge: one digest holds float rows, the other double (sketch both from one type)");
}

[[noreturn]] void refuse_overlap(RowId row) {
  fail(ErrorCode::kIncompatible,
       "merge: parts must have no row in common, got row {} twice (parts overlap, or one key is split "
       "over parts: combine the rows of a key first, or use a linear sketch)",
       row);
}

void add_totals(SampleTotals& sum, const SampleTotals& part) {
  sum.rows += part.rows;
  sum.nonzero_rows += part.nonzero_rows;
  sum.squared_norm.add(part.squared_norm);
  sum.weight.add(part.weight);
  sum.column_sums.resize(std::max(sum.column_sums.size(), part.column_sums.size()));
  for (std::size_t c = 0; c < part.column_sums.size(); ++c) sum.column_sums[c].add(part.column_sums[c]);
  sum.gram.resize(std::max(sum.gram.size(), part.gram.size()));
  for (std::size_t i = 0; i < part.gram.size(); ++i) sum.gram[i] += part.gram[i];
}

template <Real T>
RowSample resample(std::span<const RowSample* const> parts, Index size) {
  const RowSample& first = *parts[0];
  SampleDraft draft{first.spec(), first.schema(), first.cols(), {}, {}, {}};
  draft.spec.size = size;
  validate(draft.spec);
  std::vector<RowRef<T>> rows;
  std::vector<Cutoff> cutoffs;
  std::unordered_set<RowId> seen;
  std::unordered_map<RowId, CodedRow> coded;
  for (const RowSample* part : parts) {
    add_totals(draft.totals, part->totals());
    std::vector<CodedRow> codes;
    if (draft.spec.values) codes = coded_rows(part->parts());
    for (Index i = 0; i < part->size(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const RowId row = part->row_ids()[at];
      if (!seen.insert(row).second) refuse_overlap(row);
      if (!codes.empty()) coded.emplace(row, codes[at]);
      const double weight = part->weights()[at];
      draft.kept.push_back({uniform(draft.spec.seed, Domain::kRowSelection, row) / weight, row, weight, rows.size()});
      std::visit(
          [&](const auto& view) {
            if constexpr (std::same_as<typename std::remove_cvref_t<decltype(view)>::Value, T>)
              rows.push_back(row_ref(view, i));
          },
          part->values());
    }
    cutoffs.push_back({part->tau(), part->parts().tau_row});
  }
  if (draft.spec.method == Method::kPriority)
    for (const Cutoff& cutoff : cutoffs)
      if (std::isfinite(cutoff.tau) && !seen.insert(cutoff.row).second) refuse_overlap(cutoff.row);
  draft.cutoff = cut_to_sample(draft.spec.method, size, draft.totals.weight, draft.kept, cutoffs);
  SampleParts sample =
      std::move(draft).assemble<T>([&](std::uint64_t place) { return rows[place]; });
  if (sample.spec.values) {
    sample.coded.emplace().single = std::same_as<T, float>;
    for (const RowId row : sample.row_ids) append_row(*sample.coded, coded.at(row));
  }
  return RowSample(std::move(sample));
}

RowSample resample(std::span<const RowSample* const> parts, Index size) {
  // A part without rows has no value type of its own.
  const bool single = std::ranges::any_of(parts, [](auto* part) { return part->single_precision(); });
  return single ? resample<float>(parts, size) : resample<double>(parts, size);
}

}  // namespace

RowSample merge(std::span<const RowSample> parts) {
  if (parts.empty()) fail(ErrorCode::kInvalidArgument, "merge: expected one digest or more, got none");
  if (parts.size() > 1 && needs_gram(parts[0].spec()))
    fail(ErrorCode::kIncompatible,
         "merge: leverage weights belong to a whole matrix, got {} (sketch the whole, or use weight=squared_norm with mixture)",
         to_text(parts[0].spec()));
  std::vector<const RowSample*> pointers;
  Index size = parts[0].spec().size;
  for (const RowSample& part : parts) {
    check_mergeable(parts[0], part);
    size = std::min(size, part.spec().size);
    pointers.push_back(&part);
  }
  return resample(pointers, size);
}

RowSample merge(const RowSample& a, const RowSample& b) {
  const std::array both = {a, b};
  return merge(both);
}

RowSample truncate(const RowSample& sample, Index size) {
  if (size > sample.spec().size)
    fail(ErrorCode::kInvalidArgument, "truncate: size must be at most that of the digest, {}, got {} (a digest cannot grow: sketch again)",
         sample.spec().size, size);
  const std::array one = {&sample};
  return resample(one, size);
}

}  // namespace prodigest::sampling
