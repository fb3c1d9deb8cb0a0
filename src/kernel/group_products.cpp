#include "kernel/group_products.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/gemm.hpp"
#include "core/parallel.hpp"
#include "kernel/key_sampler.hpp"
#include "prodigest/core/random.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kGroupsAtOnce = 8;  // whose distances are one product
constexpr Index kLineFloats = 16;   // of a line of the cache
constexpr Index kKeysAtOnce = 256;  // that stay in the second cache while panels pass by

// Sampled keys side by side, as tiles want them.
struct KeyBlock {
  std::vector<const float*> rows;
  std::vector<float> offsets, plain, weights;
  AlignedMatrix<float> columns;  // of x; only if there are several

  explicit KeyBlock(Index cols) : columns(kKeysAtOnce, cols) {}
  KeyList list() const { return {rows.data(), offsets.data(), std::ssize(rows)}; }
};

// One thread's work on one group after another.
class Worker {
 public:
  Worker(const GaussianPlan& plan, const ScaledColumns& x, const WeightedKeys& keys,
         const Matrix<double>& cell_sums, const GroupOptions& options)
      : plan_(plan),
        x_(x),
        keys_(keys),
        cell_sums_(cell_sums),
        options_(options),
        factors_(x.weights.size()),
        means_(static_cast<std::size_t>(cell_sums.rows)),
        block_(x.values.cols) {}

  // Returns how many keys were taken.
  Index multiply(Index group, std::span<const float> distances, double uniform,
                 MatrixView<double> y) {
    sample_keys(keys_, distances, plan_.pilot.table, options_.lambda, uniform, taken_, means_);
    // What a lane's kernel value times its weight may be, relative to the row sum if errors are.
    most_ = kSurprise * options_.lambda *
            static_cast<float>(std::exp2(double{plan_.distances.log2_sum(group)}) *
                               plan_.pilot.row_sum);
    if (!options_.clip) most_ = INFINITY;
    sums_ = Matrix<double>(plan_.panels.lanes(group), x_.values.cols);
    const Index count = std::ssize(taken_);
    prefetch(0, std::min(kKeysAtOnce, count));
    for (Index first = 0; first < count; first += kKeysAtOnce) {
      gather(first, std::min(kKeysAtOnce, count - first));
      const Index next = std::min(first + kKeysAtOnce, count);
      prefetch(next, std::min(kKeysAtOnce, count - next));
      plan_.panels.for_panels(group, [&](const QueryPanel& panel, Index lane) {
        x_.values.cols == 1 ? add_column(panel, lane) : add_columns(panel, lane);
      });
    }
    for (const TakenKey& taken : taken_) factors_[taken.key] = taken.factor;
    const std::vector<double> rest = rest_of_means();
    const Index first = plan_.query_cells.starts[group];
    for (Index i = first; i < plan_.query_cells.starts[group + 1]; ++i) {
      const Index place = plan_.query_cells.members[i];
      for (Index c = 0; c < x_.values.cols; ++c) y(place, c) = sums_(i - first, c) + rest[c];
      add_near(place, y);
    }
    for (const TakenKey& taken : taken_) factors_[taken.key] = 0;
    return count;
  }

 private:
  // Keys lie anywhere: they are fetched while the block before is in work.
  void prefetch(Index first, Index count) const {
    const Index stride = plan_.points.keys.rows.view().row_stride;
    for (Index i = first; i < first + count; ++i)
      for (Index c = 0; c < stride; c += kLineFloats)
        __builtin_prefetch(plan_.key_rows[taken_[i].key] + c);
  }

  // The mean kernel of each pair of cells times what is not in the sample: only deviations from it
  // are estimated.
  std::vector<double> rest_of_means() const {
    std::vector<double> rest(static_cast<std::size_t>(x_.values.cols));
    for (std::size_t c = 0; c < rest.size(); ++c) {
      for (std::size_t cell = 0; cell < means_.size(); ++cell)
        rest[c] += double{means_[cell]} * cell_sums_(static_cast<Index>(cell), c);
      for (const TakenKey& taken : taken_)
        rest[c] -= double{taken.mean * taken.factor} * double{x_.values(taken.key, c)};
    }
    return rest;
  }

