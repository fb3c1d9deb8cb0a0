// Digest files that were damaged: whatever is left of them is refused with an Error.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "io/container_refusal.hpp"

namespace prodigest::io {
namespace {

// Three small files: no tensors; padding between and no padding at the end; text and size zero.
std::vector<Bytes> small_files() {
  static const std::vector<double> five = {1, 2, 3, 4, 5};
  static const std::vector<std::uint8_t> odd(65, 0x20);
  const std::vector<Tensor> padded = {tensor_of("v", five), tensor_of("odd", odd)};
  const std::vector<Tensor> zero = {
      tensor_of("a", odd), {"none", DType::kF64, {0}, {}}, tensor_of("z", five, {5, 1})};
  return {container_bytes("empty", {}, {}), container_bytes("padded", {{"n", "5"}}, padded),
          container_bytes("zero", {{"text", "\"}{\\ é"}, {"", ""}}, zero)};
}

TEST(ContainerDamage, EverySingleBitFlipIsRefused) {
  for (const Bytes& file : small_files()) {
    ASSERT_FALSE(refusal(file));
    for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
      Bytes flipped = file;
      flipped[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      const std::optional<Error> error = refusal(flipped);
      ASSERT_TRUE(error) << "bit " << bit;
      ASSERT_EQ(error->code(), ErrorCode::kFormat) << "bit " << bit << ": " << error->what();
    }
  }
}

TEST(ContainerDamage, EveryTruncationIsRefused) {
  for (const Bytes& file : small_files()) {
    for (std::size_t size = 0; size < file.size(); ++size) {
      const std::optional<Error> error =
          refusal({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)});
      ASSERT_TRUE(error) << size;
      ASSERT_EQ(error->code(), ErrorCode::kFormat) << error->what();
    }
  }
}

TEST(ContainerDamage, EveryAppendedByteIsRefused) {
  for (const Bytes& file : small_files()) {
    for (const std::size_t count : {1, 7, 8, 63, 64, 65, 4096}) {
      for (const int value : {0x00, 0x20, 0x7d, 0xff}) {
        Bytes longer = file;
        longer.resize(file.size() + count, static_cast<std::byte>(value));
        expect_refused(longer, "bytes follow the header");
      }
    }
  }
}

RC_GTEST_PROP(ContainerDamage, RandomChangesThrowAnErrorOrNothing, ()) {
  static const std::vector<Bytes> files = small_files();
  Bytes bytes = *rc::gen::elementOf(files);
  const auto steps = *rc::gen::inRange(1, 9);
  for (int step = 0; step < steps; ++step) {
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    const auto value = static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    const int change = *rc::gen::inRange(0, 3);
    if (change == 0 && bytes.size() > 1) bytes.erase(place);
    if (change == 1) bytes.insert(place, value);
    if (change == 2) *place = value;
  }
  RC_ASSERT(refusal(bytes).has_value() || std::ranges::find(files, bytes) != files.end());
}

RC_GTEST_PROP(ContainerDamage, RandomHeadersUnderACorrectChecksumThrowAnErrorOrAreRead, ()) {
  const std::string text = text_of(*rc::gen::elementOf(small_files()));
  std::uint64_t length = 0;
  std::memcpy(&length, text.data(), 8);
  std::string json = text.substr(8, length);
  json.replace(json.find(R"("prodigest.crc32":")") + 19, 8, "@@@@@@@@");
  const auto steps = *rc::gen::inRange(1, 5);
  for (int step = 0; step < steps; ++step) {
    const auto from = *rc::gen::inRange<std::size_t>(0, json.size());
    const auto count = *rc::gen::inRange<std::size_t>(0, 20);
    const auto to = *rc::gen::inRange<std::size_t>(0, json.size());
    json.insert(to, json.substr(from, count));
    json[from] = *rc::gen::elementOf(std::string("0189-.,:[]{}\"x\\ "));
  }
  refusal(sealed(json, text.substr(8 + length)));
}

}  // namespace
}  // namespace prodigest::io
