// Damaged text files are read or refused with an Error, never anything else.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "io/csv_reader.hpp"
#include "io/matrix_market_reader.hpp"
#include "io/reading.hpp"
#include "io/svmlight_reader.hpp"

namespace prodigest::io {
namespace {

std::string damaged(std::string text, std::mt19937& random) {
  constexpr std::string_view kNasty = "\",;\t\r\n\0%#:-+.0919eEnN \xff\xef";
  for (unsigned count = random() % 4 + 1; count > 0 && !text.empty(); --count) {
    const std::size_t at = random() % text.size();
    const char byte = kNasty[random() % kNasty.size()];
    switch (random() % 4) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(text.begin() + static_cast<std::ptrdiff_t>(at), byte);
        break;
      case 2:
        text.erase(at, random() % 4 + 1);
        break;
      case 3:
        text.resize(at + 1);
        break;
    }
  }
  return text;
}

// Through a pipe, for writing thousands of files would take long.
template <class Open>
void read_damaged(const std::string& text, const Open& open) {
  std::mt19937 random(1);
  int read = 0, refused = 0;
  for (int i = 0; i < 3000; ++i) {
    const PipedInput pipe(damaged(text, random));
    try {
      const std::unique_ptr<RowReader> reader = open();
      read_all(*reader);
      ++read;
    } catch (const Error& error) {
      EXPECT_TRUE(std::string_view(error.what()).find("<stdin>") != std::string_view::npos)
          << error.what();
      ++refused;
    }
  }
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, 0);
}

TEST(TextDamage, OfTablesIsReadOrRefused) {
  ReadOptions options;
  options.key = {"id", "t"};
  options.block_bytes = 20;
  read_damaged("id,t,x,y\n1,\"a,\"\"b\"\"\",0.5,1e3\n2,\"c\nd\",-7,\n3,e,1,2\n",
               [&] { return open_csv("-", options); });
  options = {};
  options.words = "text";
  options.vocabulary = {"two"};
  read_damaged("id\ttext\n1\tone two\n2\t\"two\" three\n", [&] { return open_csv("-", options); });
}

TEST(TextDamage, OfMatrixMarketFilesIsReadOrRefused) {
  const auto open = [] { return open_matrix_market("-", {}); };
  read_damaged("%%MatrixMarket matrix coordinate real general\n3 4 3\n1 1 0.5\n2 4 1\n3 2 -7e2\n",
               open);
  read_damaged("%%MatrixMarket matrix array integer symmetric\n2 2\n1\n2\n3\n", open);
}

TEST(TextDamage, OfSvmlightFilesIsReadOrRefused) {
  ReadOptions options;
  options.features = 40;
  read_damaged("1 1:0.5 3:2 # a\n-1 qid:3 2:1e3\n+1 4:0\n",
               [&] { return open_svmlight("-", options); });
}

}  // namespace
}  // namespace prodigest::io
