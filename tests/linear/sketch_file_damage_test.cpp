// Files that are broken by accident or on purpose.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>

#include "expect_error.hpp"
#include "linear/golden_sketches.hpp"
#include "prodigest/linear/sketch_file.hpp"
#include "reference/forgery.hpp"

namespace prodigest::linear {
namespace {

testing::AssertionResult refused_as_file(const Bytes& bytes) {
  return refused_by(linear_sketch_from, bytes);
}

TEST(DamagedSketchFile, IsRefusedWhereverItIsCutOffAndWhicheverBitFlips) {
  std::mt19937_64 engine(1);
  for (const auto& [name, sketch] : golden_sketches()) {
    Bytes bytes = golden_bytes(name);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      ASSERT_TRUE(
          refused_as_file({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}))
          << name << " cut to " << size;
    for (std::byte& byte : bytes) {
      const std::byte flip = std::byte{1} << static_cast<int>(engine() % 8);
      byte ^= flip;
      ASSERT_TRUE(refused_as_file(bytes)) << name << " byte " << &byte - bytes.data();
      byte ^= flip;
    }
    bytes.push_back(std::byte{0});
    EXPECT_TRUE(refused_as_file(bytes));
  }
}

class ForgedSketchFile : public testing::Test {
 protected:
  void expect_refused(const std::string& golden, const std::string& words,
                      const std::function<void(Forgery&)>& change) {
    SCOPED_TRACE(words);
    Forgery forgery(golden_bytes(golden));
    EXPECT_EQ(forgery.bytes(), golden_bytes(golden)) << "the forger is clumsy";
    change(forgery);
    expect_refusal(ErrorCode::kFormat, words,
                   [&] { linear_sketch_from(io::Container::parse(forgery.bytes(), "a.pdg")); });
  }
  void expect_text_refused(const std::string& golden, const std::string& key,
                           const std::vector<std::string>& values, const std::string& words) {
    for (const std::string& value : values)
      expect_refused(golden, words, [&](Forgery& f) { f.text(key) = value; });
  }
};

TEST_F(ForgedSketchFile, IsRefusedForItsSpecAndSizes) {
  expect_text_refused(
      "sign", "spec",
      {"", "sign", "sign:size=0", "sign:size=5", "priority:size=4", "sign:size=4,colour=red",
       "sign:size=4,size=4", "sign:size=99999999999999999999", "srht:size=4,length=2",
       "srht:size=4", "srht:size=2,length=2", "sign:size=4,seed=7,values=f32",
       "sign:size=4,seed=7,rows=some"},
      "a.pdg");
  expect_text_refused("srht", "spec", {"srht:size=4"}, "srht must have a length");
  expect_text_refused("osnap", "spec", {"osnap:size=7,nonzeros=3,seed=42,rows=parts"},
                      "value_type must be that of the spec, got f32 for osnap");
  expect_text_refused("osnap", "spec", {"osnap:size=7,nonzeros=3,seed=42,values=f32"},
                      "squared_norm");
  expect_text_refused("sign", "cols",
                      {"0", "1", "3", "2147483648", "9223372036854775808", "-2", "two"}, "a.pdg");
  expect_text_refused("sign", "rows", {"-1", "9223372036854775808"}, "rows");
  expect_text_refused("srht", "rows", {"1025"}, "whole rows must be at most length");
  expect_text_refused("sign", "squared_norm", {"nan", "inf", "1 nan", "abc", "1e999"},
                      "squared_norm must be a sum");
  expect_text_refused("sign", "squared_norm", {"-1"},
                      "squared norm must be finite and not negative");
  expect_text_refused("sign", "key_encoding", {"", "TYPED"}, "key_encoding must be typed or text");
}

TEST_F(ForgedSketchFile, IsRefusedForItsValues) {
  for (const double bad : {double(NAN), double(INFINITY), -double(INFINITY)})
    expect_refused("gaussian", "values must be finite", [&](Forgery& f) {
      f.put<double>("values", {3, bad, 5, 7, -1e10, 1}, {3, 2});
    });
  expect_refused("gaussian", "values", [](Forgery& f) {
    f.put<double>("values", {1, 2, 3, 4, 5, 6}, {2, 3});
  });
  expect_refused("gaussian", "type I8", [](Forgery& f) {
    f.put<std::int8_t>("values", {1, 2, 3, 4, 5, 6}, {3, 2});
  });
  const Index entries = Forgery(golden_bytes("countsketch")).tensor("columns").shape[0];
  for (const int column : {300, 65535})
    expect_refused("countsketch", "columns must be within [0, 300), got ", [&](Forgery& f) {
      f.put<std::uint16_t>("columns",
                           std::vector<std::uint16_t>(static_cast<std::size_t>(entries),
                                                      static_cast<std::uint16_t>(column)));
    });
  expect_refused("countsketch", "columns must be within [0, 300)", [&](Forgery& f) {
    f.put<std::uint32_t>("columns",
                         std::vector<std::uint32_t>(static_cast<std::size_t>(entries), ~0u));
  });
  expect_refused("countsketch", "row_sizes must add up to", [](Forgery& f) {
    f.put<std::uint16_t>("row_sizes", {1, 1, 1, 1, 1});
  });
  // a few bytes that ask for more than any machine has
  expect_refused("countsketch", "size times columns must be at most 2^44", [](Forgery& f) {
    f.text("cols") = "2147483647";
    f.text("spec") = "countsketch:size=10000";
    f.put<std::uint8_t>("row_sizes", std::vector<std::uint8_t>(10000));
    f.put<std::uint32_t>("columns", {});
    f.put<float>("values", {});
    f.tensor("columns").shape = f.tensor("values").shape = {0};
  });
}

TEST_F(ForgedSketchFile, IsRefusedForWhatIsMissing) {
  for (const auto& [name, sketch] : golden_sketches()) {
    const Forgery whole(golden_bytes(name));
    for (const auto& [key, value] : whole.metadata) {
      Forgery forgery(golden_bytes(name));
      std::erase_if(forgery.metadata,
                    [&, &key = key](const auto& entry) { return entry.first == key; });
      EXPECT_TRUE(refused_as_file(forgery.bytes())) << name << " without " << key;
    }
    for (const io::Tensor& tensor : whole.tensors) {
      if (tensor.name == "column_names" || tensor.name == "key_names")
        continue;  // nobody needs names
      Forgery forgery(golden_bytes(name));
      std::erase_if(forgery.tensors, [&](const io::Tensor& t) { return t.name == tensor.name; });
      EXPECT_TRUE(refused_as_file(forgery.bytes())) << name << " without " << tensor.name;
    }
  }
}

}  // namespace
}  // namespace prodigest::linear
