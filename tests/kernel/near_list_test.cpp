#include "kernel/near_list.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "simd_targets.hpp"

namespace prodigest::kernel {
namespace {

using Entries = std::vector<std::pair<std::int32_t, float>>;

// `count` entries with keys out of order; values from 1 down to `kinds` others, so that some are
// equal where kinds < count.
Entries random_entries(Index count, unsigned kinds, unsigned seed) {
  std::mt19937 random(seed);
  Entries out;
  for (Index i = 0; i < count; ++i)
    out.push_back(
        {static_cast<std::int32_t>(i * 61 % 211), 1.0F / static_cast<float>(1 + random() % kinds)});
  return out;
}

ListScratch scratch_of(const Entries& entries) {
  ListScratch list(std::ssize(entries));
  for (const auto& [key, value] : entries) list.push(key, value);
  return list;
}

Entries entries_of(const ListScratch& list) {
  Entries out;
  for (Index i = 0; i < list.count; ++i) out.push_back({list.keys[i], list.values[i]});
  return out;
}

constexpr Index kCounts[] = {0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 64, 100, 192};

TEST(NearList, KeepsTheLargestAndOfEqualOnesTheFirst) {
  for_each_instruction_set([] {
    for (const Index count : kCounts)
      for (const Index most : {Index{1}, Index{2}, Index{16}, Index{31}, count})
        for (const unsigned kinds : {1U, 2U, 5U, 100000U}) {
          const Entries entries = random_entries(count, kinds, 3);
          ListScratch list = scratch_of(entries);
          keep_largest(most, list);
          Entries sorted = entries;  // no key is twice there
          std::ranges::stable_sort(sorted, std::greater(), &Entries::value_type::second);
          sorted.resize(static_cast<std::size_t>(std::min(most, count)));
          Entries expected;
          for (const auto& entry : entries)
            if (std::ranges::find(sorted, entry) != sorted.end()) expected.push_back(entry);
          EXPECT_EQ(entries_of(list), expected) << most << " of " << count << ", " << kinds;
        }
  });
}

TEST(NearList, KeepsTheLargestOfTinyValues) {
  Entries entries;
  for (int i = 0; i < 40; ++i)
    entries.push_back({i, i % 2 == 0 ? 0.0F : static_cast<float>(i) * 1e-44F});
  ListScratch list = scratch_of(entries);
  keep_largest(20, list);
  Entries expected;
  for (const auto& entry : entries)
    if (entry.second > 0) expected.push_back(entry);
  EXPECT_EQ(entries_of(list), expected);
}

TEST(NearList, AppendsWhatIsLargeEnoughAndElsewhere) {
  for_each_instruction_set([] {
    std::vector<std::int32_t> places(211);
    for (std::int32_t key = 0; key < 211; ++key) places[key * 7 % 211] = key;
    for (const Index count : kCounts) {
      std::vector<std::int32_t> keys;
      std::vector<float> values;
      for (const auto& [key, value] : random_entries(count, 9, 5)) {
        keys.push_back(key);
        values.push_back(value);
      }
      ListScratch large(count + 1), elsewhere(count + 1);
      Entries expect_large{{-1, 2.0F}}, expect_elsewhere{{-1, 2.0F}};
      large.push(-1, 2.0F);
      elsewhere.push(-1, 2.0F);
      append_at_least(keys, values.data(), 0.25F, large);
      append_elsewhere(keys, values.data(), 0.25F, {places.data(), 50, 70}, elsewhere);
      for (std::size_t i = 0; i < keys.size(); ++i) {
        if (values[i] < 0.25F) continue;
        expect_large.push_back({keys[i], values[i]});
        if (places[keys[i]] < 50 || places[keys[i]] >= 120)
          expect_elsewhere.push_back({keys[i], values[i]});
      }
      EXPECT_EQ(entries_of(large), expect_large) << count;
      EXPECT_EQ(entries_of(elsewhere), expect_elsewhere) << count;
    }
  });
}

TEST(NearList, KnowsItsExtremes) {
  for_each_instruction_set([] {
    for (const Index count : kCounts) {
      std::vector<float> values;
      for (const auto& entry : random_entries(count, 1000, 7)) values.push_back(entry.second);
      const Extremes extremes = extremes_of(values);
      EXPECT_EQ(extremes.smallest, values.empty() ? 0 : std::ranges::min(values)) << count;
      EXPECT_EQ(extremes.largest, values.empty() ? 0 : std::ranges::max(values)) << count;
    }
  });
}

TEST(NearList, IsWrittenInTheOrderOfKeys) {
  for_each_instruction_set([] {
    for (const Index count : kCounts) {
      Entries entries = random_entries(count, 1000, 9);
      std::vector<std::int32_t> keys(entries.size());
      std::vector<float> values(entries.size());
      write_by_key(scratch_of(entries), keys.data(), values.data());
      std::ranges::sort(entries);
      for (std::size_t i = 0; i < entries.size(); ++i)
        EXPECT_EQ(std::pair(keys[i], values[i]), entries[i]) << count;
    }
  });
}

}  // namespace
}  // namespace prodigest::kernel
