#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <cmath>
#include <cstring>
#include <iterator>
#include <list>
#include <string>
#include <vector>

#include "expect_error.hpp"
#include "kernel/kernel_data.hpp"
#include "kernel/naive_kernel.hpp"
#include "prodigest/io/container.hpp"
#include "prodigest/kernel/gaussian_operator.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kPoints = Index{1} << 13;  // so many that products are sampled

class OperatorFile : public testing::Test {
 protected:
  void SetUp() override {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::temp_directory_path() /
            ("prodigest_operator_" + std::string(test->name()) + ".pdg");
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::string bytes() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }

  std::filesystem::path path_;
};

Matrix<double> product(const GaussianOperator& made, const Matrix<double>& x, bool exact) {
  Matrix<double> y(made.rows(), x.cols);
  if (exact)
    made.apply_exactly(x, y.view());
  else
    made.apply(x, y.view(), 7);
  return y;
}

void expect_same(const GaussianOperator& made, const GaussianOperator& loaded, Index cols) {
  EXPECT_EQ(loaded.spec(), made.spec());
  EXPECT_EQ(loaded.rows(), made.rows());
  EXPECT_EQ(loaded.cols(), made.cols());
  EXPECT_EQ(loaded.dim(), made.dim());
  EXPECT_EQ(loaded.plan().key_cells, made.plan().key_cells);
  EXPECT_EQ(loaded.plan().query_cells, made.plan().query_cells);
  EXPECT_EQ(loaded.plan().near_pairs, made.plan().near_pairs);
  EXPECT_EQ(loaded.plan().near_recall, made.plan().near_recall);
  EXPECT_EQ(loaded.plan().bytes, made.plan().bytes);
  const Matrix<double> x = normal_matrix(made.cols(), cols, 5);
  for (const bool exact : {false, true})
    EXPECT_EQ(product(loaded, x, exact), product(made, x, exact)) << exact;
}

TEST_F(OperatorFile, GivesTheSameProductsWhereQueriesAreKeys) {
  const KernelData data = tree_points(kPoints, 20);
  const GaussianOperator made(data.keys, data.keys, {.epsilon = 0.1, .seed = {3}});
  save(made, path_);
  const GaussianOperator loaded = load_gaussian_operator(path_);
  expect_same(made, loaded, 1);
  const Matrix<double> x = normal_matrix(kPoints, 1, 5);
  EXPECT_NE(product(loaded, x, false), product(loaded, x, true));  // it was sampled
}

TEST_F(OperatorFile, GivesTheSameProductsWhereTheyAreNot) {
  const KernelData data = attention_points(kPoints + 100, kPoints, 20);
  const GaussianOperator made(data.queries, data.keys,
                              {.bandwidth = data.bandwidth,
                               .epsilon = 0.1,
                               .target = ErrorTarget::kRowRelative});
  save(made, path_);
  expect_same(made, load_gaussian_operator(path_), 3);
}

TEST_F(OperatorFile, HoldsFewPointsToo) {
  const Matrix<float> keys = normal_points(5, 3, 1), queries = normal_points(2, 3, 2);
  const GaussianOperator made(queries, keys, {.bandwidth = 0.5});
  save(made, path_);
  expect_same(made, load_gaussian_operator(path_), 2);
  const GaussianOperator none({queries.storage.data(), 0, 3}, keys, {});
  save(none, path_);
  EXPECT_EQ(load_gaussian_operator(path_).rows(), 0);
}

TEST_F(OperatorFile, IsRefusedWhenCutShortOrDamaged) {
  const Matrix<float> points = normal_points(50, 3, 1);
  save(GaussianOperator(points, points, {}), path_);
  const std::string whole = bytes();
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, whole.size() / 2, whole.size() - 1}) {
    write(whole.substr(0, size));
    expect_refusal(ErrorCode::kFormat, path_.string(), [&] { load_gaussian_operator(path_); });
  }
  std::string damaged = whole;
  damaged[whole.size() - 100] ^= 1;
  write(damaged);
  expect_refusal(ErrorCode::kFormat, path_.string(), [&] { load_gaussian_operator(path_); });
  std::filesystem::remove(path_);
  expect_refusal(ErrorCode::kIo, path_.string(), [&] { load_gaussian_operator(path_); });
}

