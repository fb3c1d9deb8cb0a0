#include "kernel/nearest_centres.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <vector>

#include "core/gemm.hpp"
#include "core/parallel.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kMostCentres = 1024;  // that all are tried
constexpr Index kGroup = 32;          // centres
constexpr Index kTried = 4;           // groups
constexpr Index kBlock = 2048;        // points at a time: enough to share the groups of their area
constexpr Index kRows = 128;          // of a product

constexpr float kLeast = -std::numeric_limits<float>::infinity();

// <point, centre> - ||centre||² / 2, largest for the nearest centre.
class Scores {
 public:
  explicit Scores(MatrixView<const float> centres)
      : centres_(centres), halves_(static_cast<std::size_t>(centres.rows)) {
    for (Index i = 0; i < centres.rows; ++i) {
      double square = 0;
      for (const float x : centres.row(i)) square += double{x} * x;
      halves_[i] = static_cast<float>(square / 2);
    }
  }

  Index count() const { return centres_.rows; }

  // Of centres first, first + 1, ...  @shape points: r x d, out: r x count
  void of(MatrixView<const float> points, Index first, MatrixView<float> out) const {
    for (Index i = 0; i < out.rows; ++i)
      for (Index j = 0; j < out.cols; ++j) out(i, j) = -halves_[first + j];
    add_product_by_transposed(points, centres_.slice(first, out.cols), out, {.threads = 1});
  }

 private:
  MatrixView<const float> centres_;
  std::vector<float> halves_;
};

Matrix<float> means_of_groups(MatrixView<const float> centres) {
  Matrix<float> means((centres.rows + kGroup - 1) / kGroup, centres.cols);
  for (Index g = 0; g < means.rows; ++g) {
    const Index first = g * kGroup, count = std::min(kGroup, centres.rows - first);
    for (Index i = first; i < first + count; ++i)
      for (Index c = 0; c < centres.cols; ++c)
        means(g, c) += centres(i, c) / static_cast<float>(count);
  }
  return means;
}

constexpr std::size_t kColumns = 16;  // so many that their maxima vectorise
// Of each column of scores, written in rows of kColumns; a row that is not full is left out.
std::array<float, kColumns> maxima_of_columns(std::span<const float> scores) {
  std::array<float, kColumns> most;
  most.fill(kLeast);
  for (std::size_t at = 0; at + kColumns <= scores.size(); at += kColumns)
    for (std::size_t i = 0; i < kColumns; ++i) most[i] = std::max(most[i], scores[at + i]);
  return most;
}

// The first of the largest of some numbers.
Index highest_of(std::span<const float> scores) {
  float highest = std::ranges::max(maxima_of_columns(scores));
  for (const float score : scores.last(scores.size() % kColumns))
    highest = std::max(highest, score);
  return std::ranges::find(scores, highest) - scores.begin();
}

using Found = std::array<Index, kTried>;

// The places, among some, of the kTried largest, in no order.
Found largest_among(std::span<const float> scores, std::span<const Index> places) {
  Found found{};
  std::array<float, kTried> kept;
  kept.fill(kLeast);
  Index lowest = 0;
  for (const Index place : places) {
    if (scores[place] <= kept[lowest]) continue;
    kept[lowest] = scores[place];
    found[lowest] = place;
    lowest = std::min_element(kept.begin(), kept.end()) - kept.begin();
  }
  return found;
}

// The places of the kTried largest, in no order.  @shape room: [scores.size()]
Found largest(std::span<const float> scores, std::span<Index> room) {
  const auto most = maxima_of_columns(scores);
  float bound = std::numeric_limits<float>::infinity();  // kTried columns have one above it
  for (std::size_t i = 0; i < kTried; ++i) {
    float highest = kLeast;
    for (std::size_t j = i; j < kColumns; j += kTried) highest = std::max(highest, most[j]);
    bound = std::min(bound, highest);
  }
  std::size_t count = 0;
  for (std::size_t g = 0; g < scores.size(); ++g) {  // without a branch
    room[count] = static_cast<Index>(g);
    count += scores[g] >= bound;
  }
  const Found found = largest_among(scores, room.first(count));
  const float last = scores[std::ranges::min(found, {}, [&](Index g) { return scores[g]; })];
  if (std::ranges::count_if(room.first(count), [&](Index g) { return scores[g] >= last; }) ==
      kTried)
    return found;
  std::iota(room.begin(), room.end(), Index{0});  // equal ones at the cut: as if all had been tried
  return largest_among(scores, room);
}

