// Files that are broken by accident or on purpose.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

#include "expect_error.hpp"
#include "lattice/golden_codes.hpp"
#include "prodigest/lattice/codes_file.hpp"
#include "prodigest/lattice/product.hpp"
#include "reference/forgery.hpp"

namespace prodigest::lattice {
namespace {

testing::AssertionResult refused_as_file(const Bytes& bytes) {
  return refused_by(lattice_codes_from, bytes);
}

TEST(DamagedCodesFile, IsRefusedWhereverItIsCutOffAndWhicheverBitFlips) {
  std::mt19937_64 engine(1);
  for (const char* name : {"F2", "F4pair", "group4", "F4fast"}) {
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

class ForgedCodesFile : public testing::Test {
 protected:
  void expect_refused(const std::string& golden, const std::string& words,
                      const std::function<void(Forgery&)>& change) {
    SCOPED_TRACE(words);
    Forgery forgery(golden_bytes(golden));
    EXPECT_EQ(forgery.bytes(), golden_bytes(golden)) << "the forger is clumsy";
    change(forgery);
    expect_refusal(ErrorCode::kFormat, words,
                   [&] { lattice_codes_from(io::Container::parse(forgery.bytes(), "a.pdg")); });
  }
  void expect_text_refused(const std::string& golden, const std::string& key,
                           const std::vector<std::string>& values, const std::string& words) {
    for (const std::string& value : values)
      expect_refused(golden, words, [&](Forgery& f) { f.text(key) = value; });
  }
  static void put_noise(Forgery& forgery, std::uint16_t last) {
    forgery.put<std::uint16_t>("noises", {0, 0, 0, last});
    forgery.tensor("noises").dtype = io::DType::kF16;
  }
};

TEST_F(ForgedCodesFile, IsRefusedForItsSpecAndSizes) {
  expect_text_refused(
      "F4", "spec",
      {"", "lattice", "sign:size=4", "lattice:format=F9,size=600",
       "lattice:format=F4,size=590,gain=unbiased", "lattice:format=F4,size=601,gain=unbiased",
       "lattice:format=F4,size=600", "lattice:format=F4,gain=unbiased",
       "lattice:format=F3,size=600,gain=unbiased",
       "lattice:format=F4,size=9223372036854775807,gain=unbiased",
       "lattice:format=group8,size=9223372036854775807,gain=unbiased"},
      "a.pdg");
  expect_text_refused("F2", "spec", {"lattice:format=F2,size=20,rotation=none,gain=mmse"},
                      "size=20 of 64 rows needs rotation=hadamard");
  expect_text_refused("F4", "cols", {"0", "3", "5", "2147483648", "two"}, "a.pdg");
  expect_text_refused("F4", "rows", {"-1", "0", "599", "9223372036854775808"}, "a.pdg");
  expect_text_refused("F2", "rows", {"2147483648", "9223372036854775807"},
                      "expected 1 to 2^31 - 1 rows");
  expect_text_refused("F4", "row_set",
                      {"", "0", "00000000000000000", "000000000000000g", "-000000000000001"},
                      "row_set must be 16 hexadecimal digits");
}

TEST_F(ForgedCodesFile, IsRefusedForItsNumbers) {
  const float nan = NAN, infinity = INFINITY;
  for (const float bad : {nan, infinity, -1.0f})
    expect_refused("F4", "scales must be finite and not negative", [&](Forgery& f) {
      f.put<float>("scales", {1, 0, 0, bad});
    });
  for (const double bad : {double{nan}, double{infinity}})
    expect_refused("F4", "means must be finite", [&](Forgery& f) {
      f.put<double>("means", {1, 0, bad, 0});
    });
  for (const unsigned bad : {0x7C00u, 0x7E00u, 0xFC00u, 0xBC00u})  // inf, NaN, -inf, -1
    expect_refused("F4", "noises must be finite half-precision numbers",
                   [&](Forgery& f) { put_noise(f, static_cast<std::uint16_t>(bad)); });
  for (const float bad : {nan, -2.0f})
    expect_refused("group4", "norms must be finite and not negative", [&](Forgery& f) {
      f.put<float>("norms", {1, 0, 0, bad});
    });
  expect_refused("F4", "there must be a tensor \"noises\" of type F16 and shape [4]",
                 [](Forgery& f) {
                   f.put<std::uint16_t>("noises", {0, 0, 0, 0});
                 });
  expect_refused("F4", "a.pdg", [](Forgery& f) { f.put<float>("scales", {1, 0, 0}); });
  expect_refused("F4", "a.pdg", [](Forgery& f) { f.put<float>("means", {1, 0, 0, 2}); });
  expect_refused("I8", "a.pdg", [](Forgery& f) {
    f.put<std::uint8_t>("codes", std::vector<std::uint8_t>(9 * 4), {9, 4});
  });
  for (const unsigned high : {0x7Cu, 0x7Eu, 0xFCu})
    expect_refused("group4", "scales of groups must be finite",
                   [&](Forgery& f) { (*f.storage.back())[1] = static_cast<std::byte>(high); });
}

// Codes of any bytes are codes; what no encoder writes does no harm.
TEST_F(ForgedCodesFile, MayHaveAnyBytesForCodes) {
  std::mt19937_64 engine(2);
  for (const auto& [name, expected] : golden_codes())
    for (const int fill : {0x00, 0xFF, 0x80, -1}) {
      if (name == "group4") continue;
      Forgery forgery(golden_bytes(name));
      const std::vector<Index> shape = forgery.tensor("codes").shape;
      std::vector<std::uint8_t> codes(static_cast<std::size_t>(shape[0] * shape[1]));
      for (std::uint8_t& byte : codes)
        byte = static_cast<std::uint8_t>(fill < 0 ? engine() : static_cast<unsigned>(fill));
      forgery.put<std::uint8_t>("codes", codes, shape);
      const LatticeCodes read = lattice_codes_from(io::Container::parse(forgery.bytes(), "a.pdg"));
      EXPECT_EQ(decode(read).rows, read.rows());
      EXPECT_TRUE(std::isfinite(gram(read).frobenius_error.estimated));
    }
}

TEST_F(ForgedCodesFile, IsRefusedForWhatIsMissing) {
  for (const auto& [name, expected] : golden_codes()) {
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
}  // namespace prodigest::lattice
