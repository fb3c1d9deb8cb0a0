#include "kernel/pilot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>

#include "core/draws.hpp"
#include "core/parallel.hpp"
#include "kernel/pilot_rows.hpp"
#include "kernel/value_sums.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kRows = kPilotRows;
constexpr Index kFewest = 48, kMost = 128, kQueriesOfGroup = 1024;
constexpr float kNothing = std::numeric_limits<float>::max();  // is larger than that

// Squared kernel values of near keys, and of others that should be among them.
struct Recall {
  double found = 0, missed = 0;
};

// A group with surprises in a cell, and sums of its other values.
struct Apart {
  Index a = 0;
  float most = 0;
  double sum = 0, squares = 0;
};

class Runner {
 public:
  Runner(const PilotInput& input, Pilot& pilot)
      : in_(input), pilot_(pilot), rows_(input, draw_rows()) {}

  void run(const Context& context) {
    const Index groups = std::ssize(pilot_.groups), cells = in_.keys.count();
    pilot_.squares = pilot_.rates = Matrix<float>(groups, cells);
    sums_ = squares_ = largest_ = distances_ = Matrix<float>(groups, cells);
    inverse_sums_.resize(static_cast<std::size_t>(rows_.count()));
    recalls_.resize(pilot_.groups.size());
    parallel_blocks(context, groups, kMostVectors,
                    [&](Index first, Index count) { look(first, count); });
    pilot_.near_recall = near_recall();
    if (is_relative()) {
      pilot_.row_sum = typical_row_sum();
      pilot_.near_share = typical_near_share();
    }
    find_rates();
    set_surprises_apart(context);
    find_rates();
  }

