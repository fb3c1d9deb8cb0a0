// One head on one thread against its own matrix products alone, made by BLAS: what is above 1 is
// the price of everything that is no product. And a token over a cache of keys and values against
// reading it. Usage: bench_attention_products [--quick] [--json FILE]

#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "heads.hpp"

namespace {

using namespace prodigest;
using namespace prodigest::attention;
using bench::Case;
using bench::Heads;

struct Product {
  Index rows, cols, inner;
};

void multiply_all(Index times, const std::vector<Product>& products) {
  static const std::vector<float> a = bench::normal_floats(1 << 18, 5),
                                  b = bench::normal_floats(1 << 18, 6);
  static std::vector<float> c(1 << 18);
  for (Index time = 0; time < times; ++time)
    for (const auto& [rows, cols, inner] : products)
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(rows),
                  static_cast<int>(cols), static_cast<int>(inner), 1.0F, a.data(),
                  static_cast<int>(inner), b.data(), static_cast<int>(cols), 0.0F, c.data(),
                  static_cast<int>(cols));
  bench::keep(static_cast<double>(c[0]));
}

// Scores and weighted values of tiles of 128 keys and 64 queries.
std::vector<Product> exact_tile(Index h, bool backward) {
  std::vector<Product> tile = {{128, 64, h}, {h, 64, 128}};
  if (backward)  // scores again, gradients of weights, of v, k and q
    tile.insert(tile.end(), {{128, 64, h}, {128, 64, h}, {128, h, 64}, {128, h, 64}, {h, 64, 128}});
  return tile;
}

// A block of 64 tokens, sketches of 32 numbers: r (r + 1) / 2 = 528 products of them.
std::vector<Product> sketched_block(Index h, bool backward) {
  const std::vector<Product> sketch = {{64, 64, h}, {64, 64, h}};
  const std::vector<Product> local = {{64, 64, 32}, {64, h, 64}};
  const std::vector<Product> state = {{64, h, 528}, {528, h, 64}};
  std::vector<Product> block = sketch;
  block.insert(block.end(), local.begin(), local.end());
  block.insert(block.end(), state.begin(), state.end());
  if (!backward) return block;
  // Sketches again; weights again and gradients of them, v, and both sketches; the sums forward and
  // their gradients backward, of which each gives gradients; and back through the sketches.
  block.insert(block.end(), sketch.begin(), sketch.end());
  block.insert(block.end(), {{64, 64, 32}, {64, 64, h}, {64, h, 64}, {64, 32, 64}, {64, 32, 64}});
  for (int side = 0; side < 2; ++side) block.insert(block.end(), state.begin(), state.end());
  block.push_back({64, h, 528});
  block.insert(block.end(), {{64, h, 64}, {64, h, 64}});
  return block;
}

void products(bench::Report& report, Index width, Index tokens, int rounds) {
  Heads heads(1, tokens, width, 1);
  const Index tiles = tokens * (tokens + 1) / 2 / (128 * 64);
  const std::vector<Attention<float>> exact = [&] {
    std::vector<Attention<float>> made;
    for (const char* spec : {"softmax", "polynomial:degree=4"})
      made.push_back(heads.attention(spec));
    return made;
  }();
  const Attention<float> linear = heads.attention("polysketch");
  for (const bool backward : {false, true}) {
    const auto run = [&](const Attention<float>& attention) {
      backward ? heads.forward_and_backward(attention) : heads.forward(attention);
    };
    const std::string where = fmt::format(
        "{}, {} tokens, width {}", backward ? "forward and backward" : "forward", tokens, width);
    report.group("exact, " + where,
                 {{"its products alone", [&] { multiply_all(tiles, exact_tile(width, backward)); },
                   heads.items()},
                  {"softmax", [&] { run(exact[0]); }, heads.items()},
                  {"polynomial", [&] { run(exact[1]); }, heads.items()}},
                 rounds);
    report.group(
        "polysketch, " + where,
        {{"its products alone", [&] { multiply_all(tokens / 64, sketched_block(width, backward)); },
          heads.items()},
         {"polysketch", [&] { run(linear); }, heads.items()}},
        rounds);
  }
}

// One token of `heads` query heads that share a cache.
void decode(bench::Report& report, Index keys, Index heads, int rounds) {
  const Index width = 64, caches = std::max<Index>(1, 65536 / keys);  // in turn: none is at hand
  std::vector<float> q = bench::normal_floats(heads * width, 1),
                     k = bench::normal_floats(caches * keys * width, 2), out(q), v(k);
  Index turn = 0;
  const auto next = [&](std::vector<float>& x) {
    return HeadsView<float>::bhnd(x.data() + turn * keys * width, 1, 1, keys, width);
  };
  const auto read = [&] {
    turn = (turn + 1) % caches;
    float sum = 0;
    for (std::vector<float>* x : {&k, &v}) {
      const float* const from = next(*x).data;
      for (Index i = 0; i < keys * width; i += 16) sum += from[i];
    }
    bench::keep(static_cast<double>(sum));
  };
  const Attention<float> attention(
      parse_attention_spec("softmax"),
      {.heads = heads, .key_heads = 1, .head_dim = width, .value_dim = width});
  const auto attend = [&] {
    turn = (turn + 1) % caches;
    attention.apply(HeadsView<float>::bhnd(q.data(), 1, heads, 1, width), next(k), next(v),
                    HeadsView<float>::bhnd(out.data(), 1, heads, 1, width), {.causal = false},
                    nullptr, {.threads = 1});
    bench::keep(static_cast<double>(out[0]));
  };
  report.group(fmt::format("one token of {} heads over {} keys", heads, keys),
               {{"reading the cache", read, 1}, {"softmax", attend, 1}}, rounds);
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv);
  openblas_set_num_threads(1);
  bench::Report report("attention and its products");
  for (const Index width : {64, 128})
    products(report, width, arguments.quick ? 2048 : 8192, arguments.quick ? 3 : 9);
  for (const Index keys : {8192, 32768})
    for (const Index heads : {1, 8}) decode(report, keys, heads, 21);
  report.write_json(arguments.json);
}
