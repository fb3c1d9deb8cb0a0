#include "kernel/hash_tables.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>
#include <utility>

#include "core/draws.hpp"
#include "core/gemm.hpp"
#include "core/parallel.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kBlock = 64;
constexpr RowId kOffsets = RowId{1} << 40;  // rows of draws above those of directions

struct Hash {
  Matrix<float> directions;    // projections x d, over the width
  std::vector<float> offsets;  // shares of a width
};

Hash drawn_hash(const HashFamily& family, Index dim, Index table) {
  Hash hash{Matrix<float>(family.projections, dim), {}};
  std::vector<double> direction(static_cast<std::size_t>(dim));
  for (Index p = 0; p < family.projections; ++p) {
    const auto row = static_cast<RowId>(table * family.projections + p);
    random_normals(family.seed, Domain::kKernelPartition, row, direction);
    std::ranges::transform(direction, hash.directions.view().row_data(p),
                           [&](double x) { return static_cast<float>(x / family.width); });
    hash.offsets.push_back(
        static_cast<float>(uniform(family.seed, Domain::kKernelPartition, kOffsets + row)));
  }
  return hash;
}

// Intervals of a point, mixed into one word: two lists of them share one by mere chance of 2^-64.
std::uint64_t mixed(std::span<const float> along, std::span<const float> offsets) {
  std::uint64_t word = 0;
  for (std::size_t p = 0; p < along.size(); ++p) {
    const auto interval = static_cast<std::int64_t>(std::floor(along[p] + offsets[p]));
    word = (word ^ static_cast<std::uint64_t>(interval)) * 0x9E3779B97F4A7C15U;
    word ^= word >> 29;
  }
  return word;
}

std::vector<std::uint64_t> hashes_of(const Hash& hash, MatrixView<const float> points,
                                     const Context& context) {
  Matrix<float> along(points.rows, hash.directions.rows);
  add_product_by_transposed(points, hash.directions, along.view(), context);
  std::vector<std::uint64_t> words;
  for (Index i = 0; i < points.rows; ++i) words.push_back(mixed(along.view().row(i), hash.offsets));
  return words;
}

// Keys met so far, each once but for those of the last few tables.
class Met {
 public:
  void add(std::int32_t key) {
    keys_.push_back(key);
    if (keys_.size() > 2 * distinct_ + kFew) unite();
  }
  std::vector<std::int32_t> take() {
    unite();
    return std::move(keys_);
  }

 private:
  static constexpr std::size_t kFew = 256;

  void unite() {
    std::ranges::sort(keys_);
    keys_.erase(std::ranges::unique(keys_).begin(), keys_.end());
    distinct_ = keys_.size();
  }

  std::vector<std::int32_t> keys_;
  std::size_t distinct_ = 0;
};

}  // namespace

// Of normal projections: two intervals are the same with probability 1 - 2 Phi(-r) - 2 / (sqrt(2
// pi) r) (1 - exp(-r² / 2)), r = width / distance.
double chance_to_meet(const HashFamily& family, double distance) {
  const double r = family.width / distance;
  const double one = std::erf(r / std::numbers::sqrt2) +
                     std::sqrt(2 / std::numbers::pi) / r * std::expm1(-r * r / 2);
  return std::pow(one, static_cast<double>(family.projections));
}

std::vector<std::vector<std::int32_t>> keys_met(const CentredPair& points, const HashFamily& family,
                                                Index tables, const Context& context) {
  const auto keys = points.keys.rows.view(), queries = points.of_queries().rows.view();
  std::vector<Met> met(static_cast<std::size_t>(queries.rows));
  std::vector<std::int32_t> order(static_cast<std::size_t>(keys.rows));
  for (Index table = 0; table < tables; ++table) {
    const Hash hash = drawn_hash(family, keys.cols, table);
    const auto of_keys = hashes_of(hash, keys, context);
    const auto of_queries = points.same ? of_keys : hashes_of(hash, queries, context);
    std::iota(order.begin(), order.end(), 0);
    const auto word = [&](std::int32_t key) { return of_keys[static_cast<std::size_t>(key)]; };
    std::ranges::stable_sort(order, {}, word);
    parallel_blocks(context, queries.rows, kBlock, [&](Index first, Index count) {
      for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(first + count);
           ++i)
        for (const std::int32_t key : std::ranges::equal_range(order, of_queries[i], {}, word))
          met[i].add(key);
    });
  }
  std::vector<std::vector<std::int32_t>> all;
  for (Met& one : met) all.push_back(one.take());
  return all;
}

}  // namespace prodigest::kernel
