#include "kernel/bisection.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>

#include "core/draws.hpp"
#include "core/parallel.hpp"
#include "kernel/listed_rows.hpp"
#include "kernel/two_means.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kSample = 192;     // points that a plane is found from
constexpr Index kLeastShare = 32;  // a part smaller than 1/32 is made one half

struct Part {
  Index first = 0, count = 0;
};

class Bisection {
 public:
  Bisection(MatrixView<const float> points, Seed seed) : points_(points), seed_(seed) {}

  // Orders the indices of one part and says how many belong to its first half.
  Index divide(std::span<std::int32_t> indices, Index first, std::uint32_t level) const {
    const Index count = std::ssize(indices);
    Plane plane;
    find_plane(points_, sample(indices, first, level), plane);
    std::vector<float> products(indices.size());
    multiply_listed_rows(points_, indices, plane.direction.data(), products.data());
    std::vector<std::pair<float, std::int32_t>> placed(indices.size());
    for (Index i = 0; i < count; ++i) placed[i] = {products[i], indices[i]};
    auto middle = std::stable_partition(placed.begin(), placed.end(), [&](const auto& point) {
      return point.first <= plane.threshold;
    });
    const Index least = std::max<Index>(1, count / kLeastShare);
    if (middle - placed.begin() < least || placed.end() - middle < least) {
      middle = placed.begin() + count / 2;
      std::nth_element(placed.begin(), middle, placed.end());
    }
    for (Index i = 0; i < count; ++i) indices[i] = placed[i].second;
    return middle - placed.begin();
  }

 private:
  std::vector<std::int32_t> sample(RowList indices, Index first, std::uint32_t level) const {
    const auto size = std::min(static_cast<std::size_t>(kSample), indices.size());
    std::vector<RowId> rows(size);
    std::iota(rows.begin(), rows.end(), static_cast<RowId>(first) * kSample);
    std::vector<std::uint64_t> words(size);
    random_words(seed_, Domain::kKernelPartition, rows, level, words, {});
    std::vector<std::int32_t> drawn(size);
    for (std::size_t t = 0; t < size; ++t)
      drawn[t] = indices[bounded(words[t], indices.size(),
                                 {seed_, Domain::kKernelPartition, rows[t], level, 0})];
    return drawn;
  }

  MatrixView<const float> points_;
  Seed seed_;
};

}  // namespace

std::vector<std::int32_t> bisection_order(MatrixView<const float> points, Index leaf, Seed seed,
                                          const Context& context) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(points.rows));
  std::iota(order.begin(), order.end(), 0);
  const Bisection bisection(points, seed);
  const auto large = [&](const Part& part) { return part.count > leaf; };
  std::vector<Part> parts;
  if (points.rows > leaf) parts.push_back({0, points.rows});
  for (std::uint32_t level = 0; !parts.empty(); ++level) {
    std::vector<Part> halves(2 * parts.size());
    parallel_blocks(context, std::ssize(parts), 1, [&](Index p, Index) {
      const Part& part = parts[p];
      const Index cut =
          bisection.divide(std::span(order).subspan(static_cast<std::size_t>(part.first),
                                                    static_cast<std::size_t>(part.count)),
                           part.first, level);
      halves[2 * p] = {part.first, cut};
      halves[2 * p + 1] = {part.first + cut, part.count - cut};
    });
    parts.clear();
    std::ranges::copy_if(halves, std::back_inserter(parts), large);
  }
  return order;
}

}  // namespace prodigest::kernel
