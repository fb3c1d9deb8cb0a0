#include "linear/golden_sketches.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "prodigest/linear/sketch_rows.hpp"
#include "reference/matrices.hpp"

namespace prodigest::linear {
namespace {

// Dense rows, CSR rows of floats in many columns, and rows with ids from the ends of the range.
LinearSketch dense(const char* spec) {
  Matrix<double> a(6, 2);
  a.storage = {0.1, -2, 3, 1e-3, 0, 0, 5, 7, -1e10, 1, 0.3, 0.7};
  return sketch_rows(a.view(), parse_linear_spec(spec), {}, {}, {.threads = 1});
}

LinearSketch sparse(const char* spec) {
  CsrMatrix<float> a;
  a.cols = 300;
  for (std::int32_t i = 0; i < 4; ++i) {
    a.columns.insert(a.columns.end(), {3 * i, 290 + i});
    a.values.insert(a.values.end(), {0.5f * static_cast<float>(i + 1), -0.1f});
    a.row_start.push_back(std::ssize(a.values));
  }
  const Schema schema{
      .columns = {}, .key = {"country", "year"}, .key_encoding = KeyEncoding::kText};
  return sketch_rows(a.view(), parse_linear_spec(spec), numbers(4, ~RowId{0} - 3), schema,
                     {.threads = 1});
}

LinearSketch named(const char* spec) {
  Matrix<double> a(3, 2);
  a.storage = {1, 0, 255, 17, 4, 0};
  return sketch_rows(a.view(), parse_linear_spec(spec), std::vector<RowId>{1000, 7, 1},
                     {.columns = {"größe", "n"}, .key = {"id"}}, {.threads = 1});
}

}  // namespace

std::vector<GoldenSketch> golden_sketches() {
  return {{"gaussian", dense("gaussian:size=3,seed=42")},
          {"sign", named("sign:size=4,seed=7")},
          {"countsketch", sparse("countsketch:size=5,seed=18446744073709551615")},
          {"osnap", dense("osnap:size=7,nonzeros=3,seed=42,rows=parts,values=f32")},
          {"srht", named("srht:size=4,length=1024")}};
}

std::filesystem::path golden_path(const std::string& name) {
  return std::filesystem::path(PRODIGEST_SOURCE_DIR) / "tests/linear/data" / (name + ".pdg");
}

std::vector<std::byte> golden_bytes(const std::string& name) {
  std::ifstream file(golden_path(name), std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + golden_path(name).string());
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace prodigest::linear
