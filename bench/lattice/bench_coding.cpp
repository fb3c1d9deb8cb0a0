// Lattice codes: decoding them against copying what they decode to, products from them against
// products of floats by OpenBLAS. Usage: bench_coding [--quick] [--json FILE]

#include "coding/simd_bytes.hpp"  // before Highway

#include <cblas.h>
#include <fmt/format.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "coding/coded_product.hpp"
#include "coding/int8_product.hpp"
#include "harness.hpp"
#include "matrices.hpp"

namespace {

using namespace prodigest;
using namespace prodigest::coding;
using bench::Case;

constexpr double kThousand = 1e-3;  // nanoseconds are printed for a thousand entries

constexpr Coding kCodings[] = {{Format::kF4, 0}, {Format::kF4pair, 0}, {Format::kF4fast, 0},
                               {Format::kF3, 0}, {Format::kF2, 0},     {Format::kI8, 0}};

// Codes of no vectors in particular: any bytes are codes.
struct Codes {
  Coding coding;
  Index stride, count, length;
  std::vector<std::uint64_t> words;
  std::vector<float> scale;

  Codes(const Coding& coding_, Index count_, Index length_)
      : coding(coding_),
        stride(code_bytes(coding_, length_)),
        count(count_),
        length(length_),
        words(static_cast<std::size_t>(stride * count_ / 8 + 1)),
        scale(static_cast<std::size_t>(count_), 1.0f) {
    // The upper half of a word of the generator is as good as random.
    bench::Generator next;
    for (std::uint64_t& word : words) {
      next();
      const std::uint64_t upper = next.state >> 32;
      next();
      word = upper << 32 | next.state >> 32;
    }
  }
  CodedVectors vectors() const {
    return {reinterpret_cast<const std::uint8_t*>(words.data()), stride, count, length};
  }
  ScaledCodes scaled() const { return {coding, vectors(), scale.data()}; }
};

void decode_in_cache(bench::Report& report, int rounds) {
  constexpr Index kCount = 4, kLength = 4096;
  constexpr int kRepeats = 1000;
  std::vector<std::int8_t> values(kCount * kLength), copy(values.size());
  const double items = kRepeats * kCount * kLength * kThousand;
  for (const Coding& coding : kCodings) {
    if (coding.format == Format::kI8) continue;
    const Codes codes(coding, kCount, kLength);
    std::vector<Case> cases;
    cases.push_back({"copy of what it decodes to",
                     [&] {
                       for (int i = 0; i < kRepeats; ++i) {
                         std::memcpy(copy.data(), values.data(), values.size());
                         bench::keep(copy[1]);
                       }
                     },
                     items});
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
      if (target == HWY_SCALAR) continue;  // a hundred times slower
      cases.push_back({hwy::TargetName(target),
                       [&, target] {
                         hwy::GetChosenTarget().Update(target);
                         for (int i = 0; i < kRepeats; ++i)
                           decode_blocks(coding.format, codes.vectors(), values.data(), kLength);
                         hwy::GetChosenTarget().Update(hwy::SupportedTargets());
                       },
                       items});
    }
    report.group(fmt::format("decode {} in cache, an item 1000 entries", to_text(coding)), cases,
                 rounds);
  }
}

void decode_short(bench::Report& report, int rounds) {
  constexpr Index kEntries = 1 << 14;
  constexpr int kRepeats = 1000;
  std::vector<Codes> codes;
  for (const Index length : {4096, 1024, 1000, 512, 384, 256, 200, 128, 96, 64})
    codes.emplace_back(Coding{Format::kF4, 0}, kEntries / length, length);
  std::vector<std::int8_t> values(2 * kEntries);
  std::vector<Case> cases;
  for (const Codes& c : codes)
    cases.push_back({fmt::format("vectors of {}", c.length),
                     [&] {
                       for (int i = 0; i < kRepeats; ++i)
                         decode_blocks(Format::kF4, c.vectors(), values.data(),
                                       (c.length + 63) / 64 * 64);
                     },
                     static_cast<double>(kRepeats * c.count * c.length) * kThousand});
  report.group("decode F4 in cache by length of vectors, an item 1000 entries", cases, rounds);
}

