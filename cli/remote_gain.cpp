#include "remote_gain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "prodigest/base/error.hpp"

namespace prodigest::cli {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::kInvalidArgument, "attend: --gain " + message);
}

// For random q and k of h coordinates E<q, k>^p is (p - 1)!! / h^(p / 2) of (|q||k|)^p, and that of
// weights by sketches of r numbers at least 1 / r of it: 3 r / h² for p = 4.
double automatic_gain(const attention::AttentionSpec& spec, Index head_dim) {
  if (spec.local_block == 0)
    refuse(fmt::format("auto is of polysketch with a local_block, got \"{}\" (leave --gain out)",
                       to_text(spec)));
  if (spec.degree == 2) return 1;  // nothing is sketched
  auto gain = static_cast<double>(spec.size);
  for (int i = 1; i < spec.degree; i += 2) gain *= i / static_cast<double>(head_dim);
  return std::min(1.0, gain);
}

double number_of(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || last != end)
    refuse(fmt::format("takes auto or numbers with commas, got \"{}\"", text));
  return number;
}

std::vector<double> numbers_of(const std::string& text) {
  std::vector<double> numbers;
  std::istringstream words(text + ",");  // so that nothing after the last comma is a word too
  for (std::string word; std::getline(words, word, ',');) numbers.push_back(number_of(word));
  return numbers;
}

}  // namespace

std::vector<double> parse_remote_gain(const std::string& text, const attention::AttentionSpec& spec,
                                      const attention::AttentionShape& shape) {
  const auto heads = static_cast<std::size_t>(shape.heads);
  if (text == "auto") return std::vector<double>(heads, automatic_gain(spec, shape.head_dim));
  const std::vector<double> numbers = numbers_of(text);
  if (numbers.size() == 1) return std::vector<double>(heads, numbers[0]);
  if (numbers.size() != heads)
    refuse(fmt::format("takes one number, or one for each head of q, {}, got {}", heads,
                       numbers.size()));
  return numbers;
}

}  // namespace prodigest::cli
