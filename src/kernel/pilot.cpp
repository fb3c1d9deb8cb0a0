#include "kernel/pilot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "core/draws.hpp"
#include "core/parallel.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kRows = kLanes;  // of a group
constexpr Index kFewest = 48, kMost = 128, kQueriesOfGroup = 1024;
constexpr Index kKeysAtOnce = 256;
constexpr float kNothing = std::numeric_limits<float>::max();  // is larger than that

using Lanes = std::array<float, kRows>;

// Sets kernel values of near keys to zero, cell after cell.
class NearWalk {
 public:
  NearWalk(const NearKeys& near, std::span<const Index> queries) {
    for (std::size_t lane = 0; lane < queries.size(); ++lane) {
      next_[lane] = near.keys.data() + queries[lane] * near.near;
      end_[lane] = next_[lane] + near.counts[queries[lane]];
    }
  }
  // Of keys [first, first + count); first must not fall from call to call.
  void remove(Index first, Index count, float* values) {
    for (std::size_t lane = 0; lane < next_.size(); ++lane) {
      while (next_[lane] != end_[lane] && *next_[lane] < first) ++next_[lane];
      for (; next_[lane] != end_[lane] && *next_[lane] < first + count; ++next_[lane])
        values[(*next_[lane] - first) * kRows + static_cast<Index>(lane)] = 0;
    }
  }

 private:
  std::array<const std::int32_t*, kRows> next_{}, end_{};
};

// Squared kernel values of near keys, and of others that should be among them.
struct Recall {
  double found = 0, missed = 0;
};

class Runner {
 public:
  Runner(const PilotInput& input, Pilot& pilot) : in_(input), pilot_(pilot) {}

  void run(const Context& context) {
    draw_rows();
    const Index groups = std::ssize(pilot_.groups), cells = in_.keys.count();
    pilot_.squares = pilot_.rates = Matrix<float>(groups, cells);
    sums_ = squares_ = largest_ = distances_ = Matrix<float>(groups, cells);
    inverse_sums_.resize(rows_.size());
    recalls_.resize(pilot_.groups.size());
    surprises_.resize(pilot_.groups.size());
    parallel_blocks(context, groups, 1, [&](Index a, Index) { look(a); });
    pilot_.near_recall = near_recall();
    if (is_relative()) pilot_.row_sum = typical_row_sum();
    find_rates();
    parallel_blocks(context, groups, 1, [&](Index a, Index) { set_surprises_apart(a); });
    for (const auto& some : surprises_)
      pilot_.surprises.insert(pilot_.surprises.end(), some.begin(), some.end());
    find_rates();
  }

 private:
  // Places spread evenly, each moved at random within its share, and queries of their cells.
  void draw_rows() {
    const Index n = static_cast<Index>(in_.queries.members.size());
    const Index groups = std::clamp(n / kQueriesOfGroup, kFewest, kMost);
    std::vector<RowId> names(static_cast<std::size_t>(groups * (kRows + 1)));
    std::iota(names.begin(), names.end(), RowId{0});
    std::vector<double> draws(names.size());
    uniforms(in_.seed, Domain::kKernelSample, names, draws);
    for (Index a = 0; a < groups; ++a) {
      const double* const draw = draws.data() + a * (kRows + 1);
      const auto place = static_cast<Index>((static_cast<double>(a) + draw[kRows]) *
                                            static_cast<double>(n) / static_cast<double>(groups));
      const Index group = std::ranges::upper_bound(in_.queries.starts, std::min(place, n - 1)) -
                          in_.queries.starts.begin() - 1;
      const Index first = in_.queries.starts[group], size = in_.queries.starts[group + 1] - first;
      pilot_.groups.push_back(group);
      for (Index lane = 0; lane < kRows; ++lane)
        rows_.push_back(in_.queries.members[first + static_cast<Index>(
                                                        draw[lane] * static_cast<double>(size))]);
      starts_.push_back(std::ssize(rows_));
    }
    pilot_.rows_of_group = kRows;
    panels_ = QueryPanels(in_.points.of_queries(), rows_, starts_);
  }

