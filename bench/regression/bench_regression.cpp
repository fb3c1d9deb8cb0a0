// Regression from digests against the exact solution of the whole.
// Usage: bench_regression [--quick] [--json FILE]

#include <fmt/format.h>
#include <malloc.h>

#include <Eigen/Cholesky>
#include <cstdint>
#include <fstream>
#include <string>

#include "harness.hpp"
#include "prodigest/regression/regress.hpp"
#include "prodigest/sampling/leverage.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "prodigest/sampling/sampler.hpp"

namespace {

using namespace prodigest;
using bench::Case;

constexpr Index kCols = 512;

// Cheap numbers that look like data: signed, of various sizes, none zero.
struct Generator {
  std::uint64_t state = 1;
  double operator()() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(static_cast<std::int64_t>(state | 1)) * 0x1p-62;
  }
};

// Features, and what they predict with noise of the same size.
void fill(Matrix<double>& a, Matrix<double>& b, Generator& next) {
  for (Index i = 0; i < a.rows; ++i) {
    b(i, 0) = 8 * next();
    for (Index j = 0; j < a.cols; ++j) {
      a(i, j) = next();
      if (j % 2 == 0) b(i, 0) += a(i, j);
    }
  }
}

// Normal equations of all rows: the Gram matrix, Aᵀb, and a Cholesky factorisation.
void exact_solution(const Matrix<double>& a, const Matrix<double>& b) {
  sampling::Gram gram(a.cols);
  gram.update(a.view());
  Eigen::VectorXd product = Eigen::VectorXd::Zero(a.cols);
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < a.cols; ++j) product[j] += a(i, j) * b(i, 0);
  const Eigen::Map<const Eigen::MatrixXd> map(gram.matrix().data, a.cols, a.cols);
  const Eigen::VectorXd x = Eigen::LLT<Eigen::MatrixXd>(map).solve(product);
  bench::keep(x[0]);
}

std::string spec_of(Index size) {
  return fmt::format("priority:size={},mixture=0.5,mean=170", size);
}

void time_all(bench::Report& report, Index n, int rounds) {
  Matrix<double> a(n, kCols), b(n, 1);
  Generator next;
  fill(a, b, next);
  std::vector<Case> cases = {
      {"exact: Gram, Cholesky", [&] { exact_solution(a, b); }, static_cast<double>(n)}};
  std::vector<std::pair<Index, std::pair<digest::Digest, digest::Digest>>> digests;
  for (const Index size : {n / 40, n / 10}) {
    const auto spec = sampling::parse_sample_spec(spec_of(size));
    digests.push_back(
        {size, {sampling::sample_rows(a.view(), spec), sampling::sample_rows(b.view(), spec)}});
    cases.push_back({fmt::format("digests of A and b, k={}", size),
                     [&, spec] {
                       bench::keep(sampling::sample_rows(a.view(), spec).tau());
                       bench::keep(sampling::sample_rows(b.view(), spec).tau());
                     },
                     static_cast<double>(n)});
  }
  for (const auto& [size, pair] : digests)
    for (const bool chosen : {false, true})
      cases.push_back({fmt::format("regress, k={}, {}", size, chosen ? "chosen ridge" : "no ridge"),
                       [&pair, chosen] {
                         regression::RegressionOptions options;
                         if (!chosen) options.ridge = 0;
                         bench::keep(
                             regression::regress(pair.first, pair.second, options).r_squared_low);
                       },
                       static_cast<double>(n)});
  report.group(fmt::format("{} x {} double, nanoseconds a row of the whole", n, kCols), cases,
               rounds);
  for (const auto& [size, pair] : digests)
    report.fact(fmt::format("k={}: matched rows", size),
                static_cast<double>(regression::regress(pair.first, pair.second).matched_rows), "");
}

// Linux forgets the peak so far when asked to; what is resident now is the new peak.
void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "VmHWM:") {
      double kilobytes = 0;
      status >> kilobytes;
      return kilobytes / 1024;
    }
  return 0;
}

// What the regression adds to the peak memory, next to its digests: the whole is never there.
void memory(bench::Report& report, Index n) {
  fmt::print("\nmemory of a regression on digests of a stream\n");
  for (const Index size : {n / 40, n / 10}) {
    sampling::RowSampler left(sampling::parse_sample_spec(spec_of(size)), kCols),
        right(sampling::parse_sample_spec(spec_of(size)), 1);
    Generator next;
    Matrix<double> a(1000, kCols), b(1000, 1);
    for (Index first = 0; first < n; first += a.rows) {
      fill(a, b, next);
      left.update(a.view(), static_cast<RowId>(first));
      right.update(b.view(), static_cast<RowId>(first));
    }
    const digest::Digest of_a = std::move(left).finish(), of_b = std::move(right).finish();
    malloc_trim(0);
    forget_peak();
    const double before = peak_megabytes();
    bench::keep(regression::regress(of_a, of_b).r_squared_low);
    report.fact(fmt::format("k={}: regress adds to the peak", size), peak_megabytes() - before,
                "MB");
    report.fact(fmt::format("k={}: k rows take", size), static_cast<double>(size) * kCols * 8e-6,
                "MB");
  }
  report.fact("the whole matrix takes", static_cast<double>(n) * kCols * 8e-6, "MB");
}

}  // namespace

int main(int argc, char** argv) {
  const auto [quick, json] = bench::Arguments(argc, argv);
  const Index n = quick ? 40'000 : 200'000;
  bench::Report report("regression");
  memory(report, n);  // first: the peak only grows
  time_all(report, n, quick ? 3 : 5);
  report.write_json(json);
}
