#include "kernel/two_means.hpp"

#include <algorithm>
#include <span>

namespace prodigest::kernel {
namespace {

constexpr int kSteps = 4;

// The plane halfway between two centres.
void put_between(std::span<const float> near, std::span<const float> far, Plane& plane) {
  plane.threshold = 0;
  for (std::size_t c = 0; c < near.size(); ++c) {
    plane.direction[c] = far[c] - near[c];
    plane.threshold += 0.5F * plane.direction[c] * (far[c] + near[c]);
  }
}

}  // namespace

void find_plane(MatrixView<const float> rows, RowList sample, Plane& plane) {
  const auto width = static_cast<std::size_t>(rows.row_stride);
  const auto row = [&](std::int32_t i) { return std::span(rows.row_data(i), width); };
  std::vector<float> products(sample.size()), total(width), near(width), far(width);
  std::vector<std::int32_t> beyond;
  plane.direction.resize(width);

  square_distances_of_listed_rows(rows, sample, row(sample[0]).data(), products.data());
  const auto farthest = std::ranges::max_element(products) - products.begin();
  put_between(row(sample[0]), row(sample[static_cast<std::size_t>(farthest)]), plane);

  sum_listed_rows(rows, sample, total.data());
  for (int step = 0; step < kSteps; ++step) {
    multiply_listed_rows(rows, sample, plane.direction.data(), products.data());
    beyond.clear();
    for (std::size_t i = 0; i < sample.size(); ++i)
      if (products[i] > plane.threshold) beyond.push_back(sample[i]);
    if (beyond.empty() || beyond.size() == sample.size()) return;
    sum_listed_rows(rows, beyond, far.data());
    const float of_far = 1 / static_cast<float>(beyond.size());
    const float of_near = 1 / static_cast<float>(sample.size() - beyond.size());
    for (std::size_t c = 0; c < width; ++c) {
      near[c] = of_near * (total[c] - far[c]);
      far[c] *= of_far;
    }
    put_between(near, far, plane);
  }
}

}  // namespace prodigest::kernel
