#include "coding/block_format.hpp"

#include <algorithm>

namespace prodigest::coding {
namespace {

// Multipliers and units are those of least error for normal entries; tests/coding measures it.
constexpr BlockFormat kF4 = {true, 16, 4, 2, false, 32, {384, 512, 640, 768}};
constexpr BlockFormat kF4pair = {
    true, 16, 4, 3, true, 32, {384, 435, 474, 512, 550, 602, 666, 806}};
constexpr BlockFormat kF4fast = {false, 16, 4, 2, false, 30, {384, 512, 640, 768}};
constexpr BlockFormat kF3 = {true, 8, 3, 2, false, 22, {512, 640, 768, 1024}};
constexpr BlockFormat kF2 = {false, 4, 2, 0, false, 4, {128}};

}  // namespace

bool is_lattice(Format format) { return format <= Format::kF2; }

int largest_value(const BlockFormat& format) {
  const int halves = format.levels == 4 ? 2 * format.levels - 1 : format.levels;
  const int largest = format.voronoi ? 2 * format.levels : halves;  // of t
  return std::min(127, (largest * *std::ranges::max_element(format.multipliers) + 64) >> 7);
}

const BlockFormat& block_format(Format format) {
  switch (format) {
    case Format::kF4pair:
      return kF4pair;
    case Format::kF4fast:
      return kF4fast;
    case Format::kF3:
      return kF3;
    case Format::kF2:
      return kF2;
    default:
      return kF4;
  }
}

}  // namespace prodigest::coding
