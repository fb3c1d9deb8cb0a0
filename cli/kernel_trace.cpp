// prodigest kernel trace: the trace of a power of the kernel matrix.

#include <fmt/format.h>

#include "kernel/seconds.hpp"
#include "kernel_commands.hpp"
#include "kernel_report.hpp"
#include "options.hpp"
#include "prodigest/kernel/eigenvalues.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

constexpr char kWhere[] = "kernel trace";

struct Trace {
  Session session;
  KernelOptions options;
  int power = 2;
  Index products = 60;

  void run() const;
};

void Trace::run() const {
  Context context = session.context("kernel");
  context.progress = nullptr;
  const KernelMatrix matrix(kWhere, options, context);
  const kernel::Seconds clock;
  const kernel::TraceEstimate found =
      kernel::trace(matrix.map(context), power, products, matrix.spec().seed, context);
  const double seconds = clock.passed();

  Json fields = matrix_json(matrix);
  fields["power"] = power;
  fields["products"] = products;
  fields["value"] = found.value;
  fields["standard_error"] = found.standard_error;
  fields["seconds"] = seconds;
  session.print(
      kWhere, fields,
      fmt::format("K of {} keys of {} coordinates\ntr(K^{}) = {}, standard error {}\n{} "
                  "columns multiplied, {} s\n",
                  count_text(matrix.cols()), matrix.dim(), power, number_text(found.value),
                  number_text(found.standard_error), products, number_text(seconds)));
}

}  // namespace

void add_kernel_trace(CLI::App& kernel) {
  auto* const command = kernel.add_subcommand(
      "trace",
      "Traces of K and of its square\n\nExample: prodigest kernel trace --keys k.npy --bandwidth "
      "2\n\n"
      "By Hutch++: exactly on a subspace, by random probes on the rest. The standard error is of "
      "the probes; the error of products comes on top. That of K itself is the number of keys, "
      "that of its square the sum of all squared entries.");
  const auto trace = std::make_shared<Trace>();
  trace->options.add_options(*command, false);
  add_whole_number(*command, "--power", trace->power, "1 or 2: of K or of its square", 1, 2);
  add_whole_number(*command, "--products", trace->products, "Columns to multiply in all", Index{6});
  trace->session.add_options(*command);
  command->callback([=] { trace->run(); });
}

}  // namespace prodigest::cli
