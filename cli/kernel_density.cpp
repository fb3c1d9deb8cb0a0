// prodigest kernel density: kernel density estimates.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "input.hpp"
#include "kernel/seconds.hpp"
#include "kernel_commands.hpp"
#include "kernel_report.hpp"
#include "prodigest/base/error.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

constexpr char kWhere[] = "kernel density";

struct Density {
  Session session;
  KernelOptions options;
  std::string weights, output;
  bool log = false;

  Matrix<double> shares(Index keys) const;
  void run() const;
};

// Of each key, 1 in all.
Matrix<double> Density::shares(Index keys) const {
  Matrix<double> shares(keys, 1);
  std::ranges::fill(shares.storage, 1.0);
  if (!weights.empty()) shares = load_columns(kWhere, weights, keys);
  const double sum = std::accumulate(shares.storage.begin(), shares.storage.end(), 0.0);
  const bool proper = std::ranges::all_of(shares.storage, [](double w) { return w >= 0; });
  if (shares.cols != 1 || !proper || !(sum > 0) || !std::isfinite(sum))
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{}: {}: expected one column of weights that are not negative and not "
                            "all 0",
                            kWhere, weights));
  for (double& w : shares.storage) w /= sum;
  return shares;
}

double norm_of(const Matrix<double>& x) {
  return std::sqrt(std::inner_product(x.storage.begin(), x.storage.end(), x.storage.begin(), 0.0));
}

void Density::run() const {
  for (const std::string& input : {options.keys, options.queries, options.plan, weights})
    check_not_overwritten(input, output, "input");
  Context context = session.context("kernel");
  context.progress = nullptr;
  const KernelMatrix matrix(kWhere, options, context);
  const Matrix<double> x = shares(matrix.cols());
  Matrix<double> y(matrix.rows(), 1);
  const kernel::Seconds clock;
  const kernel::ProductReport report = matrix.apply(x.view(), y.view(), 0, context);
  const double seconds = clock.passed();
  const double size = norm_of(y), relative = size > 0 ? report.error * norm_of(x) / size : 0;

  // The integral of a kernel is (2 pi)^(d/2) bandwidth^d: beyond what a double holds for large d.
  const double log_integral =
      static_cast<double>(matrix.dim()) *
      (std::log(2 * std::numbers::pi) / 2 + std::log(matrix.spec().bandwidth));
  constexpr double kMost = -std::numeric_limits<double>::min_exponent * std::numbers::ln2;
  if (!log && std::abs(log_integral) > kMost)
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{}: densities of {} coordinates are beyond what a double holds, "
                            "exp({}) (take --log)",
                            kWhere, matrix.dim(), number_text(-log_integral)));
  Index zeros = 0;
  for (double& density : y.storage) {
    density = std::max(0.0, density);
    zeros += density == 0 ? 1 : 0;
    density = log ? std::log(density) - log_integral : density * std::exp(-log_integral);
  }
  save_columns(output, y);

  Json fields = {{"output", output}, {"log", log}};
  fields.update(matrix_json(matrix));
  fields.update(product_json(report));
  fields["relative_error"] = relative;
  fields["zeros"] = zeros;
  fields["seconds"] = seconds;
  std::string text = fmt::format("{}: {}densities at {}\n{}", output, log ? "logarithms of " : "",
                                 matrix_text(matrix), product_text(matrix.spec(), report));
  if (!report.exact)
    text += fmt::format("errors are {} of the densities, in mean square\n", percent_text(relative));
  if (zeros > 0)
    text += fmt::format("{} densities are 0: no key is near (a larger bandwidth?)\n",
                        count_text(zeros));
  session.print(kWhere, fields, text);
}

}  // namespace

void add_kernel_density(CLI::App& kernel) {
  auto* const command = kernel.add_subcommand(
      "density",
      "Kernel density estimates\n\nExample: prodigest kernel density --keys data.npy --queries "
      "grid.npy --bandwidth 0.5 --log -o density.npy\n\n"
      "The mean over keys of the normal density with the bandwidth as standard deviation. Epsilon "
      "is of one over the root of the number of keys before the density is normalized.");
  const auto density = std::make_shared<Density>();
  density->options.add_options(*command, true);
  command->add_option("--weights", density->weights, "Of the keys (.npy; default: all equal)")
      ->type_name("FILE");
  command->add_flag("--log", density->log, "Write natural logarithms");
  command->add_option("-o,--output", density->output, "A density for each query (.npy)")
      ->type_name("FILE")
      ->required();
  density->session.add_options(*command);
  command->callback([=] { density->run(); });
}

}  // namespace prodigest::cli
