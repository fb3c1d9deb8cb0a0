// prodigest kernel solve: kernel ridge regression.

#include <fmt/format.h>

#include "input.hpp"
#include "kernel/seconds.hpp"
#include "kernel_commands.hpp"
#include "kernel_report.hpp"
#include "options.hpp"
#include "prodigest/kernel/ridge.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

constexpr char kWhere[] = "kernel solve";

struct Solve {
  Session session;
  KernelOptions options;
  kernel::RidgeOptions ridge;
  std::string b, output;

  void run() const;
};

void Solve::run() const {
  for (const std::string& input : {options.keys, options.plan, b})
    check_not_overwritten(input, output, "input");
  Context context = session.context("kernel");
  context.progress = nullptr;
  const KernelMatrix matrix(kWhere, options, context);
  const Matrix<double> columns = load_columns(kWhere, b, matrix.cols());
  const kernel::Seconds clock;
  const kernel::RidgeSolution found = kernel::solve_ridge(
      matrix.map(context), matrix.exact_map(context), columns.view(), ridge, context);
  const double seconds = clock.passed();
  save_columns(output, found.weights);

  Json fields = {{"output", output}, {"columns", columns.cols}};
  fields.update(matrix_json(matrix));
  fields["residual"] = found.residual;
  fields["converged"] = found.converged;
  fields["exact_products"] = found.exact_products;
  fields["approximate_products"] = found.approximate_products;
  fields["seconds"] = seconds;
  session.print(
      kWhere, fields,
      fmt::format("{}: (K + {}) v = b of {} keys of {} coordinates\nresidual {} of |b|, by {} "
                  "products to epsilon and {} exact ones, {} s\n",
                  output, ridge.ridge, count_text(matrix.cols()), matrix.dim(),
                  number_text(found.residual), found.approximate_products, found.exact_products,
                  number_text(seconds)));
  if (!found.converged)
    throw TooUncertain{
        fmt::format("{}: the residual is {} of |b|, above the tolerance of {} (give "
                    "a smaller --epsilon, a larger --ridge or more --iterations)",
                    kWhere, number_text(found.residual), ridge.tolerance)};
}

}  // namespace

void add_kernel_solve(CLI::App& kernel) {
  auto* const command = kernel.add_subcommand(
      "solve",
      "Kernel ridge regression\n\nExample: prodigest kernel solve --keys k.npy --b b.npy "
      "--bandwidth 2 --ridge 0.1 -o v.npy\n\n"
      "(K + ridge) v = b, the mean of a Gaussian process: K of keys and of other queries times v "
      "predicts b there. Products to epsilon correct, exact ones check.");
  const auto solve = std::make_shared<Solve>();
  solve->options.add_options(*command, false);
  command->add_option("--b", solve->b, "A number for each key, or several columns (.npy)")
      ->type_name("FILE")
      ->required();
  command->add_option("--ridge", solve->ridge.ridge, "Added to the diagonal")
      ->capture_default_str()
      ->type_name("X");
  command->add_option("--tolerance", solve->ridge.tolerance, "Of the residual, of |b|")
      ->capture_default_str()
      ->type_name("X");
  add_whole_number(*command, "--iterations", solve->ridge.iterations,
                   "Products to epsilon between two exact ones", Index{1});
  add_whole_number(*command, "--refinements", solve->ridge.refinements, "Exact products, at most",
                   Index{1});
  command->add_option("-o,--output", solve->output, "The solution (.npy)")
      ->type_name("FILE")
      ->required();
  solve->session.add_options(*command);
  command->callback([=] { solve->run(); });
}

}  // namespace prodigest::cli
