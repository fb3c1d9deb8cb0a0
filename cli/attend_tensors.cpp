#include "attend_tensors.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/draws.hpp"
#include "prodigest/base/error.hpp"

namespace prodigest::cli {
namespace {

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(ErrorCode::kInvalidArgument,
              "attend: " + fmt::format(format, std::forward<Args>(args)...));
}

AttendTensor loaded(const std::string& path) {
  AttendTensor tensor{.path = path, .array = io::load_npy_floats(path)};
  const std::vector<Index>& shape = tensor.array.shape;
  if (shape.size() < 2 || shape.size() > 4)
    refuse("{}: expected an array of N x D, H x N x D or B x H x N x D, got shape ({})", path,
           fmt::join(shape, ", "));
  const auto from_end = [&](std::size_t i) {
    return shape.size() < i ? 1 : shape[shape.size() - i];
  };
  tensor.width = from_end(1);
  tensor.tokens = from_end(2);
  tensor.heads = from_end(3);
  tensor.batch = from_end(4);
  if (tensor.width == 0 || tensor.heads == 0)
    refuse("{}: expected at least one head and one column, got shape ({})", path,
           fmt::join(shape, ", "));
  return tensor;
}

// An array of N x D becomes one of heads side by side.
void split(AttendTensor& tensor, Index heads) {
  if (tensor.array.shape.size() != 2)
    refuse("{}: --heads is of arrays of N x D, got {} dimensions (leave it out)", tensor.path,
           tensor.array.shape.size());
  if (tensor.width % heads != 0)
    refuse("{}: {} heads side by side must be of one width, got {} columns", tensor.path, heads,
           tensor.width);
  tensor.heads = heads;
  tensor.width /= heads;
}

void split_all(AttendTensors& all, Index heads) {
  split(all.q, heads);
  const Index width = all.q.width;
  if (all.k.width % width != 0)
    refuse("{}: expected heads of {} columns, as {} has, got {} columns", all.k.path, width,
           all.q.path, all.k.width);
  const Index key_heads = all.k.width / width;
  split(all.k, key_heads);
  split(all.v, key_heads);
}

void expect_same(const char* what, const AttendTensor& tensor, Index got, const AttendTensor& other,
                 Index expected) {
  if (got != expected)
    refuse("{}: {} must be as in {}, {}, got {}", tensor.path, what, other.path, expected, got);
}

void check_finite(AttendTensor& tensor) {
  for (Index b = 0; b < tensor.batch; ++b)
    for (Index h = 0; h < tensor.heads; ++h) {
      const MatrixView<float> rows = tensor.view().head(b, h);
      for (Index i = 0; i < rows.rows; ++i)
        for (Index j = 0; j < rows.cols; ++j)
          if (!std::isfinite(rows(i, j)))
            refuse(
                "{}: numbers must be finite as float32, got {} at batch {}, head {}, token {}, "
                "column {} (drop the token or put a number)",
                tensor.path, rows(i, j), b, h, i, j);
    }
}

}  // namespace

attention::HeadsView<float> AttendTensor::view() {
  float* const data = array.values.data();
  return array.shape.size() == 2
             ? attention::HeadsView<float>::bnhd(data, 1, tokens, heads, width)
             : attention::HeadsView<float>::bhnd(data, batch, heads, tokens, width);
}

AttendTensor AttendTensors::out() const {
  AttendTensor made{.path = {},
                    .array = {q.array.shape, {}},
                    .batch = q.batch,
                    .heads = q.heads,
                    .tokens = q.tokens,
                    .width = v.width};
  made.array.shape.back() = q.array.shape.size() == 2 ? q.heads * v.width : v.width;
  made.array.values.resize(static_cast<std::size_t>(q.batch * q.heads * q.tokens * v.width));
  return made;
}

AttendTensors load_tensors(const std::string& q, const std::string& k, const std::string& v,
                           Index heads) {
  AttendTensors all{loaded(q), loaded(k), loaded(v), {}};
  for (const AttendTensor* const other : {&all.k, &all.v})
    if (other->array.shape.size() != all.q.array.shape.size())
      refuse("{}: expected as many dimensions as {} has, {}, got {}", other->path, q,
             all.q.array.shape.size(), other->array.shape.size());
  if (heads > 0) split_all(all, heads);
  expect_same("batch", all.k, all.k.batch, all.q, all.q.batch);
  expect_same("batch", all.v, all.v.batch, all.q, all.q.batch);
  expect_same("width", all.k, all.k.width, all.q, all.q.width);
  expect_same("heads", all.v, all.v.heads, all.k, all.k.heads);
  expect_same("tokens", all.v, all.v.tokens, all.k, all.k.tokens);
  if (all.q.heads % all.k.heads != 0)
    refuse("{}: heads must divide those of {}, {}, got {}", k, q, all.q.heads, all.k.heads);
  for (AttendTensor* const tensor : {&all.q, &all.k, &all.v}) check_finite(*tensor);
  all.shape = {.heads = all.q.heads,
               .key_heads = all.k.heads,
               .head_dim = all.q.width,
               .value_dim = all.v.width};
  return all;
}

AttendTensors random_tensors(Index heads, Index tokens, Index width) {
  std::uint64_t stream = 0;
  const auto made = [&] {
    AttendTensor tensor{.path = {},
                        .array = {{heads, tokens, width}, {}},
                        .batch = 1,
                        .heads = heads,
                        .tokens = tokens,
                        .width = width};
    std::vector<double> numbers(static_cast<std::size_t>(heads * tokens * width));
    random_normals(Seed{stream++}, 0, numbers);
    tensor.array.values.assign(numbers.begin(), numbers.end());
    return tensor;
  };
  AttendTensors all{made(), made(), made(), {}};
  all.shape = {.heads = heads, .key_heads = heads, .head_dim = width, .value_dim = width};
  return all;
}

}  // namespace prodigest::cli
