#include "prodigest/io/container.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>
#include <thread>

#include "io/file_bytes.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/base/version.hpp"

namespace prodigest::io {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::byte>;

constexpr std::array kAllDTypes = {DType::kU8,  DType::kI8,   DType::kU16, DType::kI16,
                                   DType::kU32, DType::kI32,  DType::kU64, DType::kI64,
                                   DType::kF16, DType::kBF16, DType::kF32, DType::kF64};

template <class Call>
Error error_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(ErrorCode::kCancelled, "");
}

void expect_refused(const std::string& kind, const Metadata& metadata,
                    const std::vector<Tensor>& tensors, const std::string& message) {
  const Error error = error_of([&] { container_bytes(kind, metadata, tensors); });
  EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
}

std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

fs::path fresh_path(const std::string& name) {
  return fs::path(testing::TempDir()) / ("container_" + std::to_string(::getpid()) + "_" + name);
}

TEST(Container, ComparesChecksumsOfTensorsUnlessToldNotTo) {
  const std::vector<double> values = {1, 2, 3};
  Bytes bytes = container_bytes("kind", {}, std::vector<Tensor>{tensor_of("v", values)});
  const fs::path path = fresh_path("checksums");
  const auto refused = [&](std::size_t at, Checksums checksums) {
    Bytes damaged = bytes;
    damaged[at] ^= std::byte{1};
    write_file(path, damaged);
    try {
      Container::open(path, checksums);
    } catch (const Error&) {
      return true;
    }
    return false;
  };
  EXPECT_TRUE(refused(bytes.size() - 1, Checksums::kAll));
  EXPECT_FALSE(refused(bytes.size() - 1, Checksums::kHeader));
  EXPECT_TRUE(refused(100, Checksums::kHeader));
  fs::remove(path);
}

TEST(Container, ReadsBackWhatWasWritten) {
  const std::vector<std::uint64_t> ids = {3, 5, 8};
  const std::vector<double> rows = {1, -2.5, 0, 1e300, -0.0, 7};
  const Metadata metadata = {{"n", "1000"}, {"columns", "[\"größe\",\"a\\nb\"]"}, {"", "\x01\"\\"}};
  const std::vector<Tensor> tensors = {tensor_of("ids", ids), tensor_of("rows", rows, {3, 2})};

  const Container read = Container::parse(container_bytes("row_sample", metadata, tensors));
  EXPECT_EQ(read.kind(), "row_sample");
  EXPECT_EQ(read.writer(), std::string("prodigest ") + kVersion);
  EXPECT_EQ(read.metadata(), metadata);
  ASSERT_EQ(read.tensors().size(), 2u);
  const auto read_ids = read.values<std::uint64_t>("ids", {3});
  EXPECT_TRUE(std::ranges::equal(read_ids, ids));
  EXPECT_TRUE(std::ranges::equal(read.values<double>("rows", {3, 2}), rows));
}

TEST(Container, HoldsNoTensorsAtAll) {
  const Container read = Container::parse(container_bytes("empty", {}, {}));
  EXPECT_EQ(read.kind(), "empty");
  EXPECT_TRUE(read.metadata().empty());
  EXPECT_TRUE(read.tensors().empty());
}

TEST(Container, KeepsTensorsOfSizeZeroAndScalars) {
  const double pi = 3.25;
  const std::uint8_t one = 1;
  const std::vector<Tensor> tensors = {
      {"none", DType::kF64, {0}, {}},
      {"scalar", DType::kU8, {}, std::as_bytes(std::span(&one, 1))},
      {"flat", DType::kI16, {7, 0, 3}, {}},
      {"pi", DType::kF64, {}, std::as_bytes(std::span(&pi, 1))},
      {"last", DType::kU8, {0, 0}, {}}};
  const Container read = Container::parse(container_bytes("zero", {}, tensors));
  ASSERT_EQ(read.tensors().size(), 5u);
  EXPECT_TRUE(read.values<double>("none", {0}).empty());
  EXPECT_TRUE(read.values<std::int16_t>("flat", {7, 0, 3}).empty());
  EXPECT_EQ(read.values<std::uint8_t>("scalar", {})[0], 1);
  EXPECT_EQ(read.values<double>("pi", {})[0], pi);
}

