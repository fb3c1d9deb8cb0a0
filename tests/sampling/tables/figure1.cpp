// Prints the table behind the source paper's Figure 1; a minute or two.

#include <cstdio>

#include "sampling/figure1_experiment.hpp"
#include "reference/monte_carlo.hpp"

int main() {
  using namespace prodigest;
  using namespace prodigest::sampling;
  constexpr int kSeeds = 5;
  std::printf(
      "n=10000, d=m=100, outliers per entry, mean of %d seeds, error ||W - AtB|| / (||A|| ||B||)\n",
      kSeeds);
  std::printf("%8s %8s %8s %8s %9s %9s %9s %9s\n", "nonzero", "storage", "k", "k JL", "priority",
              "threshold", "JL", "JL/prio");
  for (const double kept : {0.02, 0.1, 0.4, 0.8}) {
    const Figure1Experiment experiment(kept);
    for (const double storage : {0.01, 0.05, 0.1, 0.2, 0.4}) {
      const auto sampled = experiment.sampled_rows(storage),
                 projected = experiment.projected_rows(storage);
      MeanOfTrials priority, threshold, projection;
      for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        priority.add(experiment.sampling_error(Method::kPriority, sampled, seed));
        threshold.add(experiment.sampling_error(Method::kThreshold, sampled, seed));
        projection.add(experiment.projection_error(projected, seed));
      }
      std::printf("%7.0f%% %7.0f%% %8lld %8lld %9.4f %9.4f %9.4f %9.2f\n", 100 * kept,
                  100 * storage, static_cast<long long>(sampled), static_cast<long long>(projected),
                  priority.mean(), threshold.mean(), projection.mean(),
                  projection.mean() / priority.mean());
      std::fflush(stdout);
    }
  }
}
