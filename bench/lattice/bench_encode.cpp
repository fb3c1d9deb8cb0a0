// Vectors to lattice codes: the encoder with each instruction set, and what a column costs in all,
// rotation and norm included. Usage: bench_encode [--quick] [--json FILE]

#include "core/simd.hpp"  // before Highway

#include <fmt/format.h>
#include <hwy/targets.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "coding/encode_blocks.hpp"
#include "coding/rotation.hpp"
#include "coding/vector_code.hpp"
#include "core/draws.hpp"
#include "core/hadamard.hpp"
#include "harness.hpp"

namespace {

using namespace prodigest;
using namespace prodigest::coding;
using bench::Case;

constexpr Index kLength = 4096;
constexpr int kVectors = 64;
constexpr double kThousand = 1e-3;  // nanoseconds are printed for a thousand entries

constexpr Format kFormats[] = {Format::kF4, Format::kF4pair, Format::kF4fast, Format::kF3,
                               Format::kF2};

struct Vectors {
  std::vector<float> entries;

  Vectors() {
    std::vector<double> normals(kVectors * kLength);
    random_normals(Seed{1}, 0, normals);
    entries.assign(normals.begin(), normals.end());
  }
  std::span<float> operator[](int i) {
    return std::span(entries).subspan(static_cast<std::size_t>(i * kLength), kLength);
  }
};

// Once for each vector, `repeats` times.
template <class F>
Case over(Vectors& vectors, int repeats, const std::string& name, const F& f) {
  return {name,
          [&vectors, repeats, f] {
            for (int r = 0; r < repeats; ++r)
              for (int i = 0; i < kVectors; ++i) f(vectors[i]);
          },
          kThousand * repeats * kVectors * kLength};
}

void encode(bench::Report& report, int rounds, int repeats) {
  std::vector<std::uint8_t> codes(kLength);
  std::vector<std::int8_t> values(kLength);
  for (const Format format : kFormats) {
    Vectors vectors;
    for (float& entry : vectors.entries) entry *= block_format(format).unit;
    std::vector<Case> cases;
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
      if (target == HWY_SCALAR) continue;  // thirty times slower
      cases.push_back(over(vectors, repeats, hwy::TargetName(target), [&, target](auto y) {
        hwy::GetChosenTarget().Update(target);
        encode_blocks(format, y, codes, values);
      }));
    }
    report.group(fmt::format("blocks to {}, a thousand entries", to_text({format})), cases, rounds);
  }
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

void encode_columns(bench::Report& report, int rounds, int repeats) {
  Vectors vectors;
  const Rotation rotation(Seed{1}, kLength);
  std::vector<float> x(kLength);
  std::vector<std::uint8_t> codes(kLength);
  const auto copied = [&](auto y) { std::ranges::copy(y, x.begin()); };
  std::vector<Case> cases = {over(vectors, repeats, "copy", copied),
                             over(vectors, repeats, "two Hadamard transforms",
                                  [&](auto y) {
                                    copied(y);
                                    for (int round = 0; round < 2; ++round) hadamard(std::span(x));
                                  }),
                             over(vectors, repeats, "rotation", [&](auto y) {
                               copied(y);
                               rotation.apply(std::span(x));
                             })};
  for (const Format format : kFormats)
    cases.push_back(
        over(vectors, repeats, "rotation, norm, " + to_text({format}), [&, format](auto y) {
          copied(y);
          rotation.apply(std::span(x));
          bench::keep(encode_vector({format}, Gain::kUnbiased, x, codes).noise);
        }));
  report.group(fmt::format("columns of {} entries, a thousand entries", kLength), cases, rounds);
}

}  // namespace

int main(int argc, char** argv) {
  const auto [quick, json] = bench::Arguments(argc, argv);
  bench::Report report("encoding");
  encode(report, quick ? 5 : 21, quick ? 1 : 4);
  encode_columns(report, quick ? 5 : 21, quick ? 1 : 4);
  report.write_json(json);
}