  void gather(Index first, Index count) {
    const auto size = static_cast<std::size_t>(count);
    block_.rows.resize(size);
    block_.offsets.resize(size);
    block_.plain.resize(size);
    block_.weights.resize(size);
    for (Index i = 0; i < count; ++i) {
      const auto [key, factor, mean] = taken_[first + i];
      block_.rows[i] = plan_.key_rows[key];
      block_.offsets[i] = plan_.points.keys.offsets[key];
      if (x_.values.cols == 1) {
        block_.plain[i] = x_.values.storage[key];
        block_.weights[i] = block_.plain[i] * factor;
      } else {
        block_.plain[i] = x_.weights[key];
        block_.weights[i] = factor;
        std::copy_n(x_.values.storage.data() + key * x_.values.cols, x_.values.cols,
                    block_.columns.view().row_data(i));
      }
    }
  }

  void add_column(const QueryPanel& panel, Index lane) {
    float sums[kMostVectors * kLanes] = {};
    add_clipped_sums(panel, block_.list(), plan_.points.dim, block_.weights.data(),
                     block_.plain.data(), most_, sums);
    for (Index l = 0; l < panel.lanes(); ++l) sums_.storage[lane + l] += double{sums[l]};
  }

  void add_columns(const QueryPanel& panel, Index lane) {
    const Index lanes = panel.lanes(), count = std::ssize(block_.rows);
    values_.resize(static_cast<std::size_t>(kKeysAtOnce * kMostVectors * kLanes));
    kernel_values(panel, block_.list(), plan_.points.dim, values_.data());
    for (Index j = 0; j < count; ++j)
      for (Index l = 0; l < lanes; ++l) {
        float& value = values_[j * lanes + l];
        const float scaled = value * block_.weights[j];
        if (scaled * block_.plain[j] <= most_) value = scaled;
      }
    AlignedMatrix<float> sums(lanes, x_.values.cols);
    multiply_transposed(MatrixView<const float>(values_.data(), count, lanes),
                        MatrixView<const float>(block_.columns.view()).slice(0, count),
                        sums.view(), {.threads = 1});
    for (Index l = 0; l < lanes; ++l)
      for (Index c = 0; c < sums_.cols; ++c)
        sums_(lane + l, c) += double{sums.view()(l, c)};
  }

  // Puts what near keys add in place of what was sampled of them.
  void add_near(Index place, MatrixView<double> y) const {
    const NearKeys& near = plan_.near;
    const std::int32_t* const keys = near.keys.data() + place * near.near;
    const float* const values = near.values.data() + place * near.near;
    for (Index t = 0; t < near.counts[place]; ++t) {
      float taken = factors_[keys[t]];
      if (values[t] * taken * x_.weights[keys[t]] > most_) taken = 1;
      const double missing = double{values[t]} * double{1 - taken};
      for (Index c = 0; c < y.cols; ++c) y(place, c) += missing * double{x_.values(keys[t], c)};
    }
  }

  const GaussianPlan& plan_;
  const ScaledColumns& x_;
  const WeightedKeys& keys_;
  const Matrix<double>& cell_sums_;
  const GroupOptions& options_;
  std::vector<float> factors_;  // [n] of the keys taken, else 0
  std::vector<TakenKey> taken_;
  std::vector<float> means_;  // of the kernel, by cell of keys
  KeyBlock block_;
  std::vector<float> values_;
  Matrix<double> sums_;
  float most_ = 0;
};

}  // namespace

double GroupProducts::multiply(std::span<const Index> groups, const GroupOptions& options,
                               MatrixView<double> y, const Context& context) const {
  const Index count = std::ssize(groups);
  std::vector<RowId> names(groups.begin(), groups.end());
  std::vector<double> draws(names.size()), pairs(names.size());
  uniforms(options.seed, Domain::kKernelSample, names, draws);
  parallel_blocks(context, count, kGroupsAtOnce, [&](Index first, Index some) {
    AlignedMatrix<float> distances(some, plan_.key_cells.count());
    plan_.distances.find(groups.subspan(static_cast<std::size_t>(first)), distances.view());
    Worker worker(plan_, x_, keys_, cell_sums_, options);
    for (Index i = 0; i < some; ++i) {
      const Index group = groups[first + i];
      const Index taken =
          worker.multiply(group, distances.view().row(i), draws[first + i], y);
      pairs[first + i] = static_cast<double>(taken * plan_.panels.lanes(group));
    }
  });
  return std::accumulate(pairs.begin(), pairs.end(), 0.0);
}

}  // namespace prodigest::kernel
