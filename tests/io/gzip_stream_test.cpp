#include "io/gzip_stream.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "io/reading.hpp"

namespace prodigest::io {
namespace {

std::string read_stream(ByteStream& stream, std::size_t step = 1000) {
  std::string text;
  std::vector<std::byte> buffer(step);
  while (const std::size_t count = stream.read(buffer))
    text.append(reinterpret_cast<const char*>(buffer.data()), count);
  return text;
}

std::unique_ptr<ByteStream> open(const std::string& bytes) {
  std::vector<std::byte> copy(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) copy[i] = static_cast<std::byte>(bytes[i]);
  return inflated_if_gzip(memory_stream("a.gz", std::move(copy)));
}

std::string text_of(const std::string& bytes) { return read_stream(*open(bytes)); }

const std::string kText = [] {
  std::mt19937 random(1);
  std::string text;
  for (int i = 0; i < 300'000; ++i) text.push_back(static_cast<char>('a' + random() % 20));
  return text;
}();

TEST(GzipStream, GivesWhatTheDataHoldInAnySteps) {
  const std::string bytes = gzipped(kText);
  EXPECT_EQ(text_of(bytes), kText);
  EXPECT_EQ(read_stream(*open(bytes), 1), kText);
  EXPECT_EQ(read_stream(*open(bytes), 1 << 20), kText);
  EXPECT_EQ(text_of(gzipped("")), "");
}

TEST(GzipStream, LeavesOtherBytesAlone) {
  for (const std::string bytes : {"", "x", "\x1f", "\x1fx", "plain text"})
    EXPECT_EQ(text_of(bytes), bytes);
}

TEST(GzipStream, ReadsMembersOneAfterTheOtherAndPadding) {
  EXPECT_EQ(text_of(gzipped("one ") + gzipped("") + gzipped("two")), "one two");
  EXPECT_EQ(text_of(gzipped("one") + std::string(5000, '\0')), "one");
}

TEST(GzipStream, RefusesEveryTruncation) {
  const std::string bytes = gzipped("some text, some text, some text");
  for (std::size_t size = 2; size < bytes.size(); ++size)
    expect_error(ErrorCode::kFormat, {"a.gz", "truncated"},
                 [&] { text_of(bytes.substr(0, size)); });
}

TEST(GzipStream, RefusesDamage) {
  std::string bytes = gzipped(kText);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x10);
  expect_error(ErrorCode::kFormat, {"a.gz", "damaged"}, [&] { text_of(bytes); });
  std::string wrong_sum = gzipped("text");
  wrong_sum[wrong_sum.size() - 6] ^= 1;
  expect_error(ErrorCode::kFormat, {"damaged"}, [&] { text_of(wrong_sum); });
}

TEST(GzipStream, RefusesOtherBytesAfterTheData) {
  expect_error(ErrorCode::kFormat, {"damaged"}, [] { text_of(gzipped("one") + "two"); });
}

TEST(GzipStream, RewindsFromAnywhere) {
  const auto stream = open(gzipped(kText));
  std::vector<std::byte> some(777);
  stream->read(some);
  stream->rewind();
  EXPECT_EQ(read_stream(*stream), kText);
  stream->rewind();
  EXPECT_EQ(read_stream(*stream), kText);
}

}  // namespace
}  // namespace prodigest::io
