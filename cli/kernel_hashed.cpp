// prodigest kernel hashed: K x as the paper has it.

#include <fmt/format.h>

#include <optional>

#include "input.hpp"
#include "kernel/seconds.hpp"
#include "kernel_commands.hpp"
#include "kernel_matrix.hpp"
#include "options.hpp"
#include "prodigest/kernel/hashed_product.hpp"
#include "session.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

constexpr char kWhere[] = "kernel hashed";

struct Hashed {
  Session session;
  kernel::HashedSpec spec;
  std::string keys, queries, x, output;

  void run() const;
};

void Hashed::run() const {
  for (const std::string& input : {keys, queries, x}) check_not_overwritten(input, output, "input");
  Context context = session.context("kernel");
  context.progress = nullptr;
  const PointSets key_points = load_points(kWhere, keys);
  std::optional<PointSets> query_points;
  if (!queries.empty()) query_points = load_points(kWhere, queries);
  const auto k = key_points.at(0, 0), q = query_points ? query_points->at(0, 0) : k;
  const Matrix<double> column = load_columns(kWhere, x, k.rows);
  Matrix<double> y(q.rows, 1);
  const kernel::Seconds clock;
  const kernel::HashedReport report =
      kernel::hashed_product(q, k, spec, column.view(), y.view(), context);
  const double seconds = clock.passed();
  save_columns(output, y);

  session.print(
      kWhere,
      {{"output", output},
       {"queries", q.rows},
       {"keys", k.rows},
       {"dim", k.cols},
       {"tables", report.tables},
       {"repetitions", report.repetitions},
       {"large_keys", report.large_keys},
       {"density_structures", report.density_structures},
       {"candidates", report.candidates},
       {"heavy_keys", report.heavy_keys},
       {"density_pairs", report.density_pairs},
       {"samples", report.samples},
       {"exact_rows", report.exact_rows},
       {"hash_seconds", report.hash_seconds},
       {"sum_seconds", report.sum_seconds},
       {"seconds", seconds}},
      fmt::format("{}: K x of {} queries and {} keys of {} coordinates\n"
                  "{} tables; a query met {} keys in them, {} of them heavy, and drew {}\n"
                  "{} of the queries took every key, as they would have drawn more\n"
                  "hashed in {} s, summed in {} s\n",
                  output, count_text(q.rows), count_text(k.rows), k.cols, count_text(report.tables),
                  number_text(report.candidates), number_text(report.heavy_keys),
                  number_text(report.samples), percent_text(report.exact_rows),
                  number_text(report.hash_seconds), number_text(report.sum_seconds)));
}

void add_number(CLI::App& command, const char* name, double& to, const char* what) {
  command.add_option(name, to, what)->capture_default_str()->type_name("X");
}

}  // namespace

void add_kernel_hashed(CLI::App& kernel) {
  auto* const command = kernel.add_subcommand(
      "hashed",
      "The product by the paper's algorithm, for study\n\nExample: prodigest kernel hashed --keys "
      "k.npy --x x.npy --bandwidth 2 -o y.npy\n\n"
      "Heavy pairs by hashing, light ones by sampling at rates from density estimates. Its "
      "constants make it slower than every pair at any size that fits a machine: to multiply, take "
      "kernel apply.");
  const auto hashed = std::make_shared<Hashed>();
  kernel::HashedSpec& spec = hashed->spec;
  command->add_option("--keys", hashed->keys, "Points, one a row (.npy)")
      ->type_name("FILE")
      ->required();
  command->add_option("--queries", hashed->queries, "Other points (default: the keys)")
      ->type_name("FILE");
  command->add_option("--x", hashed->x, "A number for each key (.npy)")
      ->type_name("FILE")
      ->required();
  command->add_option("--bandwidth", spec.bandwidth, "Of the kernel")->type_name("X")->required();
  add_number(*command, "--epsilon", spec.epsilon, "Largest error, of |x|");
  add_number(*command, "--heavy", spec.heavy, "alpha: kernels of at least n^-alpha are heavy");
  add_number(*command, "--large", spec.large,
             "gamma: entries with x^2 >= n^gamma mean(x^2) are summed exactly");
  add_whole_number(*command, "--tables", spec.tables,
                   "Hash tables (default: as many as the guarantee takes)");
  add_whole_number(*command, "--projections", spec.projections, "Of a hash", Index{1});
  add_number(*command, "--width", spec.width, "Of a projection's interval, in bandwidths");
  add_whole_number(*command, "--density-keys", spec.density_keys,
                   "Of a bucket of x^2 that its density is estimated from", Index{1});
  add_number(*command, "--samples", spec.samples, "Factor of a row's samples");
  add_whole_number(*command, "--repetitions", spec.repetitions,
                   "Averages that the median is taken of (default: 10 ln n)");
  add_whole_number(*command, "--seed", spec.seed.value, "Another seed, other samples");
  command->add_option("-o,--output", hashed->output, "The product (.npy)")
      ->type_name("FILE")
      ->required();
  hashed->session.add_options(*command);
  command->callback([=] { hashed->run(); });
}

}  // namespace prodigest::cli
