#include "kernel/diagnosis_words.hpp"

#include <fmt/format.h>

#include <cmath>

namespace prodigest::kernel {
namespace {

constexpr double kUsualEpsilon = 0.05;
constexpr double kMostTail = 10;     // twice what the paper finds in attention
constexpr double kMostShare = 0.75;  // of all pairs, from which on products are exact
constexpr double kNoError = 0.01;

// Against half the points: c is the same where the assumption holds, and doubles where no kernel is
// small.
bool grows(const std::vector<PrefixDiagnosis>& prefixes) {
  const PrefixDiagnosis& all = prefixes.back();
  for (const PrefixDiagnosis& prefix : prefixes)
    if (2 * prefix.size >= all.size)
      return 4 * prefix.size < 3 * all.size && all.tail_over_head > 1 &&
             all.tail_over_head > 1.5 * prefix.tail_over_head;
  return false;
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
  if (grows(diagnosis.prefixes))
    text += fmt::format(
        "the assumption fails: c = {:.3g}, and grows with the number of points; expect exact "
        "products\n",
        tail);
  else if (tail > kMostTail)
    text += fmt::format("c = {:.3g} is constant but large; {}\n", tail, cost(tail));
  else
    text += fmt::format("the assumption holds: c = {:.3g} at most; {}\n", tail, cost(tail));
  if (diagnosis.norm < kNoError)
    text += fmt::format(
        "||K|| = {:.2g}: y = 0 is within {} ||x|| of K x; ask for errors relative to rows\n",
        diagnosis.norm, kNoError);
  if (diagnosis.underflow > 0)
    text += fmt::format(
        "floats hold no kernel value of {:.3g} % of the queries (2^{:.0f} is the largest of one): "
        "{}\n",
        100 * diagnosis.underflow, diagnosis.least_largest_log2,
        "take a larger bandwidth, or exact attention");
  text.pop_back();
  return text;
}

}  // namespace prodigest::kernel