  std::span<const Index> rows_of(Index a) const {
    return std::span(rows_).subspan(static_cast<std::size_t>(a * kRows), kRows);
  }

  // visit(kernel values of some keys of the cell, their first, how many)
  template <class Visit>
  void for_values(Index a, Index cell, std::span<float> values, const Visit& visit) const {
    const Index end = in_.keys.starts[cell + 1];
    for (Index first = in_.keys.starts[cell]; first < end; first += kKeysAtOnce) {
      const Index count = std::min(kKeysAtOnce, end - first);
      const KeyList keys{in_.key_rows.data() + first, in_.points.keys.offsets.data() + first,
                         count};
      panels_.for_panels(a, [&](const QueryPanel& panel, Index) {
        kernel_values(panel, keys, in_.points.dim, values.data());
      });
      visit(first, count);
    }
  }

  // Sums of squares and largest values of every cell.
  void look(Index a) {
    in_.distances.find({&pilot_.groups[a], 1}, distances_.view().slice(a, 1));
    NearWalk near(in_.near, rows_of(a));
    const Index cells = in_.keys.count();
    const Lanes smallest = smallest_near(rows_of(a));
    Lanes missed{};
    std::vector<float> values(kKeysAtOnce * kRows);
    std::vector<Lanes> sums(static_cast<std::size_t>(cells)), squares(sums), largest(sums);
    for (Index cell = 0; cell < cells; ++cell) {
      for_values(a, cell, values, [&](Index first, Index count) {
        near.remove(first, count, values.data());
        for (Index j = 0; j < count; ++j)
          for (Index lane = 0; lane < kRows; ++lane) {
            const float value = values[j * kRows + lane];
            sums[cell][lane] += value;
            squares[cell][lane] += value * value;
            missed[lane] += value > smallest[lane] ? value * value : 0;
            largest[cell][lane] = std::max(largest[cell][lane], value);
          }
      });
    }
    float* const inverse = inverse_sums_.data() + a * kRows;
    for (Index lane = 0; lane < kRows; ++lane)
      inverse[lane] = is_relative() ? inverse_row_sum(rows_of(a)[lane], lane, sums) : 1;
    for (Index lane = 0; lane < kRows; ++lane) {
      const double share = double{inverse[lane]} * double{inverse[lane]};
      recalls_[a].missed += double{missed[lane]} * share;
      for (const float value : near_values(rows_of(a)[lane]))
        recalls_[a].found += double{value} * double{value} * share;
    }
    for (Index cell = 0; cell < cells; ++cell)
      for (Index lane = 0; lane < kRows; ++lane) {
        sums_(a, cell) += sums[cell][lane] * inverse[lane] / kRows;
        squares_(a, cell) += squares[cell][lane] * inverse[lane] * inverse[lane] / kRows;
        largest_(a, cell) =
            std::max(largest_(a, cell), largest[cell][lane] * inverse[lane]);
      }
  }

  bool is_relative() const { return in_.target == ErrorTarget::kRowRelative; }

  // Near keys are not among the sums of cells.
  float inverse_row_sum(Index query, Index lane, const std::vector<Lanes>& sums) const {
    double sum = 0;
    for (const Lanes& of_cell : sums) sum += double{of_cell[lane]};
    for (const float value : near_values(query)) sum += double{value};
    return sum > 0 ? static_cast<float>(1 / sum) : 0;
  }

  // Of a full list; one that is not full should have all but a small share of the largest.
  Lanes smallest_near(std::span<const Index> queries) const {
    Lanes smallest{};
    for (std::size_t lane = 0; lane < queries.size(); ++lane)
      if (const auto values = near_values(queries[lane]); in_.near.near == 0)
        smallest[lane] = kNothing;
      else if (std::ssize(values) == in_.near.near)
        smallest[lane] = std::ranges::min(values);
      else if (!values.empty())
        smallest[lane] = NearOptions{}.share * std::ranges::max(values);
    return smallest;
  }

  std::span<const float> near_values(Index query) const {
    return std::span(in_.near.values)
        .subspan(static_cast<std::size_t>(query * in_.near.near),
                 static_cast<std::size_t>(in_.near.counts[query]));
  }

