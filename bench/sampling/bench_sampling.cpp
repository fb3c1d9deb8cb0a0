// Sampling against the memory's own read speed. Usage: bench_sampling [--quick] [--json FILE]

#include <fmt/format.h>
#include <sys/resource.h>

#include <span>
#include <thread>
#include <vector>

#include "harness.hpp"
#include "matrices.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "prodigest/sampling/select_rows.hpp"

namespace {

using namespace prodigest;
using namespace prodigest::sampling;
using bench::Case;

template <class T>
Case read_case(const std::vector<T>& values, Index rows, int threads = 1) {
  return {threads > 1 ? "read only, 2 threads" : "read only",
          [&values, threads] {
            const std::span<const T> all = values;
            if (threads == 1) return bench::read_only(all);
            std::jthread other([=] { bench::read_only(all.first(all.size() / 2)); });
            bench::read_only(all.subspan(all.size() / 2));
          },
          static_cast<double>(rows)};
}

Case sample_case(const RowsView& rows, const std::string& spec, int threads = 1) {
  return {fmt::format("{}{}", spec, threads > 1 ? fmt::format(", {} threads", threads) : ""),
          [=] {
            Context context;
            context.threads = threads;
            bench::keep(sample_rows(rows, parse_sample_spec(spec), {}, {}, context).tau());
          },
          static_cast<double>(rows_of(rows))};
}

template <class T>
void dense(bench::Report& report, const char* type, Index n, int rounds) {
  const Matrix<T> a = bench::dense_matrix<T>(n, 256);
  std::vector<Case> cases = {read_case(a.storage, n)};
  for (const char* spec : {"priority:size=1000", "priority:size=10000", "threshold:size=1000",
                           "priority:size=1000,weight=norm", "priority:size=1000,totals=full",
                           "priority:size=10000,totals=full"})
    cases.push_back(sample_case(a, spec));
  cases.push_back(read_case(a.storage, n, 2));
  cases.push_back(sample_case(a, "priority:size=1000", 2));
  report.group(fmt::format("dense {}, {} x 256", type, n), cases, rounds);
}

void csr(bench::Report& report, Index n, int rounds) {
  const CsrMatrix<double> a = bench::csr_matrix(n, 10000, 50);
  std::vector<Case> cases = {read_case(a.values, n)};
  for (const char* spec : {"priority:size=1000", "priority:size=10000", "threshold:size=1000", "priority:size=1000,totals=full"})
    cases.push_back(sample_case(a.view(), spec));
  cases.push_back(read_case(a.values, n, 2));
  cases.push_back(sample_case(a.view(), "priority:size=1000", 2));
  report.group(fmt::format("CSR double, {} x 10000, 50 a row", n), cases, rounds);
}

void uniform_weights(bench::Report& report, Index n, int rounds) {
  std::vector<Case> cases;
  static std::vector<Matrix<double>> matrices;
  for (const Index d : {4, 64, 256}) matrices.emplace_back(n, d);
  for (const auto& a : matrices) {
    cases.push_back(sample_case(a, "priority:size=1000,weight=uniform"));
    cases.back().name += fmt::format(", d={}", a.cols);
  }
  report.group(fmt::format("uniform weights, {} rows", n), cases, rounds);
  matrices.clear();
}

void selection(bench::Report& report, Index n, int rounds) {
  std::vector<double> weights(static_cast<std::size_t>(n));
  bench::Generator next;
  for (double& w : weights) w = std::abs(next());
  std::vector<Case> cases = {read_case(weights, n)};
  for (const char* spec : {"priority:size=1000", "priority:size=10000", "threshold:size=1000"})
    for (const int threads : {1, 2})
      cases.push_back({fmt::format("{}{}", spec, threads > 1 ? ", 2 threads" : ""), [&weights, spec, threads] {
                         Context context;
                         context.threads = threads;
                         bench::keep(select_rows(parse_sample_spec(spec), weights, 0, context).tau);
                       }, static_cast<double>(n)});
  report.group(fmt::format("selection from {} given weights", n), cases, rounds);
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// What one pass over a stream of blocks adds to the peak memory, next to the rows it keeps.
void memory(bench::Report& report, Index blocks) {
  fmt::print("\nmemory of one pass over {} blocks of 4096 x 256 double\n", blocks);
  for (const Index k : {1000, 10000}) {
    Matrix<double> block(4096, 256);
    const double before = peak_megabytes();
    RowSampler sampler(parse_sample_spec(fmt::format("priority:size={}", k)), 256);
    bench::Generator next;
    for (Index b = 0; b < blocks; ++b) {
      for (double& x : block.storage) x = next();
      sampler.update(block, static_cast<RowId>(b) * 4096);
    }
    report.fact(fmt::format("k={}: added to the peak", k), peak_megabytes() - before, "MB");
    report.fact(fmt::format("k={}: k rows take", k), static_cast<double>(k) * 256 * 8e-6, "MB");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto [quick, json] = bench::Arguments(argc, argv);
  const Index n = quick ? 100'000 : 1'000'000;
  const int rounds = quick ? 3 : 9;
  bench::Report report("sampling");
  memory(report, quick ? 30 : 250);  // first: the peak only grows
  dense<double>(report, "double", n, rounds);
  dense<float>(report, "float", n, rounds);
  csr(report, n, rounds);
  uniform_weights(report, n, rounds);
  selection(report, 20 * n, rounds);
  report.write_json(json);
}
