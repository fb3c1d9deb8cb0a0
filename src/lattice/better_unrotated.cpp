#include <algorithm>
#include <cmath>
#include <vector>

#include "core/entries.hpp"
#include "prodigest/lattice/encoder.hpp"

namespace prodigest::lattice {
namespace {

// What 4 bits cost a column: ||x̂ - x||² / ||x||² of F4 after a rotation, whatever the column, and
// 16 levels over the largest entry of 32 without one.
constexpr double kRotatedNoise = 0.0043;
constexpr Index kGroup = 32;
constexpr double kLevel = 1 / 7.5;  // of the largest entry
// Of the rotation's error: below it zeros and small entries surely made the difference.
constexpr double kShare = 0.25;

struct Column {
  double largest = 0;  // of the group at hand
  double sum = 0, squares = 0, unrotated = 0;
};

}  // namespace

bool better_unrotated(const RowsView& block) {
  if (rows_of(block) < 2 * kGroup) return false;  // too few to tell
  std::vector<Column> columns(static_cast<std::size_t>(cols_of(block)));
  const auto for_each_in_group = [&](const auto& view, Index first, const auto& visit) {
    for (Index i = first; i < std::min(first + kGroup, view.rows); ++i)
      for_each_entry(view, i, [&](Index column, auto value) {
        visit(columns[static_cast<std::size_t>(column)], static_cast<double>(value));
      });
  };
  std::visit(
      [&](const auto& view) {
        for (Index first = 0; first < view.rows; first += kGroup) {
          for_each_in_group(view, first, [](Column& column, double x) {
            column.largest = std::max(column.largest, std::abs(x));
          });
          for_each_in_group(view, first, [](Column& column, double x) {
            const double level = kLevel * column.largest;
            column.unrotated += std::min(x * x, level * level / 12);
            column.squares += x * x;
            column.sum += x;
          });
          for_each_in_group(view, first, [](Column& column, double) {
            const double level = kLevel * column.largest;  // the largest entry itself is exact
            column.unrotated -= level * level / 12;
            column.largest = 0;
          });
        }
      },
      block);
  double unrotated = 0, rotated = 0;
  for (const Column& column : columns) {
    const double mean_square = column.sum * (column.sum / static_cast<double>(rows_of(block)));
    unrotated += column.unrotated;
    rotated += kRotatedNoise * std::max(0.0, column.squares - mean_square);
  }
  return unrotated < kShare * rotated;
}

}  // namespace prodigest::lattice
