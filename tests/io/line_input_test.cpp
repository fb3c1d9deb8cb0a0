#include "io/line_input.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "io/reading.hpp"

namespace prodigest::io {
namespace {

using Lines = std::vector<std::string>;

Lines rest_of(LineInput& input) {
  Lines lines;
  for (std::string_view line; input.next(line);) lines.emplace_back(line);
  return lines;
}

Lines lines_of(const std::string& bytes) {
  const TemporaryFile file("a.txt", bytes);
  LineInput input(file.path());
  return rest_of(input);
}

TEST(LineInput, EndsLinesAtLfAndCrLf) {
  EXPECT_EQ(lines_of("a\nb\r\n\nc"), (Lines{"a", "b", "", "c"}));
  EXPECT_EQ(lines_of("a\n"), Lines{"a"});
  EXPECT_EQ(lines_of("\n"), Lines{""});
  EXPECT_EQ(lines_of("a\r"), Lines{"a"});
  EXPECT_EQ(lines_of("a\rb\n"), Lines{"a\rb"});
  EXPECT_EQ(lines_of(""), Lines{});
}

TEST(LineInput, KeepsZeroBytes) {
  EXPECT_EQ(lines_of(std::string("a\0b\nc", 5)), (Lines{std::string("a\0b", 3), "c"}));
}

TEST(LineInput, SkipsAByteOrderMark) {
  EXPECT_EQ(lines_of("\xef\xbb\xbf"
                     "a\nb"),
            (Lines{"a", "b"}));
  EXPECT_EQ(lines_of("\xef\xbb\xbf"), Lines{});
}

TEST(LineInput, RefusesUtf16) {
  expect_error(ErrorCode::kFormat, {"a.txt", "UTF-16", "iconv"}, [] {
    lines_of(
        "\xff\xfe"
        "a");
  });
}

TEST(LineInput, ReadsLinesOfAnyLength) {
  Lines lines;
  std::string text;
  for (const std::size_t size : {1u, 262'143u, 262'144u, 262'145u, 0u, 3'000'000u, 5u}) {
    lines.emplace_back(size, static_cast<char>('a' + lines.size()));
    text += lines.back() + "\n";
  }
  EXPECT_EQ(lines_of(text), lines);
  EXPECT_EQ(lines_of(gzipped(text)), lines);
}

TEST(LineInput, CountsLines) {
  const TemporaryFile file("a.txt", "a\nb\nc");
  LineInput input(file.path());
  std::string_view line;
  EXPECT_EQ(input.line_number(), 0);
  input.next(line);
  EXPECT_EQ(input.line_number(), 1);
  input.extend(line);
  EXPECT_EQ(input.line_number(), 2);
  input.rewind();
  EXPECT_EQ(input.line_number(), 0);
  EXPECT_EQ(rest_of(input), (Lines{"a", "b", "c"}));
  EXPECT_EQ(input.line_number(), 3);
}

TEST(LineInput, ExtendsALineOverLineEndsAndTheBuffersEnd) {
  const std::string longest(400'000, 'x');
  const TemporaryFile file("a.txt", "first\na\r\nb\n" + longest + "\nlast");
  LineInput input(file.path());
  std::string_view line;
  input.next(line);
  input.next(line);
  EXPECT_TRUE(input.extend(line));
  EXPECT_EQ(line, "a\r\nb");
  EXPECT_TRUE(input.extend(line));
  EXPECT_EQ(line, "a\r\nb\n" + longest);
  EXPECT_EQ(rest_of(input), Lines{"last"});
  EXPECT_FALSE(input.extend(line));
}

TEST(LineInput, ReturnsToAMarkEvenInAPipe) {
  const std::string text = "head\none\ntwo\nthree";
  const PipedInput pipe(text);
  LineInput input("-");
  std::string_view line;
  input.next(line);
  input.mark();
  EXPECT_EQ(rest_of(input), (Lines{"one", "two", "three"}));
  input.return_to_mark();
  EXPECT_EQ(input.line_number(), 1);
  EXPECT_EQ(rest_of(input), (Lines{"one", "two", "three"}));
}

TEST(LineInput, ReturnsToAMarkFarBack) {
  Lines lines;
  std::string text;
  for (int i = 0; i < 100'000; ++i) {
    lines.push_back("line " + std::to_string(i));
    text += lines.back() + "\n";
  }
  const TemporaryFile file("a.txt", text);
  LineInput input(file.path());
  input.mark();
  EXPECT_EQ(rest_of(input), lines);
  input.return_to_mark();
  EXPECT_EQ(rest_of(input), lines);
}

TEST(LineInput, ReadsAPipeOnceGzippedOrNot) {
  for (const std::string& bytes : {std::string("a\nb"), gzipped("a\nb")}) {
    const PipedInput pipe(bytes);
    LineInput input("-");
    EXPECT_EQ(input.name(), "<stdin>");
    EXPECT_EQ(rest_of(input), (Lines{"a", "b"}));
    expect_error(ErrorCode::kUnsupported, {"<stdin>", "pipe"}, [&] { input.rewind(); });
  }
}

TEST(LineInput, SaysWhichFileCannotBeRead) {
  expect_error(ErrorCode::kIo, {"no-such-file.csv"}, [] { LineInput("no-such-file.csv"); });
  expect_error(ErrorCode::kIo, {"directory"}, [] { LineInput input(testing::TempDir()); });
}

}  // namespace
}  // namespace prodigest::io
