// Sampled Gaussian products against the exact one: the plan and a product, their error by exact
// rows, how time grows with n, and what others do at the same data. Usage: bench_gaussian_operator
// [--quick] [--json FILE] [--parts tree,cluster,attention,uniform,others,repeats] [--most LOG2_N]

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/gemm.hpp"
#include "harness.hpp"
#include "kernel/kernel_data.hpp"
#include "prodigest/kernel/exact_product.hpp"
#include "prodigest/kernel/gaussian_operator.hpp"

namespace {

using namespace prodigest;
using namespace prodigest::kernel;

const Context kOneThread{.threads = 1};
constexpr Index kMostMeasured = Index{1} << 16;  // pairs of more points are counted, not made
constexpr Index kRows = 1024;                    // that errors are taken from
constexpr Index kOneEpsilon = Index{1} << 19;    // from here on only 0.05, for time's sake

double seconds_of(const auto& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Matrix<double> normal_vector(Index n) {
  Matrix<double> x(n, 1);
  random_normals(Seed{99}, 0, x.storage);
  return x;
}

// Some rows of the product, exactly, and of D⁻¹ where errors are relative to rows.
class Truth {
 public:
  Truth(const KernelData& data, const Matrix<double>& x, bool relative, Index rows = kRows)
      : x_(x), sums_(std::min(rows, data.of_queries().rows), 2) {
    const auto queries = data.of_queries();
    Matrix<float> some(sums_.rows, queries.cols);
    std::mt19937_64 random(1);
    for (Index i = 0; i < some.rows; ++i) {
      rows_.push_back(static_cast<Index>(random() % static_cast<std::uint64_t>(queries.rows)));
      std::ranges::copy(queries.row(rows_.back()), some.view().row_data(i));
    }
    Matrix<double> both(x.rows, 2);
    for (Index j = 0; j < x.rows; ++j) {
      both(j, 0) = x(j, 0);
      both(j, 1) = 1;
    }
    exact_product(some, data.keys, data.bandwidth, both, sums_.view());
    if (!relative)
      for (Index i = 0; i < sums_.rows; ++i) sums_(i, 1) = 1;
  }
  /// ||y - Kx|| / ||x||, or of D⁻¹.
  double error(const Matrix<double>& y) const {
    double squares = 0, norm = 0;
    for (Index i = 0; i < sums_.rows; ++i) {
      const double apart = (y(rows_[static_cast<std::size_t>(i)], 0) - sums_(i, 0)) / sums_(i, 1);
      squares += apart * apart;
    }
    for (const double v : x_.storage) norm += v * v;
    return std::sqrt(squares / static_cast<double>(sums_.rows) * static_cast<double>(y.rows) /
                     norm);
  }

 private:
  const Matrix<double>& x_;
  std::vector<Index> rows_;
  Matrix<double> sums_;
};

struct Size {
  Index n;
  double exact, plan;
  std::vector<double> apply;  // of each epsilon
};
constexpr double kEpsilons[] = {0.1, 0.05, 0.01};

Size measure(std::string_view kind, Index n, double pairs_a_second, double& measured_rate) {
  const KernelData data = kernel_data(kind, n);
  const bool relative = kind == "attention";
  const Matrix<double> x = normal_vector(n);
  Matrix<double> y(data.of_queries().rows, 1);
  const Truth truth(data, x, relative);
  Size size{n, 0, 0, {}};
  if (n <= kMostMeasured) {
    size.exact = seconds_of([&] {
      exact_product(data.of_queries(), data.keys, data.bandwidth, x, y.view(), kOneThread);
    });
    measured_rate = static_cast<double>(n) * static_cast<double>(n) / size.exact;
  } else {
    size.exact = static_cast<double>(n) * static_cast<double>(n) / pairs_a_second;
  }
  GaussianSpec spec{.bandwidth = data.bandwidth,
                    .target = relative ? ErrorTarget::kRowRelative : ErrorTarget::kVector};
  PlanReport plan;
  for (const double epsilon : kEpsilons) {
    if (n >= kOneEpsilon && epsilon != 0.05) continue;
    spec.epsilon = epsilon;
    const GaussianOperator made(data.of_queries(), data.keys, spec, kOneThread);
    plan = made.plan();
    size.plan = plan.seconds;
    std::vector<double> times;
    double worst = 0, stated = 0, pairs = 0;
    std::string how;
    const int calls = n <= kMostMeasured ? 3 : 1;
    for (int call = 0; call < calls; ++call) {
      ProductReport report;
      times.push_back(seconds_of(
          [&] { report = made.apply(x, y.view(), static_cast<std::uint64_t>(call), kOneThread); }));
      const double error = truth.error(y) / epsilon;
      if (error >= worst) {
        worst = error;
        stated = report.error / epsilon;
      }
      pairs = report.pairs;
      how += report.exact ? " exact" : fmt::format(" {}", report.attempts);
    }
    std::ranges::sort(times);
    const double apply = times[times.size() / 2];
    size.apply.push_back(apply);
    fmt::print(
        "  2^{:<2.0f} {:5.2f}  {:9.3f} s {:8.3f} s {:8.3f} s  {:7.2f} x {:7.2f} x  {:6.2f} "
        "{:6.2f}  {:8.4f} {}\n",
        std::log2(static_cast<double>(n)), epsilon, size.exact, plan.seconds, apply,
        size.exact / apply, size.exact / (apply + plan.seconds), worst, stated, pairs, how);
    std::fflush(stdout);
  }
  fmt::print("       near keys in {:.3f} s of the plan, recall {:.4f}; {:.0f} MB\n",
             plan.near_seconds, plan.near_recall, static_cast<double>(plan.bytes) / 1e6);
  return size;
}

// Slope of log time against log n.
double exponent(const std::vector<Size>& sizes, const auto& seconds) {
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (const Size& size : sizes) {
    const double a = std::log(static_cast<double>(size.n)), b = std::log(seconds(size));
    sx += a, sy += b, sxx += a * a, sxy += a * b;
  }
  const auto m = static_cast<double>(sizes.size());
  return (m * sxy - sx * sy) / (m * sxx - sx * sx);
}

void compare_sizes(bench::Report& report, std::string_view kind, int least, int most) {
  fmt::print(
      "\n{}: n, epsilon, exact product, plan, a product, exact / product, exact / both, "
      "error / epsilon, stated error / epsilon, pairs of n², attempts\n",
      kind);
  std::vector<Size> sizes;
  double rate = 0;
  for (int log = least; log <= most; ++log)
    if (const Size size = measure(kind, Index{1} << log, rate, rate);
        size.apply.size() == std::size(kEpsilons))
      sizes.push_back(size);
  if (sizes.size() < 2) return;
  for (std::size_t e = 0; e < std::size(kEpsilons); ++e)
    report.fact(fmt::format("{}: exponent of a product, epsilon {}", kind, kEpsilons[e]),
                exponent(sizes, [&](const Size& s) { return s.apply[e]; }), "");
  report.fact(fmt::format("{}: exponent of the plan", kind),
              exponent(sizes, [](const Size& s) { return s.plan; }), "");
}

// How often a product is further off than it should be, and how true what it says of itself is.
void calibrate(std::string_view kind, Index n, double epsilon, std::uint64_t calls) {
  const KernelData data = kernel_data(kind, n);
  const bool relative = kind == "attention";
  const Matrix<double> x = normal_vector(n);
  const Truth truth(data, x, relative, Index{1} << 14);
  const GaussianOperator made(
      data.of_queries(), data.keys,
      {.bandwidth = data.bandwidth,
       .epsilon = epsilon,
       .target = relative ? ErrorTarget::kRowRelative : ErrorTarget::kVector});
  std::vector<double> errors, ratios;
  Index sampled = 0;
  for (std::uint64_t call = 0; call < calls; ++call) {
    Matrix<double> y(data.of_queries().rows, 1);
    const ProductReport report = made.apply(x, y.view(), call);
    errors.push_back(truth.error(y) / epsilon);
    if (report.exact) continue;
    ++sampled;
    ratios.push_back(report.error / epsilon / errors.back());
  }
  std::ranges::sort(errors);
  std::ranges::sort(ratios);
  fmt::print(
      "  {:<10} 2^{:<2.0f} {:5.2f}  {:3} of {} sampled  error / epsilon: median {:.2f}, "
      "largest {:.2f}, above 1: {}  stated / true: median {:.2f}\n",
      kind, std::log2(static_cast<double>(n)), epsilon, sampled, calls, errors[errors.size() / 2],
      errors.back(), std::ranges::count_if(errors, [](double e) { return e > 1; }),
      ratios.empty() ? 1 : ratios[ratios.size() / 2]);
  std::fflush(stdout);
}

void repeat_products(bool quick) {
  fmt::print("\nrepeated products, errors from 2^14 rows\n");
  for (const double epsilon : kEpsilons)
    for (const char* const kind : {"tree", "cluster", "attention"})
      calibrate(kind, Index{1} << (quick ? 14 : 15), epsilon, 20);
  if (!quick) calibrate("attention", Index{1} << 17, 0.05, 20);
}

// y = Z Zᵀ x, Z random Fourier features of the points. Rahimi and Recht, NIPS 2007.
Matrix<double> by_fourier_features(const KernelData& data, const Matrix<double>& x,
                                   Index features) {
  const MatrixView<const float> points = data.keys;
  Matrix<float> directions(points.cols, features);
  std::mt19937_64 random(3);
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<float> phase(0, 6.2831853F);
  for (float& w : directions.storage) w = normal(random) / static_cast<float>(data.bandwidth);
  std::vector<float> phases(static_cast<std::size_t>(features));
  for (float& b : phases) b = phase(random);
  Matrix<float> z(points.rows, features);
  multiply(points, directions, z.view(), kOneThread);
  for (Index i = 0; i < z.rows; ++i)
    for (Index f = 0; f < features; ++f)
      z(i, f) = std::cos(z(i, f) + phases[static_cast<std::size_t>(f)]);
  Matrix<double> sums(features, 1), y(points.rows, 1);
  for (Index i = 0; i < z.rows; ++i)
    for (Index f = 0; f < features; ++f) sums(f, 0) += double{z(i, f)} * x(i, 0);
  for (Index i = 0; i < z.rows; ++i)
    for (Index f = 0; f < features; ++f)
      y(i, 0) += 2 / static_cast<double>(features) * double{z(i, f)} * sums(f, 0);
  return y;
}

// Every m-th key, counted m times.
Matrix<double> by_uniform_sample(const KernelData& data, const Matrix<double>& x, Index step) {
  const Index count = data.keys.rows / step;
  Matrix<float> keys(count, data.keys.cols);
  Matrix<double> some(count, 1), y(data.keys.rows, 1);
  for (Index i = 0; i < count; ++i) {
    std::ranges::copy(data.keys.view().row(i * step), keys.view().row_data(i));
    some(i, 0) = x(i * step, 0) * static_cast<double>(step);
  }
  exact_product(data.keys, keys, data.bandwidth, some, y.view(), kOneThread);
  return y;
}

void compare_others(Index n) {
  const KernelData data = kernel_data("tree", n);
  const Matrix<double> x = normal_vector(n);
  const Truth truth(data, x, false);
  fmt::print("\ntree, {} points: error ||y - Kx|| / ||x|| and time of others\n", n);
  const auto print = [&](const std::string& name, const auto& work) {
    Matrix<double> y;
    const double seconds = seconds_of([&] { y = work(); });
    fmt::print("  {:<44} {:8.3f} s  {:8.4f}\n", name, seconds, truth.error(y));
  };
  for (const double epsilon : kEpsilons)
    print(fmt::format("GaussianOperator, epsilon {}, plan and product", epsilon), [&] {
      Matrix<double> y(n, 1);
      const GaussianOperator made(data.keys, data.keys,
                                  {.bandwidth = data.bandwidth, .epsilon = epsilon}, kOneThread);
      made.apply(x, y.view(), 0, kOneThread);
      return y;
    });
  for (const Index step : {32, 4, 2})
    print(fmt::format("a uniform sample of 1/{} of the keys", step),
          [&] { return by_uniform_sample(data, x, step); });
  for (const Index features : {256, 1024, 4096})
    print(fmt::format("{} random Fourier features", features),
          [&] { return by_fourier_features(data, x, features); });
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv);
  std::string parts = "tree,cluster,attention,uniform,others,repeats";
  int most = arguments.quick ? 15 : 18;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string_view(argv[i]) == "--parts") parts = argv[i + 1];
    if (std::string_view(argv[i]) == "--most") most = std::atoi(argv[i + 1]);
  }
  bench::Report report("Gaussian operator");
  for (std::size_t begin = 0; begin < parts.size();) {
    const std::size_t end = std::min(parts.find(',', begin), parts.size());
    const std::string_view part = std::string_view(parts).substr(begin, end - begin);
    begin = end + 1;
    if (part == "others") {
      compare_others(Index{1} << (arguments.quick ? 14 : 16));
    } else if (part == "repeats") {
      repeat_products(arguments.quick);
    } else {
      compare_sizes(report, part, 14, most);
    }
  }
  report.write_json(arguments.json);
}
