// prodigest attend: attention of queries, keys and values in files; several kinds compared.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>

#include "attend_compare.hpp"
#include "attend_report.hpp"
#include "attend_tensors.hpp"
#include "commands.hpp"
#include "digest_output.hpp"
#include "input.hpp"
#include "options.hpp"
#include "prodigest/base/error.hpp"
#include "remote_gain.hpp"
#include "spec_list.hpp"
#include "state_report.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

using attention::Attention;
using attention::AttentionSpec;
using attention::AttentionState;
using attention::parse_attention_spec;

constexpr Index kRandomTokens = 8192;

struct Attend {
  Session session;
  std::string q, k, v, method, output, state_input, state_output, gain;
  std::string methods = "softmax,performer,polynomial:degree=4,polysketch:degree=4,size=32";
  std::vector<Index> lengths{}, sequence_starts{};
  Index heads = 0, head_dim = 64;
  bool causal = false, compare = false, backward = false;

  bool has_files() const { return !q.empty(); }
  bool has_state() const { return !state_input.empty() || !state_output.empty(); }
  Context context() const;
  void check_options() const;
  void check_outputs() const;
  std::optional<AttentionState> state_before(const Attention<float>& attention,
                                             const AttendTensors& tensors) const;
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
  if ((q == "-") + (k == "-") + (v == "-") + (state_input == "-") > 1)
    refuse("stdin, -, is one file only (write the others to files)");
  for (const Index length : lengths)
    if (length < 1) refuse(fmt::format("--lengths must be at least 1, got {}", length));
  if (compare) {
    if (!output.empty() || !method.empty() || has_state() || !gain.empty() ||
        !sequence_starts.empty())
      refuse(
          "--compare takes --methods, and writes no file (leave --method, -o, --state-in, "
          "--state-out, --gain and --sequence-starts out)");
    return;
  }
  if (!has_files()) refuse("--q, --k and --v are required (or --compare)");
  if (method.empty()) refuse("--method is required, e.g. --method softmax");
  if (output.empty()) refuse("-o is required, where the result goes (.npy)");
  if (!lengths.empty()) refuse("--lengths is of --compare");
  if (backward) refuse("--backward is of --compare (gradients are of the library)");
  if (has_state() && !causal)
    refuse("--state-in and --state-out need --causal: a state is what later tokens see");
  check_outputs();
}

void Attend::check_outputs() const {
  check_stdout(output, session);
  if (state_output == "-") refuse("--state-out must be a file, got - (the result may go there)");
  for (const std::string& input : {q, k, v})
    for (const std::string& target : {output, state_output})
      check_not_overwritten(input, target, "array");
  check_not_overwritten(state_input, output, "state");
  const auto place = [](const std::string& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path));
  };
  if (!state_output.empty() && place(output) == place(state_output))
    refuse(
        fmt::format("-o and --state-out must be two files, got {} and {}", output, state_output));
}

// The state to go on from; nothing where none is asked for.
std::optional<AttentionState> Attend::state_before(const Attention<float>& attention,
                                                   const AttendTensors& tensors) const {
  if (!state_input.empty()) return attention::load_attention_state(state_input);
  if (!state_output.empty())
    return attention.empty_state(
        sequence_starts.empty() ? tensors.q.batch : static_cast<Index>(sequence_starts.size()) - 1);
  return {};
}

void Attend::apply() const {
  const AttentionSpec spec = parse_attention_spec(method);
  AttendTensors tensors = load_tensors(q, k, v, heads);
  if (causal && tensors.q.tokens != tensors.k.tokens)
    refuse(
        fmt::format("{}: with --causal there must be as many tokens as in {}, {}, got {} "
                    "(keys seen before are in a state, --state-in)",
                    k, q, tensors.q.tokens, tensors.k.tokens));
  AttendTensor out = tensors.out();
  Attention<float> attention(spec, tensors.shape);
  if (!gain.empty()) attention.set_remote_gain(parse_remote_gain(gain, spec, tensors.shape));
  std::optional<AttentionState> state = state_before(attention, tensors);
  const auto begin = std::chrono::steady_clock::now();
  try {
    attention.apply(
        tensors.q.view(), tensors.k.view(), tensors.v.view(), out.view(),
        {.causal = causal, .sequence_starts = sequence_starts, .state = state ? &*state : nullptr},
        nullptr, context());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kIncompatible) throw;
    throw Error(error.code(), fmt::format("{}: {}", state_input, error.what()));
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  io::save_npy(output, out.array);

  Json fields = {{"output", output}, {"spec", to_text(spec)}, {"causal", causal}};
  fields.update(tensors_json(tensors));
  if (!gain.empty()) fields["gain"] = attention.remote_gain();
  if (!sequence_starts.empty()) fields["sequence_starts"] = sequence_starts;
  fields["seconds"] = seconds;
  std::string text =
      fmt::format("{}: {}, {}, in {} ms ({} us a token and head)", shown_path(output),
                  to_text(spec), tensors_text(tensors), number_text(1e3 * seconds),
                  number_text(token_time(seconds, tensors.q.tokens, tensors)));
  // The state comes last: where it cannot be written, the call can be made again.
  if (!state_output.empty()) {
    const WrittenState written = write_state(state_output, *state);
    fields["state"] = written.fields;
    text += "\n" + written.text;
  }
  output == "-" ? session.say(text) : session.print("attend", fields, text + "\n");
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
      causal, backward, context());
  Json fields = {{"causal", causal}, {"random", !has_files()}};
  fields.update(tensors_json(tensors));
  fields["cases"] = cases_json(cases, tensors, backward);
  std::string text =
      cases_text(cases, tensors, backward) +
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
                         "--state-out keeps what later tokens see of these, as large for many "
                         "tokens as for few: --state-in goes on\n"
                         "from it with polysketch and performer, so that a text may come in "
                         "pieces or token by token. States of\n"
                         "pieces made apart are joined by prodigest merge.\n"
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
  command
      ->add_option("--sequence-starts", attend->sequence_starts,
                   "Sequences packed one after the other: the first token of each, and the number "
                   "of tokens at the end")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("N,...");
  command
      ->add_option("--gain", attend->gain,
                   "Of polysketch: factor of weights outside the local block, one or one a head; "
                   "auto: 3 size / head_dim² (at most 1), by which a random key weighs the same "
                   "outside")
      ->type_name("auto|G,...");
  command
      ->add_option("--state-in", attend->state_input,
                   "Go on from this state, which the tokens before left (.pdg; needs --causal)")
      ->type_name("FILE");
  command
      ->add_option("--state-out", attend->state_output,
                   "Write the state after these tokens; may be that of --state-in (.pdg)")
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
  command->add_flag("--backward", attend->backward,
                    "Of --compare: time the gradients of q, k and v as well (performer has none)");
  add_whole_number(*command, "--head-dim", attend->head_dim,
                   "Of --compare without files: width of random heads", Index{1}, Index{4096});
  attend->session.add_options(*command);
  command->callback([=] {
    attend->check_options();
    attend->compare ? attend->measure() : attend->apply();
  });
}

}  // namespace prodigest::cli
