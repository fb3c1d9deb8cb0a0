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
    return app->get_parent() ? "" : app->get_name() + " SUBCOMMAND --help tells more, with an example\n";
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

// Of a word that has no place on the command line. It says more than what is missing then: a misspelt
// name causes both.
std::string about_extra(const CLI::App& app, const CLI::App& command) {
  const std::vector<std::string> extra = command.remaining();
  const auto is_option = [](const std::string& word) { return word.size() > 1 && word[0] == '-'; };
  if (&command == &app) {
    if (extra.empty()) return fmt::format("expected a subcommand: {}", fmt::join(subcommand_names(app), ", "));
    if (!is_option(extra[0])) return no_such_name("subcommand", extra[0], app.get_name(), subcommand_names(app));
  }
  if (const auto word = std::ranges::find_if(extra, is_option); word != extra.end()) {
    const std::string name = word->substr(0, word->find('='));
    const std::vector<std::string> names = option_names(command);
    const std::string_view nearest = nearest_name(name, names);
    return fmt::format("{}: no option \"{}\"{}", command.get_name(), name, nearest.empty() ? "" : fmt::format("; nearest is \"{}\"", nearest));
  }
  return extra.empty() ? "" : fmt::format("{}: unexpected argument \"{}\"", command.get_name(), extra[0]);
}

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_layout() { return std::make_shared<HelpLayout>(); }

std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  const auto parsed = app.get_subcommands();
  const CLI::App& command = parsed.empty() ? app : *parsed[0];

  std::string message;
  if (dynamic_cast<const CLI::RequiredError*>(&error) || dynamic_cast<const CLI::ExtrasError*>(&error))
    message = about_extra(app, command);
  if (message.empty()) message = fmt::format("{}: {}", command.get_name(), error.what());
  return fmt::format("{}\n{}{} --help tells more", message, app.get_name(), parsed.empty() ? "" : " " + command.get_name());
}

}  // namespace prodigest::cli
