// Fixed numbers that keep the protocol of the draws from changing unnoticed: digests depend on it.
// They come from a Philox and the documented arithmetic written in plain Python.

#include <gtest/gtest.h>

#include <vector>

#include "core/draws.hpp"
#include "simd_targets.hpp"

namespace prodigest {
namespace {

TEST(DrawsGolden, Normals) {
  struct Golden {
    std::uint64_t seed;
    RowId row;
    std::size_t at;
    double value;
  };
  for (const auto& [seed, row, at, value] :
       std::vector<Golden>{{0, 0, 0, 0x1.fa31271e90864p+0},
                           {0, 0, 1, -0x1.60daf524d3f6fp-1},
                           {0, 0, 2, 0x1.3c5fe8984f453p+0},
                           {0, 0, 3, 0x1.5e00f16b52fa7p-6},
                           {1, 0, 0, 0x1.835d890388c53p+0},
                           {42, 1234567, 4, 0x1.2b86108bf552ap+1},
                           {42, RowId(-5), 1001, 0x1.632a153b1ade5p-2},
                           {~0ull, 1ull << 63, 4095, -0x1.4092c73ec6fedp-1},
                           {0x0123456789abcdef, 0xfedcba9876543210, 7, 0x1.56a72348032aap-1}})
    for_each_instruction_set([&] {
      std::vector<double> out(at + 1);
      random_normals(Seed{seed}, row, out);
      EXPECT_EQ(out[at], value) << seed << " " << row << " " << at;
    });
}

TEST(DrawsGolden, Signs) {
  struct Golden {
    std::uint64_t seed;
    RowId row;
    std::size_t block;
    std::uint64_t negative[2];  // bit r is set where sign r is -1
  };
  for (const auto& [seed, row, block, negative] :
       std::vector<Golden>{{0, 0, 0, {0xd75ee2f14d7b25fc, 0xc64d811c26bc1f97}},
                           {1, 0, 0, {0xac25b124695407f3, 0xc6a6848363d480de}},
                           {42, RowId(-5), 7, {0x3ea9b78117e705d4, 0x2821b9c54cf41e21}}})
    for_each_instruction_set([&] {
      std::vector<double> out(128 * (block + 1));
      random_signs(Seed{seed}, row, out);
      for (std::size_t r = 0; r < 128; ++r)
        EXPECT_EQ(out[128 * block + r], negative[r / 64] >> r % 64 & 1 ? -1 : 1) << r;
    });
}

TEST(DrawsGolden, BoundedIntegers) {
  struct Golden {
    WordSource source;
    std::uint64_t limit, value;
  };
  const std::uint64_t half = (1ull << 63) + 1;  // rejected three and four times
  for (const auto& [source, limit, value] : std::vector<Golden>{
           {{Seed{0}, Domain::kBucket, 0, 0, 0}, 1000, 679},
           {{Seed{0}, Domain::kBucket, 0, 0, 1}, 1000, 826},
           {{Seed{1}, Domain::kBucket, 1ull << 32, 0, 0}, 1000000000000000000, 711708043200672646},
           {{Seed{42}, Domain::kBucket, RowId(-5), 3, 0}, half, 5962623470905697543},
           {{Seed{42}, Domain::kBucket, 7, 3, 1}, half, 8404808177045715454}}) {
    std::vector<std::uint64_t> words(2);
    random_words(source.seed, source.domain, std::span(&source.row, 1), source.block,
                 std::span(words).first(1), std::span(words).last(1));
    EXPECT_EQ(bounded(words[source.half], limit, source), value) << source.row;
  }
}

}  // namespace
}  // namespace prodigest
