// One set of rows, one digest, to the byte: whatever the threads, blocks, shards, order, form and
// instruction set.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "prodigest/sampling/merge.hpp"
#include "prodigest/sampling/sample_file.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "reference/matrices.hpp"
#include "sampling/method_name.hpp"
#include "simd_targets.hpp"

namespace prodigest::sampling {
namespace {

constexpr Index kRows = 700,
                kCols = 290;  // about a dozen chunks; columns leave a rest in any vector

Matrix<double> heavy_dense() {
  Normals normals(61);
  Matrix<double> a = heavy_matrix(normals, kRows, kCols);
  for (Index i = 0; i < kRows; i += 9) std::ranges::fill(a.view().row(i), i % 2 == 0 ? 0.0 : -0.0);
  a(5, 3) = a(6, 7) = 0;
  a(7, 9) = -0.0;
  return a;
}

Matrix<double> sparse() {
  Normals normals(62);
  Matrix<double> a = sparse_matrix(normals, kRows, kCols, 0.05);
  for (Index i = 0; i < kRows; i += 9) std::ranges::fill(a.view().row(i), 0);
  for (Index i = 0; i < kRows; i += 2) a(i, i % kCols) = -0.0;
  return a;
}

using Bytes = std::vector<std::byte>;

class Bytewise : public testing::TestWithParam<std::tuple<Method, const char*>> {
 protected:
  template <class Test>
  void with_every_matrix(const Test& test) const {
    for (const Matrix<double>& a : {heavy_dense(), sparse()}) {
      test(a);
      test(converted<float>(a));
    }
  }

  SampleSpec spec() const {
    const auto& [method, weight] = GetParam();
    SampleSpec spec = parse_sample_spec(std::string("priority:size=60,seed=3,") + weight);
    spec.method = method;
    return spec;
  }

  // User weights come with their row, wherever it is.
  static double weight_of(RowId row) { return 1.0 / static_cast<double>(1 + row % 31); }

  void update(RowSampler& sampler, const RowsView& block, std::span<const RowId> ids,
              const Context& context = {}) const {
    if (spec().weight != Weight::kUser) return sampler.update(block, ids, context);
    std::vector<double> weights;
    for (const RowId id : ids) weights.push_back(weight_of(id));
    sampler.update(block, ids, weights, context);
  }

  RowSample sample(const RowsView& rows, std::span<const RowId> ids, Index block,
                   int threads = 1) const {
    Context context;
    context.threads = threads;
    RowSampler sampler(spec(), kCols);
    for (Index first = 0; first < rows_of(rows); first += block) {
      const Index count = std::min(block, rows_of(rows) - first);
      update(sampler, slice(rows, first, count), ids.subspan(first, count), context);
    }
    return std::move(sampler).finish();
  }

