#include <gtest/gtest.h>

#include "sampling/figure1_experiment.hpp"
#include "reference/monte_carlo.hpp"

namespace prodigest::sampling {
namespace {

TEST(Figure1, SamplingBeatsProjectionByTwoAndAHalfWhereOneEntryInTenIsKept) {
  const Figure1Experiment experiment(0.1);
  const Index sampled = experiment.sampled_rows(0.1), projected = experiment.projected_rows(0.1);
  EXPECT_NEAR(static_cast<double>(sampled), 980, 10);
  EXPECT_NEAR(static_cast<double>(projected), 112, 2);
  MeanOfTrials priority, threshold, projection;
  for (const std::uint64_t seed : {1, 2, 3}) {
    priority.add(experiment.sampling_error(Method::kPriority, sampled, seed));
    threshold.add(experiment.sampling_error(Method::kThreshold, sampled, seed));
    projection.add(experiment.projection_error(projected, seed));
  }
  // measured with the numpy prototype: 0.0946 / 0.0368 = 2.57
  EXPECT_GE(projection.mean() / priority.mean(), 2.2);
  EXPECT_LE(projection.mean() / priority.mean(), 3.0);
  EXPECT_NEAR(threshold.mean() / priority.mean(), 1, 0.1);
}

}  // namespace
}  // namespace prodigest::sampling