void matrix_products(bench::Report& report, int rounds) {
  constexpr Index kCount = 512, kLength = 4096;
  const double items = double{kCount} * kCount * kLength * kThousand;
  const Matrix<float> a = bench::dense_matrix<float>(kCount, kLength);
  const Matrix<float> b = bench::dense_matrix<float>(kCount, kLength);
  Matrix<float> floats(kCount, kCount);
  Matrix<double> out(kCount, kCount);
  std::vector<std::int8_t> values(kCount * kLength, 3);
  std::vector<std::int32_t> integers(kCount * kCount);
  std::vector<std::unique_ptr<Codes>> codes;
  std::vector<Case> cases;
  for (const int threads : {1, 2})
    cases.push_back({fmt::format("sgemm, {} threads", threads),
                     [&, threads] {
                       openblas_set_num_threads(threads);
                       cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, kCount, kCount, kLength,
                                   1, a.storage.data(), kLength, b.storage.data(), kLength, 0,
                                   floats.storage.data(), kCount);
                     },
                     items});
  cases.push_back({"int8 at hand, 1 thread",
                   [&] {
                     for (Index i = 0; i < kCount; i += 64)
                       multiply_int8({values.data() + i * kLength, kLength, 64},
                                     {values.data(), kLength, kCount}, kLength,
                                     integers.data() + i * kCount, kCount);
                   },
                   items});
  for (const Coding& coding : kCodings) {
    codes.push_back(std::make_unique<Codes>(coding, kCount, kLength));
    codes.push_back(std::make_unique<Codes>(coding, kCount, kLength));
    const Codes *left = codes[codes.size() - 2].get(), *right = codes.back().get();
    for (const int threads : {1, 2})
      cases.push_back({fmt::format("from codes, {}, {} threads", to_text(coding), threads),
                       [&out, left, right, threads] {
                         multiply_coded(left->scaled(), right->scaled(), out.view(),
                                        Context{.threads = threads});
                       },
                       items});
  }
  report.group("512 x 512 products of 4096, an item 1000 multiply-adds", cases, rounds);
}

// Matrices several times larger than any cache.
void vector_products(bench::Report& report, Index length, Index entries, int rounds) {
  const Index count = entries / length;
  const double items = static_cast<double>(entries) * kThousand;
  const Matrix<float> a = bench::dense_matrix<float>(count, length);
  const std::vector<float> y(static_cast<std::size_t>(length), 1.0f);
  const std::vector<std::int8_t> small(static_cast<std::size_t>(length), 3);
  std::vector<float> out(static_cast<std::size_t>(count));
  std::vector<std::unique_ptr<Codes>> codes;
  std::vector<Case> cases;
  for (const int threads : {1, 2})
    cases.push_back({fmt::format("sgemv, {} threads", threads),
                     [&, threads] {
                       openblas_set_num_threads(threads);
                       cblas_sgemv(CblasRowMajor, CblasNoTrans, static_cast<int>(count),
                                   static_cast<int>(length), 1, a.storage.data(),
                                   static_cast<int>(length), y.data(), 1, 0, out.data(), 1);
                     },
                     items});
  cases.push_back(
      {"reading the floats", [&] { bench::read_only(std::span<const float>(a.storage)); }, items});
  for (const Coding& coding : kCodings) {
    codes.push_back(std::make_unique<Codes>(coding, count, length));
    const Codes* left = codes.back().get();
    cases.push_back({fmt::format("reading {}", to_text(coding)),
                     [left] { bench::read_only(std::span<const std::uint64_t>(left->words)); },
                     items});
    for (const int threads : {1, 2})
      cases.push_back({fmt::format("from codes, {}, {} threads", to_text(coding), threads),
                       [&out, &small, left, threads] {
                         multiply_coded(left->scaled(), small, 1, out, Context{.threads = threads});
                       },
                       items});
  }
  report.group(fmt::format("{} x {} times a vector, an item 1000 entries", count, length), cases,
               rounds);
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv);
  const int rounds = arguments.quick ? 5 : 15;
  bench::Report report("coding");
  decode_in_cache(report, rounds);
  decode_short(report, rounds);
  matrix_products(report, rounds);
  for (const Index length : {65536, 4096, 128})
    vector_products(report, length, Index{1} << (arguments.quick ? 26 : 28),
                    arguments.quick ? 3 : 7);
  report.write_json(arguments.json);
}