TEST_F(OperatorFile, OfAnotherKindIsRefused) {
  io::write_file(path_, io::container_bytes("row_sample", {}, {}));
  expect_refusal(ErrorCode::kFormat, "expected a digest of kind gaussian_operator, got row_sample",
                 [&] { load_gaussian_operator(path_); });
}

// A file whose checksums are right and whose contents are not.
class Forgery {
 public:
  explicit Forgery(const std::filesystem::path& path)
      : file_(io::Container::open(path)),
        metadata_(file_.metadata()),
        tensors_(file_.tensors()) {}

  void set(const std::string& key, const std::string& value) {
    for (auto& [name, text] : metadata_)
      if (name == key) text = value;
  }
  template <class T>
  void set(const std::string& name, std::size_t at, T value) {
    for (io::Tensor& tensor : tensors_) {
      if (tensor.name != name) continue;
      auto& bytes = changed_.emplace_back(tensor.bytes.begin(), tensor.bytes.end());
      std::memcpy(bytes.data() + at * sizeof(T), &value, sizeof(T));
      tensor.bytes = bytes;
    }
  }
  void write(const std::filesystem::path& path) const {
    io::write_file(path, io::container_bytes(kGaussianOperatorKind, metadata_, tensors_));
  }

 private:
  io::Container file_;
  io::Metadata metadata_;
  std::vector<io::Tensor> tensors_;
  std::list<std::vector<std::byte>> changed_{};
};

TEST_F(OperatorFile, WithContentsOutOfRangeIsRefused) {
  const KernelData data = tree_points(kPoints, 8);
  save(GaussianOperator(data.keys, data.keys, {.near = 4, .trees = 1}), path_);
  const auto forged_path = path_.string() + ".forged";
  const auto refuse = [&](const std::string& words, const auto& forge) {
    Forgery forgery(path_);
    forge(forgery);
    forgery.write(forged_path);
    expect_refusal(ErrorCode::kFormat, words, [&] { load_gaussian_operator(forged_path); });
  };
  const Index n = kPoints;
  refuse("points are not in order", [&](Forgery& f) { f.set("key_order", 3, n); });
  refuse("points are not in order", [&](Forgery& f) { f.set("query_order", 3, Index{-1}); });
  refuse("cells are not a partition", [&](Forgery& f) { f.set("query_cells.members", 0, n); });
  refuse("cells are not a partition", [&](Forgery& f) { f.set("key_cells.starts", 1, Index{0}); });
  refuse("near keys", [&](Forgery& f) { f.set("near.counts", 0, std::int32_t{5}); });
  refuse("near keys are not in order",
         [&](Forgery& f) { f.set("near.keys", 0, static_cast<std::int32_t>(n)); });
  refuse("the pilot is out of range", [&](Forgery& f) { f.set("pilot.groups", 0, n); });
  refuse("the pilot is out of range", [&](Forgery& f) { f.set("pilot.rates", 9, 0.0F); });
  refuse("the table of rates", [&](Forgery& f) { f.set("pilot.steps", 0, -1.0F); });
  refuse("surprises are out of range", [&](Forgery& f) { f.set("surprises.keys", 0, n); });
  refuse("a number is not finite", [&](Forgery& f) { f.set("keys", 0, std::nanf("")); });
  refuse("epsilon", [&](Forgery& f) { f.set("spec", "gaussian:epsilon=2"); });
  refuse("pilot", [&](Forgery& f) { f.set("pilot_rows", "9223372036854775807"); });
  refuse("there are more cells than points",
         [&](Forgery& f) { f.set("key_cells", "9223372036854775807"); });
  refuse("key_order", [&](Forgery& f) { f.set("keys", "9"); });
  refuse("near", [&](Forgery& f) { f.set("near", "1"); });
  std::filesystem::remove(forged_path);
}

}  // namespace
}  // namespace prodigest::kernel
