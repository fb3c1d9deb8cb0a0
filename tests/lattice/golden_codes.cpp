#include "lattice/golden_codes.hpp"

#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>

#include "lattice/codes.hpp"

namespace prodigest::lattice {
namespace {

// Columns of numbers that are the same on every machine, of zeros and of a constant.
LatticeCodes coded(Index rows, const std::string& options, std::span<const RowId> ids = {},
                   const Schema& schema = {}) {
  Normals normals(2025);
  Matrix<double> a(rows, 4);
  for (Index i = 0; i < rows; ++i) {
    a(i, 0) = normals.uniform() - normals.uniform();
    a(i, 3) = normals.uniform() * normals.uniform();
    a(i, 1) = 0;
    a(i, 2) = -0.3;
    a(i, 3) += 100;
  }
  return encode_rows(a.view(), spec_of(options), ids, schema, {.threads = 1});
}

}  // namespace

std::vector<GoldenCodes> golden_codes() {
  return {
      {"F4", coded(600, "format=F4,seed=42")},
      {"F4pair", coded(70, "format=F4pair,seed=18446744073709551615", numbers(70, ~RowId{0} - 69),
                       {.columns = {"größe", "n", "", "x"}, .key = {"id"}})},
      {"F4fast", coded(30, "format=F4fast,centre=no,gain=plain")},
      {"F3", coded(41, "format=F3,gain=mmse")},
      {"F2", coded(64, "format=F2,size=20,seed=3")},
      {"I8", coded(9, "format=I8,rotation=none")},
      {"int3", coded(25, "format=int3")},
      {"group4", coded(50, "format=group4")},
      {"lloyd3", coded(17, "format=lloyd3")}};
}

std::filesystem::path golden_path(const std::string& name) {
  return std::filesystem::path(PRODIGEST_SOURCE_DIR) / "tests/lattice/data" / (name + ".pdg");
}

std::vector<std::byte> golden_bytes(const std::string& name) {
  std::ifstream file(golden_path(name), std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + golden_path(name).string());
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace prodigest::lattice
