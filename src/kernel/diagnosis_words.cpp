#include "kernel/diagnosis_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace prodigest::kernel {
namespace {

constexpr double kUsualEpsilon = 0.05;
constexpr double kMostTail = 10;  // twice what the paper finds in attention
constexpr double kMostGrowth = 0.3;
constexpr double kMostShare = 0.75;  // of all pairs, from which on products are exact
constexpr double kNoError = 0.01;

// The exponent with which c has grown since there were half the points: 0 where the assumption
// holds, 1 where no kernel is small. 0 too where there were no fewer points.
double growth_of(const std::vector<PrefixDiagnosis>& prefixes) {
  const PrefixDiagnosis& all = prefixes.back();
  const auto half = std::ranges::find_if(
      prefixes, [&](const PrefixDiagnosis& prefix) { return 2 * prefix.size >= all.size; });
  if (4 * half->size > 3 * all.size || all.tail_over_head < 1) return 0;
  return std::log(all.tail_over_head / half->tail_over_head) /
         std::log(static_cast<double>(all.size) / static_cast<double>(half->size));
}

// With near pairs found and the rest sampled, about 2 (1 + c) n^1.5 / epsilon pairs are evaluated.
std::string cost(double tail) {
  const double root = 2 * (1 + tail) / (kUsualEpsilon * kMostShare);
  return fmt::format("at epsilon = {} sampling pays from about {:.1e} points on", kUsualEpsilon,
                     root * root);
}

}  // namespace

std::string verdict_on(const Diagnosis& diagnosis) {
  const double tail = diagnosis.largest_tail_over_head;
  std::string text;
  if (const double growth = growth_of(diagnosis.prefixes); growth > kMostGrowth)
    text += fmt::format(
        "the assumption fails: c = {:.3g}, and grows about as n^{:.1f}; expect exact products "
        "where "
        "errors are of ||x||\n",
        tail, growth);
  else if (tail > kMostTail)
    text += fmt::format("c = {:.3g} is large; {}\n", tail, cost(tail));
  else
    text += fmt::format("the assumption holds: c = {:.3g} at most; {}\n", tail, cost(tail));
  if (diagnosis.norm < kNoError)
    text += fmt::format(
        "||K|| = {:.2g}: y = 0 is within {} ||x|| of K x; ask for errors relative to rows\n",
        diagnosis.norm, kNoError);
  if (diagnosis.underflow > 0)
    text += fmt::format(
        "floats hold no kernel value of {:.3g} % of the queries (2^{:.0f} is the largest of one): "
        "take a larger bandwidth, or exact attention\n",
        100 * diagnosis.underflow, diagnosis.least_largest_log2);
  text.pop_back();
  return text;
}

}  // namespace prodigest::kernel
