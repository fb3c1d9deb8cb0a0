#include "prodigest/coding/format.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/fail.hpp"
#include "base/nearest_name.hpp"
#include "coding/block_format.hpp"
#include "coding/scalar_codes.hpp"

namespace prodigest::coding {
namespace {

struct Family {
  Format format;
  const char* name;
  int least_bits, most_bits;  // 0: its name has no number
};
constexpr Family kFamilies[] = {
    {Format::kF4, "F4", 0, 0},         {Format::kF4pair, "F4pair", 0, 0},
    {Format::kF4fast, "F4fast", 0, 0}, {Format::kF3, "F3", 0, 0},
    {Format::kF2, "F2", 0, 0},         {Format::kI8, "I8", 0, 0},
    {Format::kInt, "int", 2, 8},       {Format::kGroup, "group", 2, 8},
    {Format::kLloyd, "lloyd", 2, 6},
};

const Family& family_of(const Coding& coding) {
  const auto& family = *std::ranges::find(kFamilies, coding.format, &Family::format);
  if (coding.bits < family.least_bits || coding.bits > family.most_bits)
    fail(ErrorCode::kInvalidArgument, "coding: {} takes {} to {} bits, got {}", family.name,
         family.least_bits, family.most_bits, coding.bits);
  return family;
}

std::vector<Coding> all_codings() {
  std::vector<Coding> all;
  for (const Family& family : kFamilies)
    for (int bits = family.least_bits; bits <= family.most_bits; ++bits)
      all.push_back({family.format, bits});
  return all;
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

Coding parse_coding(std::string_view text) {
  std::vector<std::string> names;
  for (const Coding& coding : all_codings()) {
    names.push_back(to_text(coding));
    if (same_letters(names.back(), text)) return coding;
  }
  const std::string_view nearest = nearest_name(text, names);
  fail(ErrorCode::kInvalidArgument,
       "coding: format must be one of F4, F4pair, F4fast, F3, F2, I8, int2 to int8, group2 to "
       "group8, lloyd2 to lloyd6, got \"{}\"{}",
       text, nearest.empty() ? "" : fmt::format(" (nearest is {})", nearest));
}

std::string to_text(const Coding& coding) {
  const Family& family = family_of(coding);
  return family.most_bits == 0 ? family.name : fmt::format("{}{}", family.name, coding.bits);
}

Index code_bytes(const Coding& coding, Index length) {
  family_of(coding);
  if (length < 0)
    fail(ErrorCode::kInvalidArgument, "coding: length must be at least 0, got {}", length);
  if (!is_lattice(coding.format)) return scalar_code_bytes(coding, length);
  const BlockFormat& format = block_format(coding.format);
  const Index rest = (length % kSuperblock + kBlock - 1) / kBlock;
  return length / kSuperblock * superblock_bytes(format, kLanes) + superblock_bytes(format, rest);
}

double bits_per_entry(const Coding& coding) {
  return 8.0 * static_cast<double>(code_bytes(coding, kSuperblock)) / kSuperblock;
}

bool decodes_to_int8(const Coding& coding) {
  return coding.format != Format::kGroup && coding.format != Format::kLloyd;
}

}  // namespace prodigest::coding
