#include "linear/hadamard_rows.hpp"

#include <algorithm>
#include <unordered_set>

#include "core/draws.hpp"

namespace prodigest::linear {

std::vector<RowId> hadamard_rows(const LinearSpec& spec) {
  std::unordered_set<RowId> taken;
  const auto length = static_cast<RowId>(spec.length);
  for (RowId t = length - static_cast<RowId>(spec.size); t < length; ++t) {
    std::uint64_t word = 0;
    random_words(spec.seed, Domain::kHadamardRow, {&t, 1}, 0, {&word, 1}, {});
    const RowId drawn = bounded(word, t + 1, {spec.seed, Domain::kHadamardRow, t, 0, 0});
    if (!taken.insert(drawn).second) taken.insert(t);
  }
  std::vector<RowId> rows(taken.begin(), taken.end());
  std::ranges::sort(rows);
  return rows;
}

}  // namespace prodigest::linear
