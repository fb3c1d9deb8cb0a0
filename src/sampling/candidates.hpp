#pragma once
// Which rows may still be in the sample, while rows arrive.

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "prodigest/base/types.hpp"
#include "prodigest/core/exact_sum.hpp"
#include "prodigest/sampling/sample_spec.hpp"

namespace prodigest::sampling {

/// A row in the running. `place` is where its values are: the owner of the set knows.
struct Candidate {
  double rank;
  RowId row;
  double weight;
  std::uint64_t place;
};

/// The total order of rows: ties of rank break by row id.
inline bool before(double rank_a, RowId row_a, double rank_b, RowId row_b) {
  return rank_a < rank_b || (rank_a == rank_b && row_a < row_b);
}
inline bool before(const Candidate& a, const Candidate& b) {
  return before(a.rank, a.row, b.rank, b.row);
}

/// Where a sample ends: rows before (tau, row) are kept.
struct Cutoff {
  double tau;
  RowId row;
};

/// A superset of the sample of all rows offered so far, of bounded size. Rows at or beyond limit()
/// can never be in the sample and need not be offered.
class Candidates {
 public:
  Candidates(Method method, Index size) : method_(method), size_(size) {}
  /// An empty set for a part of the rows that come after those of `before`.
  static Candidates after(const Candidates& before);

  /// Ranks above this are out for good (an equal rank may be in, by row id).
  double limit() const noexcept { return limit_; }
  /// Offers rows place, place + 1, ... with their weights; those of weight 0 are not candidates.
  /// @shape rows, weights: [b]; ranks is scratch
  void offer_rows(Seed seed, std::span<const RowId> rows, std::span<const double> weights,
                  std::uint64_t place, std::vector<double>& ranks);
  void absorb(Candidates&& part);
  void compact();

  std::vector<Candidate>& list() noexcept { return list_; }
  const std::vector<Candidate>& list() const noexcept { return list_; }

 private:
  /// A threshold's tau for the rows offered so far, rounded: more rows only lower it.
  double tau_so_far() const;

  Method method_;
  Index size_;
  double limit_ = INFINITY;
  double passed_weight_ = 0;  // of rows offered that are not in the list; rounded
  std::size_t room_ = 0;
  std::vector<Candidate> list_;
};

/// Cuts the list to the sample, in ascending order of (rank, row).
/// @param total exact sum of all weights, used by thresholds
/// @param other_cutoffs of the priority samples the list was gathered from: rows known by rank alone
Cutoff cut_to_sample(Method method, Index size, const ExactSum& total,
                     std::vector<Candidate>& list, std::span<const Cutoff> other_cutoffs = {});

}  // namespace prodigest::sampling