 private:
  // Places spread evenly, each moved at random within its share, and queries of their cells.
  std::vector<Index> draw_rows() {
    std::vector<Index> rows;
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
        rows.push_back(
            in_.queries
                .members[first + static_cast<Index>(draw[lane] * static_cast<double>(size))]);
    }
    pilot_.rows_of_group = kRows;
    return rows;
  }

  // Sums of squares and largest values of every cell.
  void look(Index first_group, Index count) {
    std::array<Index, kMostVectors> room;
    std::iota(room.begin(), room.end(), first_group);
    const auto groups = std::span(room).first(static_cast<std::size_t>(count));
    const QueryPanels panels = rows_.side_by_side(groups);
    const Index cells = in_.keys.count(), lanes = kRows * count, first_row = kRows * first_group;
    const std::vector<float> smallest = smallest_near(first_row, lanes);
    std::vector<float> missed(smallest.size());
    Matrix<float> sums(cells, lanes), squares(sums), largest(sums);
    for (Index cell = 0; cell < cells; ++cell)
      rows_.for_values(groups, panels, cell, [&](const float* values, Index, Index keys) {
        add_values(values, keys, lanes, smallest.data(),
                   {&sums(cell, 0), &squares(cell, 0), &largest(cell, 0), missed.data()});
      });
    for (Index lane = 0; lane < lanes; ++lane) {
      const Index row = first_row + lane;
      const float inverse = is_relative() ? inverse_row_sum(rows_[row], lane, sums) : 1;
      inverse_sums_[row] = inverse;
      const double share = double{inverse} * double{inverse};
      Recall& recall = recalls_[row / kRows];
      recall.missed += double{missed[lane]} * share;
      for (const float value : near_values(rows_[row]))
        recall.found += double{value} * double{value} * share;
    }
    for (const Index a : groups) {
      in_.distances.find({&pilot_.groups[a], 1}, distances_.view().slice(a, 1));
      const float* const inverse = inverse_sums_.data() + a * kRows;
      for (Index cell = 0; cell < cells; ++cell)
        for (Index i = 0; i < kRows; ++i) {
          const Index lane = (a - first_group) * kRows + i;
          sums_(a, cell) += sums(cell, lane) * inverse[i] / kRows;
          squares_(a, cell) += squares(cell, lane) * inverse[i] * inverse[i] / kRows;
          largest_(a, cell) = std::max(largest_(a, cell), largest(cell, lane) * inverse[i]);
        }
    }
  }

  bool is_relative() const { return in_.target == ErrorTarget::kRowRelative; }

  // Near keys are not among the sums of cells.
  float inverse_row_sum(Index query, Index lane, const Matrix<float>& sums) const {
    double sum = 0;
    for (Index cell = 0; cell < sums.rows; ++cell) sum += double{sums(cell, lane)};
    for (const float value : near_values(query)) sum += double{value};
    return sum > 0 ? static_cast<float>(1 / sum) : 0;
  }

  // Of a full list; one that is not full should have all but a small share of the largest.
  std::vector<float> smallest_near(Index first_row, Index count) const {
    std::vector<float> smallest(static_cast<std::size_t>(count));
    for (Index i = 0; i < count; ++i)
      if (const auto values = near_values(rows_[first_row + i]); in_.near.near == 0)
        smallest[i] = kNothing;
      else if (std::ssize(values) == in_.near.near)
        smallest[i] = std::ranges::min(values);
      else if (!values.empty())
        smallest[i] = NearOptions{}.share * std::ranges::max(values);
    return smallest;
  }

  std::span<const float> near_values(Index query) const {
    return std::span(in_.near.values)
        .subspan(static_cast<std::size_t>(query * in_.near.near),
                 static_cast<std::size_t>(in_.near.counts[query]));
  }

  void set_surprises_apart(const Context& context) {
    std::vector<std::vector<Surprise>> of_cells(static_cast<std::size_t>(in_.keys.count()));
    parallel_blocks(context, in_.keys.count(), 16, [&](Index first, Index count) {
      for (Index cell = first; cell < first + count; ++cell)
        set_surprises_apart(cell, of_cells[static_cast<std::size_t>(cell)]);
    });
    for (const auto& some : of_cells)
      pilot_.surprises.insert(pilot_.surprises.end(), some.begin(), some.end());
    std::ranges::sort(pilot_.surprises, {}, [](const Surprise& one) {
      return std::tuple(one.row / kRows, one.key, one.row);
    });
  }

  // Evaluates the groups with surprises once more, as many as fit side by side.
  void set_surprises_apart(Index cell, std::vector<Surprise>& surprises) {
    std::vector<Index> with_some;
    for (Index a = 0; a < largest_.rows; ++a)
      if (largest_(a, cell) > kSurprise * pilot_.rates(a, cell)) with_some.push_back(a);
    for (std::span<const Index> left(with_some); !left.empty();) {
      const auto groups = left.first(std::min<std::size_t>(kMostVectors, left.size()));
      left = left.subspan(groups.size());
      std::vector<Apart> apart;
      for (const Index a : groups)
        apart.push_back({.a = a, .most = kSurprise * pilot_.rates(a, cell)});
      rows_.for_values(groups, rows_.side_by_side(groups), cell,
                       [&](const float* values, Index first, Index keys) {
                         for (Index key = first; key < first + keys; ++key)
                           for (Apart& group : apart) {
                             add_apart(values, cell, key, group, surprises);
                             values += kRows;
                           }
                       });
      for (const Apart& group : apart) {
        sums_(group.a, cell) = static_cast<float>(group.sum / kRows);
        squares_(group.a, cell) = static_cast<float>(group.squares / kRows);
      }
    }
  }

  // Values of a key.
  void add_apart(const float* values, Index cell, Index key, Apart& group,
                 std::vector<Surprise>& surprises) const {
    const float* const inverse = inverse_sums_.data() + group.a * kRows;
    std::array<float, kRows> scaled;
    float largest = 0;
    for (Index i = 0; i < kRows; ++i) {
      scaled[i] = values[i] * inverse[i];
      largest = std::max(largest, scaled[i]);
    }
    for (Index i = 0; i < kRows && largest > group.most; ++i) {
      if (!(scaled[i] > group.most)) continue;
      surprises.push_back({group.a * kRows + i, cell, key, scaled[i]});
      scaled[i] = 0;
    }
    for (const float value : scaled) {
      group.sum += double{value};
      group.squares += double{value} * double{value};
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
        seen.push_back(
            {{distances_(a, cell), sums_(a, cell), squares_(a, cell), size_of(cell)}, a % 2 == 1});
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
        pilot_.squares(a, cell) =
            std::max(0.0F, squares_(a, cell) - 2 * rate.mean * sums_(a, cell) +
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

  double typical_near_share() const {
    double logs = 0, count = 0;
    for (std::size_t i = 0; i < inverse_sums_.size(); ++i) {
      const auto values = near_values(rows_[i]);
      const double sum = std::accumulate(values.begin(), values.end(), 0.0);
      if (sum == 0 || inverse_sums_[i] == 0) continue;
      logs += std::log2(sum * double{inverse_sums_[i]});
      ++count;
    }
    return count > 0 ? std::exp2(logs / count) : 1;
  }

  const PilotInput& in_;
  Pilot& pilot_;
  PilotRows rows_;
  Matrix<float> distances_{}, sums_{}, squares_{}, largest_{};
  std::vector<float> inverse_sums_{};  // of rows; 1 unless errors are relative to them
  std::vector<Recall> recalls_{};      // of groups
};

}  // namespace

Pilot run_pilot(const PilotInput& input, const Context& context) {
  Pilot pilot;
  Runner(input, pilot).run(context);
  return pilot;
}

}  // namespace prodigest::kernel
