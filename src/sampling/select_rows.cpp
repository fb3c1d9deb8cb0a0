#include "prodigest/sampling/select_rows.hpp"

#include <tbb/enumerable_thread_specific.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/fail.hpp"
#include "core/column_sums.hpp"
#include "core/parallel.hpp"
#include "sampling/candidates.hpp"

namespace prodigest::sampling {

Selection select_rows(const SampleSpec& spec, std::span<const double> weights, RowId first_row,
                      const Context& context) {
  validate(spec);
  struct Part {
    Candidates candidates;
    ExactSum weight;
    std::vector<RowId> ids;
    std::vector<double> ranks;
  };
  const Candidates none(spec.method, spec.size);
  tbb::enumerable_thread_specific<Part> parts([&] { return Part{none, {}, {}, {}}; });
  constexpr Index kChunkRows = 4096;
  parallel_blocks(context, std::ssize(weights), kChunkRows, [&](Index first, Index count) {
    Part& part = parts.local();
    const auto chunk = weights.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
    const auto bad = std::ranges::find_if_not(chunk, [](double w) { return w >= 0 && std::isfinite(w); });
    if (bad != chunk.end())
      fail(ErrorCode::kInvalidArgument, "select_rows: weights must be finite and not negative, got {} at position {}",
           *bad, first + (bad - chunk.begin()));
    part.ids.resize(chunk.size());
    std::iota(part.ids.begin(), part.ids.end(), first_row + static_cast<RowId>(first));
    part.candidates.offer_rows(spec.seed, part.ids, chunk, static_cast<std::uint64_t>(first), part.ranks);
    if (spec.method != Method::kPriority) add_exactly(part.weight, chunk);
  });

  Candidates all = none;
  ExactSum total;
  for (Part& part : parts) {
    total.add(part.weight);
    all.absorb(std::move(part.candidates));
  }
  std::vector<Candidate>& kept = all.list();
  const Cutoff cutoff = cut_to_sample(spec.method, spec.size, total, kept);
  Selection selection{{}, cutoff.tau};
  for (const Candidate& candidate : kept) selection.positions.push_back(static_cast<Index>(candidate.place));
  std::ranges::sort(selection.positions);
  return selection;
}

}  // namespace prodigest::sampling
