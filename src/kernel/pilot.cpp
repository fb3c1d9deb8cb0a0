#include "kernel/pilot.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "core/draws.hpp"
#include "core/parallel.hpp"
#include "kernel/value_sums.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kRows = kLanes;  // of a group
constexpr Index kFewest = 48, kMost = 128, kQueriesOfGroup = 1024;
constexpr Index kKeysAtOnce = 128;
constexpr Index kMostLanes = kRows * kMostVectors;
constexpr float kNothing = std::numeric_limits<float>::max();  // is larger than that

// Sets kernel values of near keys to zero, cell after cell.
class NearWalk {
 public:
  NearWalk(const NearKeys& near, std::span<const Index> queries) : lanes_(std::ssize(queries)) {
    for (std::size_t lane = 0; lane < queries.size(); ++lane)
      for (Index i = 0; i < near.counts[queries[lane]]; ++i)
        places_.push_back(near.keys[queries[lane] * near.near + i] * lanes_ +
                          static_cast<Index>(lane));
    std::ranges::sort(places_);
    next_ = places_.begin();
  }
  // Of keys [first, first + count); first must not fall from call to call.
  void remove(Index first, Index count, float* values) {
    const Index begin = first * lanes_, end = begin + count * lanes_;
    while (next_ != places_.end() && *next_ < begin) ++next_;
    for (; next_ != places_.end() && *next_ < end; ++next_) values[*next_ - begin] = 0;
  }

 private:
  Index lanes_;
  std::vector<Index> places_{};  // key * lanes + lane
  std::vector<Index>::const_iterator next_{};
};

// Squared kernel values of near keys, and of others that should be among them.
struct Recall {
  double found = 0, missed = 0;
};

