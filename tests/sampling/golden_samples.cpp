#include "sampling/golden_samples.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "prodigest/sampling/sampler.hpp"
#include "reference/matrices.hpp"

namespace prodigest::sampling {
namespace {

RowSample dense_priority() {
  Matrix<double> a(6, 2);
  a.storage = {0.1, -2, 3, 1e-3, 0, 0, 5, 7, -1e10, 1, 0.3, 0.7};
  RowSampler sampler(parse_sample_spec("priority:size=3,seed=42,totals=full"), 2);
  sampler.update(a.view(), 0);
  return std::move(sampler).finish();
}

RowSample sparse_threshold() {
  CsrMatrix<float> a;
  a.cols = 300;
  for (Index i = 0; i < 8; ++i) {
    a.columns.insert(a.columns.end(),
                     {static_cast<std::int32_t>(3 * i), static_cast<std::int32_t>(290 + i)});
    a.values.insert(a.values.end(), {0.5f * static_cast<float>(i + 1), -0.1f});
    a.row_start.push_back(std::ssize(a.values));
  }
  Schema schema{.columns = {}, .key = {"country", "year"}, .key_encoding = KeyEncoding::kText};
  RowSampler sampler(parse_sample_spec("threshold:size=4,seed=18446744073709551615,weight=norm"),
                     300, schema);
  sampler.update(a.view(), numbers(8, 1u << 20));
  return std::move(sampler).finish();
}

RowSample complete_user_weights() {
  Matrix<double> a(3, 2);
  a.storage = {1, 0, 255, 17, 0, 0};
  const std::vector<RowId> ids = {~RowId{0}, 7, 1};
  RowSampler sampler(parse_sample_spec("threshold:size=10,tau=plain,weight=user"), 2,
                     {.columns = {"größe", "n"}, .key = {"id"}});
  sampler.update(a.view(), ids, std::vector<double>{0.25, 1, 2});
  return std::move(sampler).finish();
}

// A full row, one of three entries, one of one and one of none, by their codes: how codes are found
// may change, what they mean may not.
RowSample coded_rows() {
  SampleParts parts;
  parts.spec = parse_sample_spec("priority:size=5,seed=42,weight=uniform,values=lattice:F4");
  parts.cols = 70;
  parts.row_ids = {3, 4, 5, 6};
  parts.weights = {1, 1, 1, 1};
  parts.totals.rows = 4;
  CodedRows& coded = parts.coded.emplace();
  coded.single = true;
  coded.squared_norms = {4970, 5.25, 0.5625, 0};
  coded.noises = {0x1.124p-8f, 0x1.22cp-8f, 0, 0};
  coded.sizes = {70, 3, 1, 0};
  coded.columns = {7, 30, 69, 11};
  coded.codes = {196, 157, 171, 252, 209, 169, 42,  239, 55,  13,  17,  49,  65,
                 226, 81,  184, 230, 243, 194, 210, 160, 87,  224, 136, 163, 249,
                 84,  67,  4,   249, 217, 23,  0,   250, 207, 55,  206, 1,   32,
                 0,   135, 173, 141, 27,  0,   1,   72,  68,  68,  100, 1,   0};
  return RowSample(std::move(parts));
}

}  // namespace

std::vector<GoldenSample> golden_samples() {
  return {{"dense_priority", dense_priority()},
          {"sparse_threshold", sparse_threshold()},
          {"user_weights", complete_user_weights()},
          {"coded_rows", coded_rows()}};
}

std::filesystem::path golden_path(const std::string& name) {
  return std::filesystem::path(PRODIGEST_SOURCE_DIR) / "tests/sampling/data" / (name + ".pdg");
}

std::vector<std::byte> golden_bytes(const std::string& name) {
  std::ifstream file(golden_path(name), std::ios::binary);
  if (!file) throw std::runtime_error(golden_path(name).string() + " is missing");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace prodigest::sampling
