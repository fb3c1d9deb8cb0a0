// Linear sketches against the memory's own read speed. Usage: bench_linear [--quick] [--json FILE]

#include <fmt/format.h>

#include <vector>

#include "harness.hpp"
#include "matrices.hpp"
#include "prodigest/linear/sketch_rows.hpp"

namespace {

using namespace prodigest;
using namespace prodigest::linear;
using bench::Case;

Case sketch_case(const RowsView& rows, const std::string& spec, int threads = 1) {
  return {fmt::format("{}{}", spec, threads > 1 ? fmt::format(", {} threads", threads) : ""),
          [=] {
            Context context;
            context.threads = threads;
            bench::keep(sketch_rows(rows, parse_linear_spec(spec), {}, {}, context).values()(0, 0));
          },
          static_cast<double>(rows_of(rows))};
}

template <class T>
Case read_case(const std::vector<T>& values, Index rows) {
  return {"read only", [&values] { bench::read_only(std::span<const T>(values)); },
          static_cast<double>(rows)};
}

template <class T>
void dense(bench::Report& report, const char* type, Index n, int rounds) {
  const Matrix<T> a = bench::dense_matrix<T>(n, 256);
  std::vector<Case> cases = {read_case(a.storage, n)};
  for (const char* spec : {"countsketch:size=1000", "countsketch:size=10000",
                           "osnap:size=1000,nonzeros=4", "osnap:size=1000,nonzeros=8"})
    cases.push_back(sketch_case(a, spec));
  cases.push_back(sketch_case(a, "countsketch:size=1000", 2));
  report.group(fmt::format("dense {}, {} x 256", type, n), cases, rounds);
}

void csr(bench::Report& report, Index n, int rounds) {
  const CsrMatrix<double> a = bench::csr_matrix(n, 10000, 50);
  std::vector<Case> cases = {read_case(a.values, n)};
  for (const char* spec : {"countsketch:size=100", "countsketch:size=1000"})
    cases.push_back(sketch_case(a.view(), spec));
  report.group(fmt::format("CSR double, {} x 10000, 50 a row", n), cases, rounds);
}

// The dense operators see a part of the rows only: nanoseconds a row can be compared.
void transforms(bench::Report& report, Index n, int rounds) {
  const Matrix<double> a = bench::dense_matrix<double>(n, 64);
  const RowsView part = MatrixView<const double>(a).slice(0, n / 32);
  report.group(
      fmt::format("dense double, {} x 64, and its first {} rows for gaussian and sign", n, n / 32),
      {read_case(a.storage, n), sketch_case(a, fmt::format("srht:size=1000,length={}", n)),
       sketch_case(a, fmt::format("srht:size=10000,length={}", n)),
       sketch_case(part, "gaussian:size=1000"), sketch_case(part, "sign:size=1000")},
      rounds);
}

}  // namespace

int main(int argc, char** argv) {
  const auto [quick, json] = bench::Arguments(argc, argv);
  const Index n = quick ? 100'000 : 1'000'000;
  const int rounds = quick ? 3 : 9;
  bench::Report report("linear");
  dense<double>(report, "double", n, rounds);
  dense<float>(report, "float", n, rounds);
  csr(report, n, rounds);
  transforms(report, quick ? Index{1} << 17 : Index{1} << 20, rounds);
  report.write_json(json);
}
