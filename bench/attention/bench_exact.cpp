// Exact attention and Performer against the products that they are made of, and a token over a
// cache of keys and values against reading it. Usage: bench_exact [--quick] [--json FILE]

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "attention/block_product.hpp"
#include "core/aligned_matrix.hpp"
#include "core/draws.hpp"
#include "core/gemm.hpp"
#include "harness.hpp"
#include "prodigest/attention/attention.hpp"

namespace {

using namespace prodigest;
using namespace prodigest::attention;
using bench::Case;

const Context kOneThread{.threads = 1};

std::vector<float> normals(Index count, std::uint64_t seed) {
  std::vector<double> numbers(static_cast<std::size_t>(count));
  random_normals(Seed{seed}, 0, numbers);
  return {numbers.begin(), numbers.end()};
}

// One head, causal.
struct Head {
  Head(Index n, Index h)
      : tokens(n),
        width(h),
        q(normals(n * h, 1)),
        k(normals(n * h, 2)),
        v(normals(n * h, 3)),
        out(q),
        dq(q),
        dk(q),
        dv(q) {}

  static HeadsView<float> view(std::vector<float>& x, Index width) {
    return HeadsView<float>::bhnd(x.data(), 1, 1, static_cast<Index>(x.size()) / width, width);
  }
  void forward(const Attention<float>& attention, Denominators<float>* denominators = nullptr) {
    attention.apply(view(q, width), view(k, width), view(v, width), view(out, width), {},
                    denominators, kOneThread);
    bench::keep(static_cast<double>(out.back()));
  }
  void backward(const Attention<float>& attention) {
    Denominators<float> denominators;
    forward(attention, &denominators);
    Gradients<float> gradients{view(dq, width), view(dk, width), view(dv, width)};
    attention.backward(view(q, width), view(k, width), view(v, width), view(out, width),
                       denominators, view(v, width), gradients, {}, kOneThread);
    bench::keep(static_cast<double>(dq.back()));
  }

  Index tokens, width;
  std::vector<float> q, k, v, out, dq, dk, dv;
};

Attention<float> attention_of(const char* text, Index width) {
  return Attention<float>(parse_attention_spec(text), {.head_dim = width, .value_dim = width});
}

// Scores and weighted values of tiles of 128 keys and 64 queries, as many multiply-adds as a causal
// head has: what exact attention would take if weights cost nothing.
class Products {
 public:
  explicit Products(Index width)
      : k_(128, width), q_(width, 64), scores_(128, 64), out_(64, width) {}

  void run(Index tokens, bool blas) {
    for (Index done = 0; done < tokens * (tokens + 1) / 2; done += 128 * 64) {
      if (blas) {
        multiply(k_.view(), q_.view(), scores_.view(), kOneThread);
        add_transposed_product(scores_.view(), k_.view(), out_.view(), kOneThread);
      } else {
        multiply_block(plain(k_.view()), q_.view(), scores_.view(), Into::kNew);
        multiply_block(transposed(scores_.view()), k_.view(), out_.view(), Into::kAdd);
      }
    }
    bench::keep(static_cast<double>(*out_.data()));
  }

 private:
  AlignedMatrix<float> k_, q_, scores_, out_;
};

void prefill(bench::Report& report, Index tokens, Index width, int rounds) {
  Head head(tokens, width);
  Products products(width);
  const auto items = static_cast<double>(tokens);
  std::vector<Case> cases = {{"products, ours", [&] { products.run(tokens, false); }, items},
                             {"products, BLAS", [&] { products.run(tokens, true); }, items}};
  std::vector<Attention<float>> attentions;
  const char* const texts[] = {"softmax", "polynomial:degree=4", "performer:size=256",
                               "polysketch:degree=4,size=32"};
  for (const char* text : texts) attentions.push_back(attention_of(text, width));
  for (std::size_t i = 0; i < attentions.size(); ++i)
    cases.push_back({texts[i], [&, i] { head.forward(attentions[i]); }, items});
  for (const std::size_t i : {0, 1, 3})
    cases.push_back({fmt::format("{}, and backward", texts[i]),
                     [&, i] { head.backward(attentions[i]); }, items});
  report.group(fmt::format("{} tokens, width {}", tokens, width), cases, rounds);
}

// One token of `heads` query heads that share a cache.
void decode(bench::Report& report, Index keys, Index heads, int rounds) {
  const Index width = 64,
              caches = std::max<Index>(1, 65536 / keys);  // in turn, so that none is at hand
  std::vector<float> q = normals(heads * width, 1), k = normals(caches * keys * width, 2), out(q),
                     v(k);
  Index turn = 0;
  const auto next = [&](std::vector<float>& x) {
    return HeadsView<float>::bhnd(x.data() + turn * keys * width, 1, 1, keys, width);
  };
  std::vector<Case> cases = {{"reading the cache", [&] {
                                turn = (turn + 1) % caches;
                                float sum = 0;
                                for (std::vector<float>* x : {&k, &v}) {
                                  const float* const from = next(*x).data;
                                  for (Index i = 0; i < keys * width; i += 16) sum += from[i];
                                }
                                bench::keep(static_cast<double>(sum));
                              }}};
  std::vector<Attention<float>> attentions;
  for (const char* text : {"softmax", "polynomial:degree=4"})
    attentions.emplace_back(
        parse_attention_spec(text),
        AttentionShape{.heads = heads, .key_heads = 1, .head_dim = width, .value_dim = width});
  for (const auto& attention : attentions)
    cases.push_back({to_text(attention.spec()), [&] {
                       turn = (turn + 1) % caches;
                       attention.apply(HeadsView<float>::bhnd(q.data(), 1, heads, 1, width),
                                       next(k), next(v),
                                       HeadsView<float>::bhnd(out.data(), 1, heads, 1, width),
                                       {.causal = false}, nullptr, kOneThread);
                       bench::keep(static_cast<double>(out[0]));
                     }});
  for (Case& timed : cases) timed.items = 1;
  report.group(fmt::format("one token of {} heads over {} keys", heads, keys), cases, rounds);
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv);
  bench::Report report("exact attention");
  for (const Index width : {64, 128})
    for (const Index tokens : {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536}) {
      if (arguments.quick && tokens > 4096) break;
      prefill(report, tokens, width, tokens <= 2048 ? 9 : tokens <= 8192 ? 3 : 1);
    }
  for (const Index keys : {8192, 32768})
    for (const Index heads : {1, 8}) decode(report, keys, heads, 21);
  report.write_json(arguments.json);
}
