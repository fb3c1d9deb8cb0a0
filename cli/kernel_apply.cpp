// prodigest kernel apply: K x.

#include <fmt/format.h>

#include "input.hpp"
#include "kernel/seconds.hpp"
#include "kernel_commands.hpp"
#include "kernel_report.hpp"
#include "prodigest/base/error.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

constexpr char kWhere[] = "kernel apply";

struct Apply {
  Session session;
  KernelOptions options;
  std::string x, output;

  void run() const;
};

void Apply::run() const {
  for (const std::string& input : {options.keys, options.queries, options.plan, x})
    check_not_overwritten(input, output, "input");
  Context context = session.context("kernel");
  context.progress = nullptr;
  const KernelMatrix matrix(kWhere, options, context);
  const Matrix<double> columns = load_columns(kWhere, x, matrix.cols());
  Matrix<double> y(matrix.rows(), columns.cols);
  const kernel::Seconds clock;
  const kernel::ProductReport report = matrix.apply(columns.view(), y.view(), 0, context);
  const double seconds = clock.passed();
  save_columns(output, y);

  Json fields = {{"output", output}, {"columns", columns.cols}};
  fields.update(matrix_json(matrix));
  fields.update(product_json(report));
  fields["seconds"] = seconds;
  const double prepared = matrix.plan() ? matrix.plan()->seconds : 0;
  session.print(
      kWhere, fields,
      fmt::format("{}: K x of {}, {} {}\n{}prepared in {} s, multiplied in {} s\n", output,
                  matrix_text(matrix), count_text(columns.cols),
                  columns.cols == 1 ? "column" : "columns", product_text(matrix.spec(), report),
                  number_text(prepared), number_text(seconds)));
}

}  // namespace

void add_kernel_apply(CLI::App& kernel) {
  auto* const command = kernel.add_subcommand(
      "apply",
      "Products K x to a stated error\n\nExample: prodigest kernel apply --keys k.npy --x x.npy "
      "--bandwidth 2 --epsilon 0.05 -o y.npy\n\n"
      "The error |y - K x| is at most epsilon |x|, checked on rows that are computed exactly; "
      "where sampling would not pay every pair is evaluated.");
  const auto apply = std::make_shared<Apply>();
  apply->options.add_options(*command, true);
  command->add_option("--x", apply->x, "A number for each key, or several columns (.npy)")
      ->type_name("FILE")
      ->required();
  command->add_option("-o,--output", apply->output, "The product (.npy)")
      ->type_name("FILE")
      ->required();
  apply->session.add_options(*command);
  command->callback([=] { apply->run(); });
}

}  // namespace prodigest::cli
