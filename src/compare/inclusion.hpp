#pragma once
// How many rows of a matrix a sample keeps, and how many entries, as its threshold rises.

#include <vector>

#include "prodigest/compare/statistics.hpp"
#include "prodigest/sampling/sample_spec.hpp"

namespace prodigest::compare {

/// The rows of a side under the weights of a spec; row i is kept with probability min(1, tau u_i).
class InclusionCurve {
 public:
  /// @complexity O(rows)
  InclusionCurve(const SideStatistics& side, const sampling::SampleSpec& spec);

  /// Weight of a row of that share of the squared norm.
  double weight(double share) const;
  /// Rows of positive weight.
  double positive_rows() const { return rows_.back(); }

  /// The tau that keeps `size` rows in the mean; infinite if there are no more. The spec's
  /// tau=plain takes size / (sum of weights).  @complexity O(log rows)
  double tau(double size) const;
  /// For a row of that weight: 1 / E[1/tau], tau being that of a priority sample of the size.
  double mean_tau_of_others(double size, double weight) const;

  double rows(double tau) const;     ///< mean number of rows kept
  double entries(double tau) const;  ///< of the rows kept

 private:
  std::size_t certain(double tau) const;  // rows [0, certain) have tau u >= 1
  std::size_t certain_of_size(double size) const;

  sampling::SampleSpec spec_;
  std::vector<double> weights_;  // descending, positive
  // Sums over the rows before i, and weighted sums over the rows from i on.
  std::vector<double> rows_, entries_, weight_left_, weighted_entries_left_;
};

}  // namespace prodigest::compare