  template <Real T>
  Bytes expected(const Matrix<T>& a) const {
    return to_bytes(sample(a.view(), numbers(kRows), kRows));
  }
};

TEST_P(Bytewise, SamplesDoNotDependOnThreadsOrBlocks) {
  with_every_matrix([&](const auto& a) {
    const Bytes bytes = expected(a);
    for (const int threads : {1, 2, 7})
      for (const Index block : {1, 7, 1000})
        EXPECT_EQ(to_bytes(sample(a.view(), numbers(kRows), block, threads)), bytes)
            << threads << " threads, blocks of " << block;
  });
}

TEST_P(Bytewise, SamplesDoNotDependOnWhetherTheLastBlockComesWithFinish) {
  with_every_matrix([&](const auto& a) {
    const Bytes bytes = expected(a);
    const auto csr = csr_of(a, true);
    for (const RowsView& last : {RowsView(a.view()), RowsView(csr.view())})
      for (const Index before : {0, 1, 350, 699, 700}) {
        RowSampler sampler(spec(), kCols);
        const std::vector<RowId> ids = numbers(kRows);
        update(sampler, slice(a.view(), 0, before), std::span(ids).first(before));
        std::vector<double> weights;
        if (spec().weight == Weight::kUser)
          for (Index row = before; row < kRows; ++row)
            weights.push_back(weight_of(static_cast<RowId>(row)));
        EXPECT_EQ(to_bytes(std::move(sampler).finish(slice(last, before, kRows - before),
                                                     std::span(ids).subspan(before), weights)),
                  bytes);
      }
  });
}

TEST_P(Bytewise, SamplesDoNotDependOnTheOrderOfRows) {
  with_every_matrix([&](const auto& a) {
    const Bytes bytes = expected(a);
    for (const std::uint64_t seed : {1, 2, 3}) {
      const std::vector<RowId> order = shuffled_numbers(kRows, seed);
      EXPECT_EQ(to_bytes(sample(rows_at(a, order).view(), order, 130, 2)), bytes);
    }
  });
}

TEST_P(Bytewise, SamplesDoNotDependOnTheForm) {
  with_every_matrix([&](const auto& a) {
    const Bytes bytes = expected(a);
    for (const bool keep_zeros : {false, true}) {
      const auto csr = csr_of(a, keep_zeros);
      EXPECT_EQ(to_bytes(sample(csr.view(), numbers(kRows), 1000, 2)), bytes);
      EXPECT_EQ(to_bytes(sample(csr.view(), numbers(kRows), 7)), bytes);
    }
    // rows of a wider matrix, and blocks of one form after the other
    using T = std::remove_cvref_t<decltype(a(0, 0))>;
    Matrix<T> wide(kRows, kCols + 5);
    for (Index i = 0; i < kRows; ++i)
      std::ranges::copy(a.view().row(i), wide.view().row(i).begin());
    const MatrixView<const T> strided(wide.storage.data(), kRows, kCols, kCols + 5);
    EXPECT_EQ(to_bytes(sample(strided, numbers(kRows), 1000)), bytes);
    const auto csr = csr_of(a);
    RowSampler sampler(spec(), kCols);
    for (Index first = 0; first < kRows; first += 100) {
      const RowsView block = first % 200 == 0 ? RowsView(strided) : RowsView(csr.view());
      update(sampler, slice(block, first, 100), numbers(100, static_cast<RowId>(first)));
    }
    EXPECT_EQ(to_bytes(std::move(sampler).finish()), bytes);
  });
}

TEST_P(Bytewise, ShardsMergeToTheSampleOfTheWholeInAnyOrderAndGrouping) {
  with_every_matrix([&](const auto& a) {
    const Bytes bytes = expected(a);
    std::mt19937_64 engine(4);
    for (const std::size_t shards : {1, 2, 100}) {
      std::vector<std::vector<RowId>> ids(shards);
      for (RowId row = 0; row < kRows; ++row) ids[engine() % shards].push_back(row);
      std::vector<RowSample> parts;
      for (const auto& rows : ids) parts.push_back(sample(rows_at(a, rows).view(), rows, 50));
      EXPECT_EQ(to_bytes(merge(parts)), bytes) << shards << " shards at once";
      std::shuffle(parts.begin(), parts.end(), engine);
      while (parts.size() > 1) {
        std::swap(parts[engine() % parts.size()], parts.back());
        const RowSample last = parts.back();
        parts.pop_back();
        RowSample& other = parts[engine() % parts.size()];
        other = merge(other, last);
      }
      EXPECT_EQ(to_bytes(parts[0]), bytes) << shards << " shards two by two";
    }
  });
}

TEST_P(Bytewise, SamplesComeBackFromAFile) {
  with_every_matrix([&](const auto& a) {
    const Bytes bytes = expected(a);
    EXPECT_EQ(to_bytes(row_sample_from(io::Container::parse(bytes))), bytes);
    const auto path = std::filesystem::path(testing::TempDir()) /
                      ("bytewise_" + std::to_string(::getpid()) + ".pdg");
    save(sample(a.view(), numbers(kRows), kRows), path);
    EXPECT_EQ(to_bytes(load_row_sample(path)), bytes);
    EXPECT_EQ(std::filesystem::file_size(path), bytes.size());
    std::filesystem::remove(path);
  });
}

TEST_P(Bytewise, SamplesDoNotDependOnTheInstructionSet) {
  with_every_matrix([&](const auto& a) {
    const Bytes bytes = expected(a);
    const auto csr = csr_of(a);
    for_each_instruction_set([&] {
      EXPECT_EQ(to_bytes(sample(a.view(), numbers(kRows), 300)), bytes);
      EXPECT_EQ(to_bytes(sample(csr.view(), numbers(kRows), 300)), bytes);
      EXPECT_EQ(to_bytes(row_sample_from(io::Container::parse(bytes))), bytes);
    });
  });
}

std::string case_name(const testing::TestParamInfo<std::tuple<Method, const char*>>& info) {
  const auto& [method, weight] = info.param;
  std::string name = method_name(method) + weight;
  std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
  return name;
}
INSTANTIATE_TEST_SUITE_P(
    Samples, Bytewise,
    testing::Combine(kAllMethods, testing::Values("weight=squared_norm", "totals=full",
                                                  "weight=norm,totals=full", "weight=uniform",
                                                  "weight=uniform,totals=full",
                                                  "mixture=0.5,mean=7", "weight=user,totals=full",
                                                  "values=F4",
                                                  "weight=uniform,values=F3")),
    case_name);

TEST(EmptySample, HasTheSameBytesWhateverRowsWereSeenAndDropped) {
  // A plain threshold may keep none of 50 rows; the type of the rows must not show then.
  Normals normals(63);
  const Matrix<float> a = converted<float>(normal_matrix(normals, 50, 3));
  int empty = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const SampleSpec spec{.method = Method::kPlainThreshold, .size = 1, .seed = {seed}};
    RowSampler whole(spec, 3), single(spec, 3);
    whole.update(a.view(), 0);
    for (Index row = 0; row < 50; ++row)
      single.update(slice(a.view(), row, 1), static_cast<RowId>(row));
    const RowSample sample = std::move(whole).finish();
    EXPECT_EQ(to_bytes(sample), to_bytes(std::move(single).finish()));
    if (sample.size() > 0) continue;
    ++empty;
    EXPECT_FALSE(sample.single_precision());
  }
  EXPECT_GT(empty, 5);
}

}  // namespace
}  // namespace prodigest::sampling
