// prodigest kernel eigs: the largest eigenvalues.

#include <fmt/format.h>

#include "input.hpp"
#include "kernel/seconds.hpp"
#include "kernel_commands.hpp"
#include "kernel_report.hpp"
#include "options.hpp"
#include "prodigest/kernel/eigenvalues.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

constexpr char kWhere[] = "kernel eigs";

struct Eigs {
  Session session;
  KernelOptions options;
  kernel::EigenOptions search;
  std::string output;

  void run() const;
};

void Eigs::run() const {
  check_not_overwritten(options.keys, output, "points");
  check_not_overwritten(options.plan, output, "plan");
  Context context = session.context("kernel");
  context.progress = nullptr;
  const KernelMatrix matrix(kWhere, options, context);
  kernel::EigenOptions how = search;
  how.seed = matrix.spec().seed;
  const kernel::Seconds clock;
  const kernel::Eigenpairs found = kernel::largest_eigenvalues(matrix.map(context), how, context);
  const double seconds = clock.passed();
  if (!output.empty()) io::save_npy(output, found.vectors.view());

  Json fields = matrix_json(matrix);
  fields["values"] = found.values;
  fields["residuals"] = found.residuals;
  fields["iterations"] = found.iterations;
  fields["seconds"] = seconds;
  if (!output.empty()) fields["output"] = output;
  std::vector<std::vector<std::string>> table = {{"", "eigenvalue", "residual"}};
  for (std::size_t i = 0; i < found.values.size(); ++i)
    table.push_back(
        {std::to_string(i + 1), number_text(found.values[i]), number_text(found.residuals[i])});
  session.print(kWhere, fields,
                fmt::format("K of {} keys of {} coordinates\n{}{} iterations, {} s\n",
                            count_text(matrix.cols()), matrix.dim(), table_text(table),
                            found.iterations, number_text(seconds)));
}

}  // namespace

void add_kernel_eigs(CLI::App& kernel) {
  auto* const command = kernel.add_subcommand(
      "eigs",
      "Largest eigenvalues and their vectors\n\nExample: prodigest kernel eigs --keys k.npy "
      "--bandwidth 2 --count 5 -o vectors.npy\n\n"
      "Of the kernel matrix of the keys, by block powers. Values err by about epsilon.");
  const auto eigs = std::make_shared<Eigs>();
  eigs->options.add_options(*command, false);
  add_whole_number(*command, "--count", eigs->search.count, "How many", Index{1});
  add_whole_number(*command, "--iterations", eigs->search.iterations, "At most", Index{1});
  command
      ->add_option("--tolerance", eigs->search.tolerance,
                   "Ends where no value changes by more, relatively")
      ->capture_default_str()
      ->type_name("X");
  command->add_option("-o,--output", eigs->output, "The vectors, keys x count (.npy)")
      ->type_name("FILE");
  eigs->session.add_options(*command);
  command->callback([=] { eigs->run(); });
}

}  // namespace prodigest::cli
