// prodigest attend: attention of queries, keys and values in files; several kinds compared.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "attend_compare.hpp"
#include "attend_report.hpp"
#include "attend_tensors.hpp"
#include "commands.hpp"
#include "input.hpp"
#include "options.hpp"
#include "prodigest/base/error.hpp"
#include "spec_list.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

using attention::AttentionSpec;
using attention::parse_attention_spec;

constexpr Index kRandomTokens = 8192;

struct Attend {
  Session session;
  std::string q, k, v, method, output;
  std::string methods = "softmax,performer,polynomial:degree=4,polysketch:degree=4,size=32";
  std::vector<Index> lengths{};
  Index heads = 0, head_dim = 64;
  bool causal = false, compare = false;

  bool has_files() const { return !q.empty(); }
  Context context() const;
  void check_options() const;
  void apply() const;
  void measure() const;
};

// What a context counts is no rows here.
Context Attend::context() const {
  Context context = session.context("attend");
  context.progress = nullptr;
  return context;
}

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::kInvalidArgument, "attend: " + message);
}

void Attend::check_options() const {
  if (q.empty() != k.empty() || q.empty() != v.empty()) refuse("--q, --k and --v go together");
  for (const Index length : lengths)
    if (length < 1) refuse(fmt::format("--lengths must be at least 1, got {}", length));
  if (compare) {
    if (!output.empty() || !method.empty())
      refuse("--compare takes --methods, and writes no file (leave --method and -o out)");
    return;
  }
  if (!has_files()) refuse("--q, --k and --v are required (or --compare)");
  if (method.empty()) refuse("--method is required, e.g. --method softmax");
  if (output.empty()) refuse("-o is required, where the result goes (.npy)");
  if (!lengths.empty()) refuse("--lengths is of --compare");
  for (const std::string& input : {q, k, v}) check_not_overwritten(input, output);
}

void Attend::apply() const {
  const AttentionSpec spec = parse_attention_spec(method);
  AttendTensors tensors = load_tensors(q, k, v, heads);
  AttendTensor out = tensors.out();
  const attention::Attention<float> attention(spec, tensors.shape);
  const auto begin = std::chrono::steady_clock::now();
  attention.apply(tensors.q.view(), tensors.k.view(), tensors.v.view(), out.view(),
                  {.causal = causal}, nullptr, context());
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  io::save_npy(output, out.array);

  Json fields = {{"output", output}, {"spec", to_text(spec)}, {"causal", causal}};
  fields.update(tensors_json(tensors));
  fields["seconds"] = seconds;
  session.print("attend", fields,
                fmt::format("{}: {}, {}, in {} ms ({} us a token and head)\n", output,
                            to_text(spec), tensors_text(tensors), number_text(1e3 * seconds),
                            number_text(token_time(seconds, tensors.q.tokens, tensors))));
}

void Attend::measure() const {
  std::vector<AttentionSpec> specs;
  for (const std::string& spec : split_specs(methods)) specs.push_back(parse_attention_spec(spec));
  const Index most = lengths.empty() ? kRandomTokens : std::ranges::max(lengths);
  AttendTensors tensors = has_files() ? load_tensors(q, k, v, heads)
                                      : random_tensors(std::max<Index>(1, heads), most, head_dim);
  const std::vector<AttendCase> cases = compare_attention(
      tensors, specs,
      lengths.empty() ? usual_lengths(std::min(tensors.q.tokens, tensors.k.tokens)) : lengths,
      causal, context());
  Json fields = {{"causal", causal}, {"random", !has_files()}};
  fields.update(tensors_json(tensors));
  fields["cases"] = cases_json(cases, tensors);
  std::string text =
      cases_text(cases, tensors) +
      "difference: to polynomial of the same degree for polysketch, to softmax for performer\n";
  if (!has_files())
    text +=
        "random queries and keys: the hardest there are for features and sketches (give --q, --k "
        "and --v)\n";
  session.print("attend", fields, text);
}

}  // namespace

void add_attend(CLI::App& app) {
  auto* const command =
      app.add_subcommand("attend",
                         "Attention, exact or in linear time\n\nExample: prodigest attend --q "
                         "q.npy --k k.npy --v v.npy --method "
                         "polysketch:degree=4,size=32 --causal -o o.npy\n\n"
                         "Arrays are N x D (one head), H x N x D or B x H x N x D; k and v may "
                         "have fewer heads than q.\n"
                         "Methods:\n"
                         "  softmax      exp(<q, k> / sqrt(h))\n"
                         "  polynomial   <q, k>^degree: degree=2|4|8\n"
                         "  polysketch   the same by sketches of size=r, linear in N: a model of "
                         "its own; local_block=b is exact within "
                         "blocks\n"
                         "  performer    softmax by size=m random features, linear in N\n"
                         "With norm=layer|rms|none, scale=, seed= and, but for softmax, epsilon=.\n"
                         "With --compare nothing is written: several methods are timed at several "
                         "lengths, each held against what it "
                         "stands in for.");
  const auto attend = std::make_shared<Attend>();
  command->add_option("--q", attend->q, "Queries (.npy, float32 or what becomes it)")
      ->type_name("FILE");
  command->add_option("--k", attend->k, "Keys")->type_name("FILE");
  command->add_option("--v", attend->v, "Values")->type_name("FILE");
  command->add_option("--method", attend->method, "What weights are")->type_name("SPEC");
  command->add_flag("--causal", attend->causal, "A token sees itself and earlier ones only");
  add_whole_number(*command, "--heads", attend->heads,
                   "Arrays of N x D hold so many heads of q side by side", Index{1});
  command->add_option("-o,--output", attend->output, "The result, in the layout of q (.npy)")
      ->type_name("FILE");
  command->add_flag("--compare", attend->compare,
                    "Time several methods, and their difference to the exact ones");
  command
      ->add_option("--methods", attend->methods,
                   "Of --compare (default: softmax, performer, and of degree 4 polynomial and "
                   "polysketch)")
      ->type_name("SPEC,...");
  command
      ->add_option("--lengths", attend->lengths,
                   "Of --compare: the first so many tokens (default: 512, 1024, ... to 8192)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("N,...");
  add_whole_number(*command, "--head-dim", attend->head_dim,
                   "Of --compare without files: width of random heads", Index{1}, Index{4096});
  attend->session.add_options(*command);
  command->callback([=] {
    attend->check_options();
    attend->compare ? attend->measure() : attend->apply();
  });
}

}  // namespace prodigest::cli