void among_all(MatrixView<const float> points, const Scores& scores,
               std::span<std::int32_t> nearest) {
  AlignedMatrix<float> table(kRows, scores.count());
  for (Index first = 0; first < points.rows; first += kRows) {
    const auto part = table.view().slice(0, std::min(kRows, points.rows - first));
    scores.of(points.slice(first, part.rows), 0, part);
    for (Index i = 0; i < part.rows; ++i)
      nearest[first + i] = static_cast<std::int32_t>(highest_of(part.row(i)));
  }
}

class GroupedSearch {
 public:
  explicit GroupedSearch(MatrixView<const float> centres)
      : means_(means_of_groups(centres)), of_groups_(means_), scores_(centres) {}

  // At most kBlock points.
  void search(MatrixView<const float> points, std::span<std::int32_t> nearest) const {
    const std::vector<std::vector<Index>> tried = points_of_groups(points, nearest);
    std::vector<float> best(nearest.size(), kLeast);
    AlignedMatrix<float> rows(kRows, points.cols), table(kRows, kGroup);
    for (Index g = 0; g < means_.rows; ++g)
      for (Index first = 0; first < std::ssize(tried[g]); first += kRows) {
        const Index count = std::min<Index>(kRows, std::ssize(tried[g]) - first);
        const auto some = std::span(tried[g]).subspan(static_cast<std::size_t>(first));
        for (Index i = 0; i < count; ++i)
          std::ranges::copy(points.row(some[i]), rows.view().row_data(i));
        const auto part = columns(table.view().slice(0, count), 0,
                                  std::min(kGroup, scores_.count() - g * kGroup));
        scores_.of(rows.view().slice(0, count), g * kGroup, part);
        for (Index i = 0; i < count; ++i) {
          const Index top = highest_of(part.row(i));
          if (part(i, top) <= best[some[i]]) continue;
          best[some[i]] = part(i, top);
          nearest[some[i]] = static_cast<std::int32_t>(g * kGroup + top);
        }
      }
  }

 private:
  std::vector<std::vector<Index>> points_of_groups(MatrixView<const float> points,
                                                   std::span<const std::int32_t> nearest) const {
    std::vector<std::vector<Index>> tried(static_cast<std::size_t>(means_.rows));
    AlignedMatrix<float> table(kRows, means_.rows);
    std::vector<Index> room(static_cast<std::size_t>(means_.rows));
    for (Index first = 0; first < points.rows; first += kRows) {
      const auto part = table.view().slice(0, std::min(kRows, points.rows - first));
      of_groups_.of(points.slice(first, part.rows), 0, part);
      for (Index i = 0; i < part.rows; ++i) {
        const auto groups = largest(part.row(i), room);
        for (const Index g : groups) tried[g].push_back(first + i);
        const std::int32_t before = nearest[first + i];
        if (before >= 0 && std::ranges::find(groups, before / kGroup) == groups.end())
          tried[before / kGroup].push_back(first + i);
      }
    }
    return tried;
  }

  Matrix<float> means_;
  Scores of_groups_, scores_;
};

}  // namespace

void nearest_centres(MatrixView<const float> points, MatrixView<const float> centres,
                     std::span<std::int32_t> nearest, const Context& context) {
  const auto part = [&](Index first, Index count) {
    return nearest.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  };
  if (centres.rows <= kMostCentres) {
    const Scores scores(centres);
    parallel_blocks(context, points.rows, kBlock, [&](Index first, Index count) {
      among_all(points.slice(first, count), scores, part(first, count));
    });
    return;
  }
  const GroupedSearch grouped(centres);
  parallel_blocks(context, points.rows, kBlock, [&](Index first, Index count) {
    grouped.search(points.slice(first, count), part(first, count));
  });
}

}  // namespace prodigest::kernel