TEST(Container, StartsEveryTensorAtAMultipleOf64WhateverTheSizes) {
  Bytes storage(1000);
  for (std::size_t i = 0; i < storage.size(); ++i) storage[i] = static_cast<std::byte>(i * 7 + 1);
  for (const std::size_t size : {0, 1, 2, 3, 7, 63, 64, 65, 127, 128, 129, 999}) {
    std::vector<Tensor> tensors;
    for (const std::string name : {"a", "b", "c"}) {
      tensors.push_back({name, DType::kU8, {static_cast<Index>(size)}, {storage.data(), size}});
    }
    const Bytes bytes = container_bytes("odd", {{"k", std::string(size, 'x')}}, tensors);
    const fs::path path = fresh_path("aligned");
    write_file(path, bytes);
    const Container read = Container::open(path);
    ASSERT_EQ(read.tensors().size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
      const Tensor& tensor = read.tensors()[i];
      EXPECT_EQ(tensor.name, tensors[i].name);
      EXPECT_TRUE(std::ranges::equal(tensor.bytes, tensors[i].bytes));
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % 64, 0u) << size;
    }
    fs::remove(path);
  }
}

TEST(Container, KeepsEveryElementType) {
  const Bytes storage(48, std::byte{0x5a});
  for (const DType dtype : kAllDTypes) {
    const std::size_t size = 3 * dtype_size(dtype);
    const Tensor tensor{std::string(dtype_name(dtype)), dtype, {1, 3}, {storage.data(), size}};
    const Container read = Container::parse(container_bytes("types", {}, {&tensor, 1}));
    ASSERT_EQ(read.tensors().size(), 1u);
    EXPECT_EQ(read.tensors()[0].dtype, dtype);
    EXPECT_EQ(read.tensors()[0].shape, (std::vector<Index>{1, 3}));
    EXPECT_EQ(read.tensors()[0].bytes.size(), size);
  }
}

TEST(Container, EqualArgumentsGiveEqualBytes) {
  const std::vector<float> values = {1, 2, 3};
  const std::vector<Tensor> tensors = {tensor_of("x", values), tensor_of("y", values)};
  const Metadata metadata = {{"b", "1"}, {"a", "2"}};
  EXPECT_EQ(container_bytes("k", metadata, tensors), container_bytes("k", metadata, tensors));
}

TEST(Container, BeginsWithTheDocumentedBytes) {
  const std::string text = text_of(container_bytes("some_kind", {{"key", "value"}}, {}));
  const std::string expected = std::string(R"({"__metadata__":{"prodigest.format":"1.0",)") +
                               R"("prodigest.kind":"some_kind","prodigest.writer":"prodigest )" +
                               kVersion + R"(","prodigest.crc32":")";
  EXPECT_EQ(text.substr(8, expected.size()), expected);
  EXPECT_EQ(text.substr(8 + expected.size() + 8, 17), R"(","key":"value"}})");
  EXPECT_EQ(text.size() % 64, 0u);
}

