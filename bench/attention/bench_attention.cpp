// Attention of one head on one thread against its own matrix products alone, made by BLAS: what is
// above 1 is the price of everything that is no product. Usage: bench_attention [--quick] [--json
// FILE]

#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "harness.hpp"
#include "prodigest/attention/attention.hpp"

namespace {

using namespace prodigest;
using namespace prodigest::attention;
using bench::Case;

constexpr Index kWidth = 64, kSize = 32;
constexpr AttentionShape kShape{.head_dim = kWidth, .value_dim = kWidth};
const Context kOneThread{.threads = 1};

std::vector<float> normals(Index count, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> numbers(static_cast<std::size_t>(count));
  std::ranges::generate(numbers, [&] { return normal(engine); });
  return numbers;
}

// One head, or as many sequences of one token.
struct Tensors {
  Index batch, tokens;
  std::vector<float> q = normals(batch * tokens * kWidth, 1),
                     k = normals(batch * tokens * kWidth, 2),
                     v = normals(batch * tokens * kWidth, 3),
                     dout = normals(batch * tokens * kWidth, 4), out = q, dq = q, dk = q, dv = q;
  Denominators<float> denominators{};

  HeadsView<float> view(std::vector<float>& of) {
    return HeadsView<float>::bhnd(of.data(), batch, 1, tokens, kWidth);
  }
  void forward(const Attention<float>& attention, AttentionState* state = nullptr) {
    attention.apply(view(q), view(k), view(v), view(out), {.state = state},
                    state == nullptr ? &denominators : nullptr, kOneThread);
  }
  void backward(const Attention<float>& attention) {
    Gradients<float> gradients{view(dq), view(dk), view(dv)};
    attention.backward(view(q), view(k), view(v), view(out), denominators, view(dout), gradients,
                       {}, kOneThread);
  }
};

struct Product {
  int rows, cols, inner;
};

// A block of 64 tokens: sketches of queries and keys, scores and weighted values within the block,
// weighted sums of what is before, and sums.
constexpr Product kForward[] = {{64, 64, 64}, {64, 64, 64},  {64, 64, 32},
                                {64, 64, 64}, {64, 64, 528}, {528, 64, 64}};

double products_of(Index tokens, std::span<const Product> products) {
  static const std::vector<float> a = normals(528 * 64, 5), b = normals(528 * 64, 6);
  static std::vector<float> c(528 * 64);
  for (Index block = 0; block < tokens / 64; ++block)
    for (const auto& [rows, cols, inner] : products)
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, cols, inner, 1.0F, a.data(),
                  inner, b.data(), cols, 0.0F, c.data(), cols);
  return static_cast<double>(c[0]);
}

void sequences(bench::Report& report, const std::vector<const char*>& specs, Index tokens,
               int rounds) {
  const auto data = std::make_shared<Tensors>(Tensors{1, tokens});
  const auto items = static_cast<double>(tokens);
  std::vector<Case> forward = {
      {"its products alone, by BLAS", [=] { bench::keep(products_of(tokens, kForward)); }, items}};
  std::vector<Case> both = forward;
  for (const char* spec : specs) {
    const auto attention = std::make_shared<Attention<float>>(parse_attention_spec(spec), kShape);
    forward.push_back({spec, [=] { data->forward(*attention); }, items});
    both.push_back({spec,
                    [=] {
                      data->forward(*attention);
                      data->backward(*attention);
                    },
                    items});
  }
  report.group(fmt::format("forward, {} tokens", tokens), forward, rounds);
  report.group(fmt::format("forward and backward, {} tokens", tokens), both, rounds);
}

// Each of so many sequences goes on by one token.
void decode(bench::Report& report, Index sequences, int rounds) {
  constexpr int kSteps = 256;  // four blocks, so that their closing is in it
  const auto data = std::make_shared<Tensors>(Tensors{sequences, 1});
  std::vector<Case> cases;
  for (const char* spec : {"polysketch", "polysketch:local_block=256"}) {
    const auto attention = std::make_shared<Attention<float>>(parse_attention_spec(spec), kShape);
    const auto state = std::make_shared<AttentionState>(attention->empty_state(sequences));
    cases.push_back({spec,
                     [=] {
                       for (int step = 0; step < kSteps; ++step)
                         data->forward(*attention, state.get());
                     },
                     kSteps * static_cast<double>(sequences)});
  }
  report.group(fmt::format("decoding, {} sequences", sequences), cases, rounds);
}

}  // namespace

int main(int argc, char** argv) {
  const auto [quick, json] = bench::Arguments(argc, argv);
  openblas_set_num_threads(1);
  bench::Report report("attention");
  const int rounds = quick ? 3 : 9;
  for (Index tokens = 512; tokens <= (quick ? 4096 : 65536); tokens *= 2)
    sequences(report, {"polysketch", "polysketch:local_block=64", "polysketch:local_block=256"},
              tokens, rounds);
  decode(report, 1, rounds);
  decode(report, 64, rounds);
  report.write_json(json);
}