  void set_surprises_apart(Index a) {
    NearWalk near(in_.near, rows_of(a));
    const float* const inverse = inverse_sums_.data() + a * kRows;
    std::vector<float> values(kKeysAtOnce * kRows);
    for (Index cell = 0; cell < in_.keys.count(); ++cell) {
      const float most = kSurprise * pilot_.rates(a, cell);
      if (largest_(a, cell) <= most) continue;
      double sum = 0, squares = 0;
      for_values(a, cell, values, [&](Index first, Index count) {
        near.remove(first, count, values.data());
        for (Index i = 0; i < count * kRows; ++i) {
          const float value = values[i] * inverse[i % kRows];
          if (value > most) {
            surprises_[a].push_back({a * kRows + i % kRows, cell, first + i / kRows, value});
            continue;
          }
          sum += double{value};
          squares += double{value} * double{value};
        }
      });
      sums_(a, cell) = static_cast<float>(sum / kRows);
      squares_(a, cell) = static_cast<float>(squares / kRows);
    }
  }

  // Tables of all pairs and of each half; a half is rated by the other, which knows nothing of it.
  void find_rates() {
    const Index groups = std::ssize(pilot_.groups), cells = in_.keys.count();
    struct Seen {
      CellPair pair;
      bool odd;
    };
    std::vector<Seen> seen;
    for (Index a = 0; a < groups; ++a)
      for (Index cell = 0; cell < cells; ++cell)
        seen.push_back({{distances_(a, cell), sums_(a, cell), squares_(a, cell), size_of(cell)},
                        a % 2 == 1});
    std::ranges::stable_sort(seen, {}, [](const Seen& s) { return s.pair.distance; });
    std::vector<CellPair> all, odd, even;
    for (const Seen& s : seen) {
      all.push_back(s.pair);
      (s.odd ? odd : even).push_back(s.pair);
    }
    // With sums of rows as the unit the mean of a cell is that of no row.
    const bool centred = !is_relative();
    pilot_.table = RateTable(all, centred);
    const RateTable of_odd(odd, centred), of_even(even, centred);
    for (Index a = 0; a < groups; ++a)
      for (Index cell = 0; cell < cells; ++cell) {
        const Rate rate = (a % 2 == 1 ? of_even : of_odd)(distances_(a, cell));
        pilot_.rates(a, cell) = rate.deviation;
        pilot_.squares(a, cell) = std::max(
            0.0F, squares_(a, cell) - 2 * rate.mean * sums_(a, cell) +
                      size_of(cell) * rate.mean * rate.mean);
      }
  }

  float size_of(Index cell) const {
    return static_cast<float>(in_.keys.starts[cell + 1] - in_.keys.starts[cell]);
  }

  double near_recall() const {
    Recall sum;
    for (const Recall& recall : recalls_) {
      sum.found += recall.found;
      sum.missed += recall.missed;
    }
    return sum.missed > 0 ? sum.found / (sum.found + sum.missed) : 1;
  }

  double typical_row_sum() const {
    double logs = 0, count = 0;
    for (std::size_t i = 0; i < inverse_sums_.size(); ++i) {
      if (inverse_sums_[i] == 0) continue;
      const Index group = pilot_.groups[i / kRows];
      logs -= std::log2(double{inverse_sums_[i]}) + double{in_.distances.log2_sum(group)};
      ++count;
    }
    return count > 0 ? std::exp2(logs / count) : 1;
  }

  const PilotInput& in_;
  Pilot& pilot_;
  std::vector<Index> rows_{}, starts_{0};
  QueryPanels panels_{};
  Matrix<float> distances_{}, sums_{}, squares_{}, largest_{};
  std::vector<float> inverse_sums_{};  // of rows; 1 unless errors are relative to them
  std::vector<Recall> recalls_{};  // of groups
  std::vector<std::vector<Surprise>> surprises_{};
};

}  // namespace

Pilot run_pilot(const PilotInput& input, const Context& context) {
  Pilot pilot;
  Runner(input, pilot).run(context);
  return pilot;
}

}  // namespace prodigest::kernel
