#pragma once
// Which keys are perhaps near a query, by p-stable hashes.

#include <cstdint>
#include <vector>

#include "kernel/points.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::kernel {

/// A hash is what intervals some random projections of a point fall into.
struct HashFamily {
  Index projections = 1;
  double width = 1;  ///< of an interval, in the unit of the points
  Seed seed{};
};

/// Chance that two points at a distance have the same hash.
double chance_to_meet(const HashFamily& family, double distance);

/// The keys that have the same hash as a query in one table or more, ascending, for each query.
std::vector<std::vector<std::int32_t>> keys_met(const CentredPair& points, const HashFamily& family,
                                                Index tables, const Context& context);

}  // namespace prodigest::kernel
