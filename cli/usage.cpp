#include "usage.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/nearest_name.hpp"

namespace prodigest::cli {
namespace {

class HelpLayout final : public CLI::Formatter {
 public:
  HelpLayout() { column_width(34); }
  std::string make_description(const CLI::App* app) const override { return CLI::Formatter::make_description(app) + "\n"; }
  std::string make_subcommand(const CLI::App* sub) const override {
    const std::string text = sub->get_description();
    return fmt::format("  {:<{}}{}\n", sub->get_name(), get_column_width() - 2, text.substr(0, text.find('\n')));
  }
  std::string make_footer(const CLI::App* app) const override {
    if (app->get_subcommands({}).empty()) return "";
    const CLI::App* const parent = app->get_parent();
    return (parent ? parent->get_name() + " " : "") + app->get_name() +
           " SUBCOMMAND --help tells more, with an example\n";
  }
};

std::vector<std::string> subcommand_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* const sub : app.get_subcommands({})) names.push_back(sub->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* const option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

// "kernel apply" as it is typed, without the name of the program.
std::string name_of(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  if (parent == nullptr) return "";
  const std::string before = name_of(*parent);
  return before + (before.empty() ? "" : " ") + command.get_name();
}

// Of a word that has no place on the command line. It says more than what is missing then: a
// misspelt name causes both.
std::string about_extra(const std::string& name, const CLI::App& command) {
  const std::vector<std::string> extra = command.remaining();
  const auto is_option = [](const std::string& word) { return word.size() > 1 && word[0] == '-'; };
  if (const std::vector<std::string> names = subcommand_names(command); !names.empty()) {
    if (extra.empty()) return fmt::format("expected a subcommand: {}", fmt::join(names, ", "));
    if (!is_option(extra[0])) return no_such_name("subcommand", extra[0], name, names);
  }
  if (const auto word = std::ranges::find_if(extra, is_option); word != extra.end()) {
    const std::string option = word->substr(0, word->find('='));
    const std::vector<std::string> names = option_names(command);
    const std::string_view nearest = nearest_name(option, names);
    return fmt::format("{}: no option \"{}\"{}", name, option,
                       nearest.empty() ? "" : fmt::format("; nearest is \"{}\"", nearest));
  }
  return extra.empty() ? "" : fmt::format("{}: unexpected argument \"{}\"", name, extra[0]);
}

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_layout() { return std::make_shared<HelpLayout>(); }

std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = &app;
  for (auto parsed = app.get_subcommands(); !parsed.empty(); parsed = command->get_subcommands())
    command = parsed[0];
  const std::string words = name_of(*command), name = words.empty() ? app.get_name() : words;

  std::string message;
  if (dynamic_cast<const CLI::RequiredError*>(&error) ||
      dynamic_cast<const CLI::ExtrasError*>(&error))
    message = about_extra(name, *command);
  if (message.empty()) message = fmt::format("{}: {}", name, error.what());
  return fmt::format("{}\n{}{} --help tells more", message, app.get_name(),
                     words.empty() ? "" : " " + words);
}

}  // namespace prodigest::cli
