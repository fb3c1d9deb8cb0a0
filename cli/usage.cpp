#include "usage.hpp"

#include <fmt/format.h>

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

// What stands too much on the command line says more than what is missing: a misspelt name causes both.
std::string about_extra(const CLI::App& app, const CLI::App& command, const std::string& where) {
  const std::vector<std::string> extra = command.remaining();
  for (const std::string& word : extra)
    if (word.size() > 1 && word[0] == '-')
      return no_such_name("option", std::string_view(word).substr(0, word.find('=')), where, option_names(command));
  if (extra.empty()) return {};
  if (&command == &app) return no_such_name("subcommand", extra[0], where, subcommand_names(app));
  return fmt::format("{}: unexpected argument \"{}\"", where, extra[0]);
}

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_layout() { return std::make_shared<HelpLayout>(); }

std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  const auto parsed = app.get_subcommands();
  const CLI::App& command = parsed.empty() ? app : *parsed[0];
  const std::string where = parsed.empty() ? app.get_name() : app.get_name() + " " + command.get_name();

  std::string message;
  if (dynamic_cast<const CLI::RequiredError*>(&error) || dynamic_cast<const CLI::ExtrasError*>(&error))
    message = about_extra(app, command, where);
  if (message.empty()) message = fmt::format("{}: {}", parsed.empty() ? "usage" : command.get_name(), error.what());
  return fmt::format("{}\n{} --help tells more", message, where);
}

}  // namespace prodigest::cli