// Sums of the kernel values of a group and a cell that are no surprises.
struct Apart {
  Index a = 0;
  float most = 0;
  double sum = 0, squares = 0;
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
    parallel_blocks(context, panels_.groups(), 1, [&](Index batch, Index) { look(batch); });
    pilot_.near_recall = near_recall();
    if (is_relative()) {
      pilot_.row_sum = typical_row_sum();
      pilot_.near_share = typical_near_share();
    }
    find_rates();
    parallel_blocks(context, panels_.groups(), 1,
                    [&](Index batch, Index) { set_surprises_apart(batch); });
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
        rows_.push_back(
            in_.queries
                .members[first + static_cast<Index>(draw[lane] * static_cast<double>(size))]);
    }
    pilot_.rows_of_group = kRows;
    std::vector<Index> starts;
    for (Index row = 0; row < std::ssize(rows_); row += kMostLanes) starts.push_back(row);
    starts.push_back(std::ssize(rows_));
    panels_ = QueryPanels(in_.points.of_queries(), rows_, starts);
  }

  // A batch: groups that fill a panel, side by side.
  Index first_group(Index batch) const { return batch * kMostVectors; }
  std::span<const Index> rows_of(Index batch) const {
    return std::span(rows_).subspan(static_cast<std::size_t>(batch * kMostLanes),
                                    static_cast<std::size_t>(panels_.lanes(batch)));
  }

  // visit(kernel values of some keys of the cell, their first, how many)
  template <class Visit>
  void for_values(Index batch, Index cell, std::span<float> values, const Visit& visit) const {
    const Index end = in_.keys.starts[cell + 1];
    for (Index first = in_.keys.starts[cell]; first < end; first += kKeysAtOnce) {
      const Index count = std::min(kKeysAtOnce, end - first);
      const KeyList keys{in_.key_rows.data() + first, in_.points.keys.offsets.data() + first,
                         count};
      panels_.for_panels(batch, [&](const QueryPanel& panel, Index) {
        kernel_values_by_vector(panel, keys, in_.points.dim, values.data());
      });
      visit(first, count);
    }
  }

  // Sums of squares and largest values of every cell.
  void look(Index batch) {
    const auto rows = rows_of(batch);
    const Index lanes = std::ssize(rows), cells = in_.keys.count();
    NearWalk near(in_.near, rows);
    const std::vector<float> smallest = smallest_near(rows);
    std::vector<float> missed(rows.size()), values(static_cast<std::size_t>(kKeysAtOnce * lanes));
    Matrix<float> sums(cells, lanes), squares(sums), largest(sums);
    for (Index cell = 0; cell < cells; ++cell)
      for_values(batch, cell, values, [&](Index first, Index count) {
        near.remove(first, count, values.data());
        add_values(values.data(), count, lanes, smallest.data(),
                   {&sums(cell, 0), &squares(cell, 0), &largest(cell, 0), missed.data()});
      });
    for (Index first = 0; first < lanes; first += kRows) {
      const Index a = first_group(batch) + first / kRows;
      in_.distances.find({&pilot_.groups[a], 1}, distances_.view().slice(a, 1));
      for (Index lane = first; lane < first + kRows; ++lane) {
        const float inverse = is_relative() ? inverse_row_sum(rows[lane], lane, sums) : 1;
        inverse_sums_[batch * kMostLanes + lane] = inverse;
        const double share = double{inverse} * double{inverse};
        recalls_[a].missed += double{missed[lane]} * share;
        for (const float value : near_values(rows[lane]))
          recalls_[a].found += double{value} * double{value} * share;
      }
      const float* const inverse = inverse_sums_.data() + a * kRows;
      for (Index cell = 0; cell < cells; ++cell)
        for (Index i = 0; i < kRows; ++i) {
          const Index lane = first + i;
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
  std::vector<float> smallest_near(std::span<const Index> queries) const {
    std::vector<float> smallest(queries.size());
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

  void set_surprises_apart(Index batch) {
    const auto rows = rows_of(batch);
    const Index lanes = std::ssize(rows);
    NearWalk near(in_.near, rows);
    std::vector<float> values(static_cast<std::size_t>(kKeysAtOnce * lanes));
    for (Index cell = 0; cell < in_.keys.count(); ++cell) {
      std::vector<Apart> groups = with_surprises(batch, cell);
      if (groups.empty()) continue;
      for_values(batch, cell, values, [&](Index first, Index count) {
        near.remove(first, count, values.data());
        for (Apart& group : groups) {
          const float* const of_group = &values[kRows * (group.a - first_group(batch))];
          for (Index j = 0; j < count; ++j) add_apart(of_group + j * lanes, cell, first + j, group);
        }
      });
      for (const Apart& group : groups) {
        sums_(group.a, cell) = static_cast<float>(group.sum / kRows);
        squares_(group.a, cell) = static_cast<float>(group.squares / kRows);
      }
    }
  }

  // Those groups of a batch that have surprises in a cell.
  std::vector<Apart> with_surprises(Index batch, Index cell) const {
    std::vector<Apart> found;
    const Index first = first_group(batch), count = panels_.lanes(batch) / kRows;
    for (Index a = first; a < first + count; ++a)
      if (const float most = kSurprise * pilot_.rates(a, cell); largest_(a, cell) > most)
        found.push_back({.a = a, .most = most});
    return found;
  }

  // Values of a key.
  void add_apart(const float* values, Index cell, Index key, Apart& group) {
    const float* const inverse = inverse_sums_.data() + group.a * kRows;
    for (Index i = 0; i < kRows; ++i) {
      const float value = values[i] * inverse[i];
      if (value > group.most) {
        surprises_[group.a].push_back({group.a * kRows + i, cell, key, value});
        continue;
      }
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
  std::vector<Index> rows_{};
  QueryPanels panels_{};
  Matrix<float> distances_{}, sums_{}, squares_{}, largest_{};
  std::vector<float> inverse_sums_{};  // of rows; 1 unless errors are relative to them
  std::vector<Recall> recalls_{};      // of groups
  std::vector<std::vector<Surprise>> surprises_{};
};

}  // namespace

Pilot run_pilot(const PilotInput& input, const Context& context) {
  Pilot pilot;
  Runner(input, pilot).run(context);
  return pilot;
}

}  // namespace prodigest::kernel
