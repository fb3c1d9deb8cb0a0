#include "base/nearest_name.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace prodigest {
namespace {

const std::vector<std::string> kNames = {"id", "package", "size", "Lines of code"};

TEST(NearestName, UndoesOneSlipOfTheFingers) {
  EXPECT_EQ(nearest_name("packge", kNames), "package");    // left out
  EXPECT_EQ(nearest_name("paackage", kNames), "package");  // typed twice
  EXPECT_EQ(nearest_name("pqckage", kNames), "package");   // wrong key
  EXPECT_EQ(nearest_name("pakcage", kNames), "package");   // swapped
  EXPECT_EQ(nearest_name("lines of Code", kNames), "Lines of code");
}

TEST(NearestName, PrefersTheNearestAndThenTheFirst) {
  const std::vector<std::string> names = {"abxx", "abcx", "abcy"};
  EXPECT_EQ(nearest_name("abcd", names), "abcx");
}

TEST(NearestName, SwapCountsOnce) {
  const std::vector<std::string> names = {"bca", "ba"};
  EXPECT_EQ(nearest_name("ab", names), "ba");
}

TEST(NearestName, IsEmptyIfNothingIsNear) {
  EXPECT_EQ(nearest_name("temperature", kNames), "");
  EXPECT_EQ(nearest_name("x", {}), "");
}

TEST(NearestName, MessageNamesTheNearestAndAllColumns) {
  EXPECT_EQ(no_such_name("column", "packge", "a.csv", kNames),
            "no column \"packge\" in a.csv; nearest is \"package\" "
            "(columns: id, package, size, Lines of code)");
  EXPECT_EQ(no_such_name("array", "temperature", "a.npz", std::vector<std::string>{"x"}),
            "no array \"temperature\" in a.npz (arrays: x)");
}

TEST(NearestName, MessageCutsALongListShort) {
  std::vector<std::string> names;
  for (int i = 0; i < 30; ++i) names.push_back("column" + std::to_string(i));
  const std::string message = no_such_name("column", "?", "a.csv", names);
  EXPECT_NE(message.find("column19 and 10 more)"), std::string::npos) << message;
  EXPECT_EQ(message.find("column20"), std::string::npos) << message;
}

}  // namespace
}  // namespace prodigest