TEST(Container, RefusesToWriteWhatItCouldNotRead) {
  const std::vector<double> two = {1, 2};
  const Tensor good = tensor_of("x", two);
  const auto named = [&](const std::string& name) { return tensor_of(name, two); };
  expect_refused("", {}, {}, "kind must be lower_case");
  expect_refused("Row Sample", {}, {}, "kind must be lower_case");
  expect_refused("k", {{"a", "1"}, {"a", "2"}}, {}, "given twice");
  expect_refused("k", {{"prodigest.kind", "other"}}, {}, "reserved");
  expect_refused("k", {{"a", "\xff"}}, {}, "not UTF-8");
  expect_refused("k", {}, {good, good}, "given twice");
  expect_refused("k", {}, {named("")}, "reserved");
  expect_refused("k", {}, {named("_pad0")}, "reserved");
  expect_refused("k", {}, {named("__metadata__")}, "reserved");
  expect_refused("k", {}, {named("\xc3")}, "not UTF-8");
  expect_refused("k", {}, {tensor_of("x", two, {3})}, "does not take 16 bytes");
  expect_refused("k", {}, {tensor_of("x", two, {-1, -2})}, "does not take 16 bytes");
  expect_refused("k", {}, {{"x", DType::kU8, {-1, 0}, {}}}, "does not take 0 bytes");
  const Index huge = Index{1} << 62;
  expect_refused("k", {}, {{"x", DType::kF64, {huge, 4}, {}}}, "does not take 0 bytes");
  expect_refused("k", {{"a", std::string(std::size_t{1} << 20, 'a')}}, {}, "more than 1048576");
}

TEST(Container, NamesTheMissingEntryAndTensor) {
  const std::vector<float> x = {1, 2};
  const Tensor tensor = tensor_of("x", x);
  const Container read =
      Container::parse(container_bytes("demo", {{"here", "1"}}, {&tensor, 1}), "a.pdg");
  EXPECT_TRUE(read.has("here"));
  EXPECT_FALSE(read.has("there"));
  EXPECT_NE(read.find("x"), nullptr);
  EXPECT_EQ(read.find("y"), nullptr);
  const auto message = [](const auto& call) {
    const Error error = error_of(call);
    EXPECT_EQ(error.code(), ErrorCode::kFormat);
    return std::string(error.what());
  };
  EXPECT_EQ(message([&] { read.text("there"); }),
            R"(a.pdg: a "demo" digest must have the entry "there", it has none)");
  EXPECT_EQ(message([&] { read.values<float>("y", {2}); }),
            R"(a.pdg: a "demo" digest must have the tensor "y", it has none)");
  EXPECT_EQ(message([&] { read.values<double>("x", {2}); }),
            R"(a.pdg: tensor "x": expected F64 [2], got F32 [2])");
  EXPECT_EQ(message([&] {
              read.values<float>("x", {2, 1});
            }),
            R"(a.pdg: tensor "x": expected F32 [2, 1], got F32 [2])");
}

TEST(Container, IntegersAreStrictDecimals) {
  const auto integer = [](const std::string& text) {
    return Container::parse(container_bytes("k", {{"n", text}}, {})).integer("n");
  };
  EXPECT_EQ(integer("0"), 0u);
  EXPECT_EQ(integer("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  for (const std::string text :
       {"", "-1", "+1", " 1", "1 ", "01", "1.0", "1e3", "0x10", "18446744073709551616", "one"}) {
    EXPECT_EQ(error_of([&] { integer(text); }).code(), ErrorCode::kFormat) << text;
  }
}

TEST(Container, NumbersAreWholeAndNotNan) {
  const auto number = [](const std::string& text) {
    return Container::parse(container_bytes("k", {{"x", text}}, {})).number("x");
  };
  EXPECT_EQ(number("inf"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(number("5e-324"), 5e-324);
  EXPECT_TRUE(std::signbit(number("-0")));
  for (const std::string text : {"", "nan", "1e999", "1,5", "1.5x", " 1", "+1", "0x1p3"}) {
    EXPECT_EQ(error_of([&] { number(text); }).code(), ErrorCode::kFormat) << text;
  }
}

RC_GTEST_PROP(Container, NumbersReadBackExactly, (std::uint64_t bits)) {
  const double value = std::bit_cast<double>(bits);
  RC_PRE(!std::isnan(value));
  const Container read = Container::parse(container_bytes("k", {{"x", exact_text(value)}}, {}));
  RC_ASSERT(std::bit_cast<std::uint64_t>(read.number("x")) == bits);
}

std::string any_text() { return *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127)); }

RC_GTEST_PROP(Container, ReadsBackAnythingThatWasWritten, ()) {
  Metadata metadata;
  for (const int i : *rc::gen::unique<std::vector<int>>(rc::gen::inRange(0, 50))) {
    metadata.emplace_back(std::to_string(i) + any_text(), any_text());
  }
  std::vector<Bytes> storage;
  std::vector<Tensor> tensors;
  for (const int i : *rc::gen::unique<std::vector<int>>(rc::gen::inRange(0, 20))) {
    Tensor tensor;
    tensor.name = std::to_string(i) + any_text();
    tensor.dtype = *rc::gen::elementOf(kAllDTypes);
    tensor.shape =
        *rc::gen::resize(4, rc::gen::container<std::vector<Index>>(rc::gen::inRange<Index>(0, 5)));
    const Index count =
        std::accumulate(tensor.shape.begin(), tensor.shape.end(), Index{1}, std::multiplies<>());
    const std::size_t size = static_cast<std::size_t>(count) * dtype_size(tensor.dtype);
    storage.emplace_back(size, static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>()));
    tensor.bytes = storage.back();
    tensors.push_back(std::move(tensor));
  }

  const Container read = Container::parse(container_bytes("any", metadata, tensors));
  RC_ASSERT(read.metadata() == metadata);
  RC_ASSERT(read.tensors().size() == tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    RC_ASSERT(read.tensors()[i].name == tensors[i].name);
    RC_ASSERT(read.tensors()[i].dtype == tensors[i].dtype);
    RC_ASSERT(read.tensors()[i].shape == tensors[i].shape);
    RC_ASSERT(std::ranges::equal(read.tensors()[i].bytes, tensors[i].bytes));
  }
}

