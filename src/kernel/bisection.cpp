#include "kernel/bisection.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>

#include "core/draws.hpp"
#include "core/parallel.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kSample = 192;     // points that 2-means is run on
constexpr int kIterations = 4;     // of it
constexpr Index kLeastShare = 32;  // a part smaller than 1/32 is made one half

struct Part {
  Index first = 0, count = 0;
};

// Points on one side have <normal, point> > threshold.
struct Cut {
  std::vector<float> normal;
  float threshold = 0;
};

float dot(const float* a, const float* b, Index size) {
  constexpr Index kApart = 16;  // sums at a time
  std::array<float, kApart> sums{};
  Index c = 0;
  for (; c + kApart <= size; c += kApart)
    for (Index i = 0; i < kApart; ++i) sums[i] += a[c + i] * b[c + i];
  for (; c < size; ++c) sums[0] += a[c] * b[c];
  return std::accumulate(sums.begin(), sums.end(), 0.0F);
}

Cut between(std::span<const float> a, std::span<const float> b) {
  Cut cut{std::vector<float>(a.size())};
  double squares = 0;
  for (std::size_t c = 0; c < a.size(); ++c) {
    cut.normal[c] = b[c] - a[c];
    squares += double{b[c]} * b[c] - double{a[c]} * a[c];
  }
  cut.threshold = static_cast<float>(squares / 2);
  return cut;
}

class Bisection {
 public:
  Bisection(MatrixView<const float> points, Seed seed) : points_(points), seed_(seed) {}

  // Orders the indices of one part and says how many belong to its first half.
  Index divide(std::span<Index> indices, Index first, std::uint32_t level) const {
    const auto count = static_cast<Index>(indices.size());
    const Cut cut = find_cut(sample(indices, first, level));
    std::vector<std::pair<float, Index>> keyed(indices.size());
    for (Index i = 0; i < count; ++i)
      keyed[i] = {dot(points_.row_data(indices[i]), cut.normal.data(), points_.cols), indices[i]};
    auto middle = std::stable_partition(keyed.begin(), keyed.end(), [&](const auto& point) {
      return point.first <= cut.threshold;
    });
    const Index least = std::max<Index>(1, count / kLeastShare);
    if (middle - keyed.begin() < least || keyed.end() - middle < least) {
      middle = keyed.begin() + count / 2;
      std::nth_element(keyed.begin(), middle, keyed.end());
    }
    for (Index i = 0; i < count; ++i) indices[i] = keyed[i].second;
    return middle - keyed.begin();
  }

 private:
  std::vector<Index> sample(std::span<const Index> indices, Index first,
                            std::uint32_t level) const {
    const auto size = static_cast<std::size_t>(
        std::min<Index>(kSample, static_cast<Index>(indices.size())));
    std::vector<RowId> rows(size);
    std::iota(rows.begin(), rows.end(), static_cast<RowId>(first) * kSample);
    std::vector<std::uint64_t> words(size);
    random_words(seed_, Domain::kKernelPartition, rows, level, words, {});
    std::vector<Index> drawn(size);
    for (std::size_t t = 0; t < size; ++t)
      drawn[t] = indices[bounded(words[t], indices.size(),
                                 {seed_, Domain::kKernelPartition, rows[t], level, 0})];
    return drawn;
  }

  Cut find_cut(const std::vector<Index>& drawn) const {
    const auto width = static_cast<std::size_t>(points_.cols);
    const auto a = points_.row(drawn.front()), b = points_.row(farthest(drawn));
    std::array<std::vector<float>, 2> centres = {std::vector<float>(a.begin(), a.end()),
                                                 std::vector<float>(b.begin(), b.end())};
    Cut cut = between(centres[0], centres[1]);
    for (int iteration = 0; iteration < kIterations; ++iteration) {
      std::array<std::vector<double>, 2> sums = {std::vector<double>(width),
                                                 std::vector<double>(width)};
      std::array<double, 2> counts{};
      for (const Index i : drawn) {
        const float* const point = points_.row_data(i);
        const int side = dot(point, cut.normal.data(), points_.cols) > cut.threshold ? 1 : 0;
        ++counts[side];
        for (std::size_t c = 0; c < width; ++c) sums[side][c] += double{point[c]};
      }
      if (counts[0] == 0 || counts[1] == 0) break;
      for (const int side : {0, 1})
        for (std::size_t c = 0; c < width; ++c)
          centres[side][c] = static_cast<float>(sums[side][c] / counts[side]);
      cut = between(centres[0], centres[1]);
    }
    return cut;
  }

  Index farthest(const std::vector<Index>& drawn) const {
    const float* const from = points_.row_data(drawn.front());
    Index found = drawn.front();
    float most = -1;
    for (const Index i : drawn) {
      const float* const point = points_.row_data(i);
      float square = 0;
      for (Index c = 0; c < points_.cols; ++c)
        square += (point[c] - from[c]) * (point[c] - from[c]);
      if (square > most) {
        most = square;
        found = i;
      }
    }
    return found;
  }

  MatrixView<const float> points_;
  Seed seed_;
};

}  // namespace

std::vector<Index> bisection_order(MatrixView<const float> points, Index leaf, Seed seed,
                                   const Context& context) {
  std::vector<Index> order(static_cast<std::size_t>(points.rows));
  std::iota(order.begin(), order.end(), Index{0});
  const Bisection bisection(points, seed);
  const auto large = [&](const Part& part) { return part.count > leaf; };
  std::vector<Part> parts;
  if (points.rows > leaf) parts.push_back({0, points.rows});
  for (std::uint32_t level = 0; !parts.empty(); ++level) {
    std::vector<Part> halves(2 * parts.size());
    parallel_blocks(context, static_cast<Index>(parts.size()), 1, [&](Index p, Index) {
      const Part& part = parts[p];
      const Index cut = bisection.divide(
          std::span(order).subspan(static_cast<std::size_t>(part.first),
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
