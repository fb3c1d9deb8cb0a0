// prodigest kernel attention: softmax attention as a Gaussian product.

#include <fmt/format.h>

#include <algorithm>

#include "input.hpp"
#include "kernel/seconds.hpp"
#include "kernel_commands.hpp"
#include "kernel_report.hpp"
#include "options.hpp"
#include "prodigest/kernel/softmax_attention.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

constexpr char kWhere[] = "kernel attention";

struct Attention {
  Session session;
  kernel::GaussianSpec spec;
  double scale = 0;
  std::string q, k, v, output;

  void run() const;
};

void Attention::run() const {
  for (const std::string& input : {q, k, v}) check_not_overwritten(input, output, "input");
  const PointSets queries = load_points(kWhere, q, 4), keys = load_points(kWhere, k, 4),
                  values = load_points(kWhere, v, 4);
  check_as_many(kWhere, keys, queries);
  check_as_many(kWhere, values, queries);
  Context context = session.context("kernel");
  context.progress = nullptr;
  io::FloatArray out{queries.array.shape, {}};
  out.shape.back() = values.cols();
  const Index size = queries.rows() * values.cols();
  out.values.resize(static_cast<std::size_t>(queries.layers() * queries.heads() * size));

  Json heads = Json::array();
  Index exact = 0;
  double error = 0, pairs = 0;
  const kernel::Seconds clock;
  for (Index layer = 0; layer < queries.layers(); ++layer)
    for (Index head = 0; head < queries.heads(); ++head) {
      float* const to = out.values.data() + (layer * queries.heads() + head) * size;
      const kernel::SoftmaxReport report = kernel::softmax_attention(
          queries.at(layer, head), keys.at(layer, head), values.at(layer, head), spec,
          {to, queries.rows(), values.cols()}, scale, context);
      exact += report.product.exact ? 1 : 0;
      error = std::max(error, report.product.error);
      pairs += report.product.pairs;
      heads.push_back(product_json(report.product));
      heads.back()["least_row_log2"] = or_null(report.least_row_log2);
      heads.back()["most_row_log2"] = or_null(report.most_row_log2);
    }
  const double seconds = clock.passed();
  io::save_npy(output, out);

  const auto count = static_cast<double>(std::max<std::size_t>(1, heads.size()));
  const std::string text = fmt::format(
      "{}: attention of {} heads, {} queries and {} keys\n{} of them exact; error {} at most, "
      "after "
      "division by row sums\n{} of all pairs evaluated, {} s\n",
      output, count_text(static_cast<Index>(heads.size())), count_text(queries.rows()),
      count_text(keys.rows()), exact, number_text(error), percent_text(pairs / count),
      number_text(seconds));
  session.print(kWhere,
                {{"output", output},
                 {"queries", queries.rows()},
                 {"keys", keys.rows()},
                 {"heads", heads},
                 {"seconds", seconds}},
                text);
}

}  // namespace

void add_kernel_attention(CLI::App& kernel) {
  auto* const command = kernel.add_subcommand(
      "attention",
      "Softmax attention, not causal\n\nExample: prodigest kernel attention --q q.npy --k k.npy "
      "--v v.npy -o o.npy\n\n"
      "Arrays are N x D, heads x N x D or layers x heads x N x D. Pays from some ten thousand "
      "tokens on; prodigest attend is exact, or linear with models of its own.");
  const auto attention = std::make_shared<Attention>();
  for (const auto& [name, to, what] :
       {std::tuple{"--q", &attention->q, "Queries (.npy)"},
        std::tuple{"--k", &attention->k, "Keys"}, std::tuple{"--v", &attention->v, "Values"}})
    command->add_option(name, *to, what)->type_name("FILE")->required();
  command->add_option("--epsilon", attention->spec.epsilon, "Largest error, relative to rows")
      ->capture_default_str()
      ->type_name("X");
  command
      ->add_option("--failure", attention->spec.failure,
                   "Probability that the error is larger after all")
      ->capture_default_str()
      ->type_name("X");
  command->add_option("--scale", attention->scale, "Of <q, k> (default: 1 / sqrt(D))")
      ->type_name("X");
  add_whole_number(*command, "--seed", attention->spec.seed.value, "Another seed, other samples");
  command->add_option("-o,--output", attention->output, "The result, in the layout of q (.npy)")
      ->type_name("FILE")
      ->required();
  attention->session.add_options(*command);
  command->callback([=] { attention->run(); });
}

}  // namespace prodigest::cli
