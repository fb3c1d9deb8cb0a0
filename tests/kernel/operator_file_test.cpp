#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "expect_error.hpp"
#include "kernel/kernel_data.hpp"
#include "prodigest/io/container.hpp"
#include "prodigest/kernel/gaussian_operator.hpp"

namespace prodigest::kernel {
namespace {

class OperatorFile : public testing::Test {
 protected:
  ~OperatorFile() override { std::filesystem::remove(path_); }

  std::string contents() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary).write(bytes.data(), std::ssize(bytes));
  }

  // Of this test alone: tests run side by side.
  const std::filesystem::path path_ =
      std::filesystem::path(testing::TempDir()) /
      (std::string("operator_file_test_") +
       testing::UnitTest::GetInstance()->current_test_info()->name() + ".pdg");
};

Matrix<double> product(const GaussianOperator& made, std::uint64_t call) {
  Matrix<double> x(made.cols(), 2), y(made.rows(), 2);
  for (Index j = 0; j < x.rows; ++j) {
    x(j, 0) = std::sin(static_cast<double>(j));
    x(j, 1) = static_cast<double>(j % 3 - 1);
  }
  made.apply(x, y.view(), call);
  return y;
}

TEST_F(OperatorFile, GivesTheSameProducts) {
  for (const bool same : {true, false}) {
    const KernelData data = same ? tree_points(9000, 8) : attention_points(9000, 9000, 8);
    const GaussianOperator made(data.of_queries(), data.keys,
                                {.bandwidth = data.bandwidth, .epsilon = 0.1, .seed = {7}});
    save(made, path_);
    const GaussianOperator loaded = load_gaussian_operator(path_);
    EXPECT_EQ(loaded.spec(), made.spec());
    EXPECT_EQ(loaded.plan().near_pairs, made.plan().near_pairs);
    EXPECT_EQ(loaded.plan().near_recall, made.plan().near_recall);
    EXPECT_EQ(loaded.plan().query_cells, made.plan().query_cells);
    EXPECT_EQ(loaded.plan().bytes, made.plan().bytes);
    EXPECT_GT(loaded.plan().query_cells, 0);
    EXPECT_EQ(product(loaded, 3), product(made, 3));
  }
}

TEST_F(OperatorFile, OfFewPointsHoldsPointsAlone) {
  const KernelData data = tree_points(256, 3);
  const GaussianOperator made(data.keys, data.keys, {.bandwidth = 2});
  save(made, path_);
  EXPECT_EQ(product(load_gaussian_operator(path_), 0), product(made, 0));
  EXPECT_EQ(io::Container::open(path_).find("near_keys"), nullptr);
}

TEST_F(OperatorFile, IsRefusedIfItIsDamagedOrAnother) {
  const KernelData data = tree_points(64, 3);
  save(GaussianOperator(data.keys, data.keys, {}), path_);
  const std::string whole = contents();
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
    write(whole.substr(0, size));
    expect_refusal(ErrorCode::kFormat, "operator_file_test",
                   [&] { load_gaussian_operator(path_); });
  }
  std::string flipped = whole;
  flipped[whole.size() - 70] ^= 1;
  write(flipped);
  expect_refusal(ErrorCode::kFormat, "operator_file_test", [&] { load_gaussian_operator(path_); });
  io::write_file(path_, io::container_bytes("row_sample", {}, {}));
  expect_refusal(ErrorCode::kFormat, "expected a digest of kind gaussian_operator, got row_sample",
                 [&] { load_gaussian_operator(path_); });
}

// What checksums cannot tell: a file whose indices would lead out of its arrays.
TEST_F(OperatorFile, IsRefusedIfItsIndicesAreOutOfRange) {
  const KernelData data = tree_points(9000, 4);
  save(GaussianOperator(data.keys, data.keys, {.bandwidth = data.bandwidth, .near = 4}), path_);
  const io::Container file = io::Container::parse([&] {
    const std::string bytes = contents();
    const auto* const from = reinterpret_cast<const std::byte*>(bytes.data());
    return std::vector<std::byte>(from, from + bytes.size());
  }());
  const auto refused_with = [&](const char* name, const auto& forge) {
    std::vector<io::Tensor> tensors = file.tensors();
    std::erase_if(tensors, [](const io::Tensor& t) { return t.name.starts_with("_pad"); });
    const auto at = std::ranges::find(tensors, name, &io::Tensor::name);
    ASSERT_NE(at, tensors.end()) << name;
    std::vector<std::byte> forged(at->bytes.begin(), at->bytes.end());
    forge(std::span(forged));
    at->bytes = forged;
    io::write_file(path_, io::container_bytes(file.kind(), file.metadata(), tensors));
    expect_refusal(ErrorCode::kFormat, "out of range", [&] { load_gaussian_operator(path_); });
  };
  for (const char* const name :
       {"key_order", "near_counts", "near_keys", "key_cell_starts", "query_cell_members",
        "pilot_cells", "pilot_rates", "table_deviations"})
    refused_with(name, [](std::span<std::byte> bytes) {
      std::ranges::fill(bytes.first(8), std::byte{0xFF});
    });
  // Near keys that do not ascend: each in its range, but not where a walk along them looks.
  refused_with("near_keys", [](std::span<std::byte> bytes) {
    std::ranges::swap_ranges(bytes.first(4), bytes.subspan(4, 4));
  });
}

TEST_F(OperatorFile, IsRefusedIfItsCountsAreOutOfRange) {
  const KernelData data = tree_points(9000, 4);
  save(GaussianOperator(data.keys, data.keys, {.bandwidth = data.bandwidth, .near = 4}), path_);
  const std::string whole = contents();
  for (const char* const key : {"keys", "queries", "dim", "key_cells", "query_cells", "near",
                                "pilot_groups", "pilot_rows", "surprises", "table_steps"}) {
    write(whole);
    std::vector<std::byte> forged = [&] {
      const io::Container file = io::Container::open(path_);
      io::Metadata metadata = file.metadata();
      for (auto& [name, text] : metadata)
        if (name == key) text = "9223372036854775807";
      std::vector<io::Tensor> tensors = file.tensors();
      std::erase_if(tensors, [](const io::Tensor& t) { return t.name.starts_with("_pad"); });
      return io::container_bytes(file.kind(), metadata, tensors);
    }();
    io::write_file(path_, forged);
    expect_refusal(ErrorCode::kFormat, "operator_file_test",
                   [&] { load_gaussian_operator(path_); });
  }
}

}  // namespace
}  // namespace prodigest::kernel
