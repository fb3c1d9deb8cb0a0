// Linear attention against exact softmax in tiles: forward, with gradients, a token at a time, and
// what memory it takes. Usage: bench_attention [--quick] [--json FILE]

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "heads.hpp"

namespace {

using namespace prodigest;
using namespace prodigest::attention;
using bench::Case;
using bench::Heads;

// A head a thread, 32 numbers a sketch.
void sequences(bench::Report& report, Index width, int threads, Index tokens) {
  Heads heads(threads, tokens, width, threads);
  const std::vector<std::string> specs = {"softmax", "polysketch", "polysketch:local_block=64",
                                          "polysketch:local_block=256", "performer:size=256"};
  std::vector<Attention<float>> attentions;
  for (const std::string& spec : specs) attentions.push_back(heads.attention(spec.c_str()));
  std::vector<Case> forward, both;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    forward.push_back({specs[i], [&, i] { heads.forward(attentions[i]); }, heads.items()});
    if (attentions[i].spec().kind != Kind::kPerformer)
      both.push_back(
          {specs[i], [&, i] { heads.forward_and_backward(attentions[i]); }, heads.items()});
  }
  const int rounds = tokens <= 2048 ? 15 : tokens <= 8192 ? 5 : tokens <= 32768 ? 3 : 1;
  const std::string where = fmt::format("{} tokens, width {}, {} thread{}", tokens, width, threads,
                                        threads == 1 ? "" : "s, a head each");
  report.group("forward, " + where, forward, rounds);
  report.group("forward and backward, " + where, both, rounds);
}

// One token over so many earlier ones, of many sequences in turn, so that none is at hand.
void decode(bench::Report& report, Index keys, int rounds) {
  constexpr Index kWidth = 64, kSequences = 64;
  constexpr AttentionShape kShape{.head_dim = kWidth, .value_dim = kWidth};
  const Context one_thread{.threads = 1};
  const Index caches = std::max<Index>(2, (Index{1} << 19) / keys);
  std::vector<float> q = bench::normal_floats(kWidth, 1), out(q),
                     k = bench::normal_floats(caches * keys * kWidth, 2), v(k);
  const auto token = [&](std::vector<float>& x) {
    return HeadsView<float>::bhnd(x.data(), 1, 1, 1, kWidth);
  };
  const auto cache = [&](std::vector<float>& x, Index sequence) {
    return HeadsView<float>::bhnd(x.data() + sequence % caches * keys * kWidth, 1, 1, keys, kWidth);
  };
  const Attention<float> exact(parse_attention_spec("softmax"), kShape);
  std::vector<Case> cases = {{"softmax over the kept keys and values",
                              [&] {
                                for (Index sequence = 0; sequence < kSequences; ++sequence)
                                  exact.apply(token(q), cache(k, sequence), cache(v, sequence),
                                              token(out), {.causal = false}, nullptr, one_thread);
                              },
                              kSequences}};
  std::vector<Attention<float>> linear;
  std::vector<std::vector<AttentionState>> states;
  const auto next = [&](std::size_t i, AttentionState& state) {
    linear[i].apply(token(q), token(q), token(q), token(out), {.state = &state}, nullptr,
                    one_thread);
  };
  for (const char* spec : {"polysketch", "polysketch:local_block=64"}) {
    linear.emplace_back(parse_attention_spec(spec), kShape);
    states.emplace_back(kSequences, linear.back().empty_state(1));
  }
  for (std::size_t i = 0; i < linear.size(); ++i) {
    // Each at another place in its block of 64, so that closing one is in the mean.
    for (Index sequence = 0; sequence < kSequences; ++sequence)
      for (Index tokens = 0; tokens < sequence; ++tokens)
        next(i, states[i][static_cast<std::size_t>(sequence)]);
    cases.push_back({to_text(linear[i].spec()),
                     [&, i] {
                       for (AttentionState& state : states[i]) next(i, state);
                     },
                     kSequences});
  }
  report.group(fmt::format("a token after {} others", keys), cases, rounds);
}

// The most memory that the process has had.
double peak_kilobytes() {
  std::ifstream status("/proc/self/status");
  double kilobytes = 0;
  for (std::string word; status >> word;)
    if (word == "VmHWM:") status >> kilobytes;
  return kilobytes;
}

// Before anything else has run, as allocators keep what they had.
void memory(bench::Report& report, Index tokens) {
  Heads heads(1, tokens, 64, 1);
  const Attention<float> attention = heads.attention("polysketch:local_block=256");
  const double before = peak_kilobytes();
  heads.forward(attention);
  const double after = peak_kilobytes();
  heads.forward_and_backward(attention);
  report.fact(fmt::format("forward of {} tokens, beside tensors", tokens), after - before, "KB");
  report.fact(fmt::format("and backward, {} tokens", tokens), peak_kilobytes() - after, "KB more");
}

}  // namespace

int main(int argc, char** argv) {
  const auto [quick, json] = bench::Arguments(argc, argv);
  bench::Report report("attention");
  memory(report, 65536);
  for (const int threads : {1, 2})
    for (const Index width : {64, 128})
      for (Index tokens = 512; tokens <= (quick ? 4096 : 65536); tokens *= 2)
        sequences(report, width, threads, tokens);
  for (const Index keys : {512, 8192, 32768}) decode(report, keys, 21);
  report.write_json(json);
}