TEST(Container, StaysValidWhenMovedAndWhenItsFileIsReplaced) {
  const std::vector<double> values = {1, 2, 3};
  const Tensor tensor = tensor_of("x", values);
  const fs::path path = fresh_path("moved");
  write_file(path, container_bytes("k", {}, {&tensor, 1}));
  Container first = Container::open(path);
  const auto before = first.values<double>("x", {3});
  const Container second = std::move(first);
  write_file(path, container_bytes("other", {}, {}));
  EXPECT_EQ(second.name(), path.string());
  EXPECT_TRUE(std::ranges::equal(before, values));
  EXPECT_EQ(Container::open(path).kind(), "other");
  fs::remove(path);
}

TEST(Container, IsReadFromAPipe) {
  const std::vector<double> values(100'000, 1.5);
  const Tensor tensor = tensor_of("x", values);
  const fs::path path = fresh_path("fifo");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&] { write_file(path, container_bytes("k", {}, {&tensor, 1})); });
  const Container read = Container::open(path);
  writer.join();
  EXPECT_TRUE(std::ranges::equal(read.values<double>("x", {100'000}), values));
  fs::remove(path);
}

TEST(Container, IsReadFromStandardInput) {
  const fs::path path = fresh_path("stdin");
  write_file(path, container_bytes("piped", {}, {}));
  const int saved = ::dup(STDIN_FILENO);
  ASSERT_NE(std::freopen(path.c_str(), "rb", stdin), nullptr);
  const Container read = Container::open("-");
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
  EXPECT_EQ(read.kind(), "piped");
  EXPECT_EQ(read.name(), "<stdin>");
  fs::remove(path);
}

TEST(Container, StopsReadingAPipeThatIsTooLong) {
  const Error error = error_of([] { FileBytes::open("/dev/zero", 1'000'000); });
  EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
}

TEST(Container, SaysWhyAFileCannotBeOpened) {
  const Error missing = error_of([] { Container::open("/nowhere/a.pdg"); });
  EXPECT_EQ(missing.code(), ErrorCode::kIo);
  EXPECT_STREQ(missing.what(), "/nowhere/a.pdg: cannot be read: No such file or directory");
  const Error folder = error_of([] { Container::open("/"); });
  EXPECT_EQ(folder.code(), ErrorCode::kIo);
  EXPECT_STREQ(folder.what(), "/: cannot be read: Is a directory");
}

}  // namespace
}  // namespace prodigest::io
