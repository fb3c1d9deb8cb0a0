#pragma once
// Options that take a whole number or one of a few words.

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <concepts>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace prodigest::cli {

/// "--size" of "-k,--size".
inline std::string long_name(const std::string& names) { return names.substr(names.rfind(',') + 1); }

/// An option that takes a number in decimal. (CLI11's own reads 010 as eight and 2^64 as 2^64 - 1, so
/// two different seeds could pass for one.)
template <std::integral Number>
CLI::Option* add_whole_number(CLI::App& command, const std::string& names, Number& target, const std::string& description,
                              Number least = 0, Number most = std::numeric_limits<Number>::max()) {
  const auto read = [=, &target](const std::string& text) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || last != end || number < least || number > most)
      throw CLI::ValidationError(long_name(names), fmt::format("expected a whole number from {} to {}, got \"{}\"", least, most, text));
    target = number;
  };
  auto* const option = command.add_option_function<std::string>(names, read, description)->type_name("N");
  return target == 0 ? option : option->default_str(std::to_string(target));
}

/// An option that takes one of a few words.
template <class Value>
CLI::Option* add_choice(CLI::App& command, const std::string& names, Value& target, const std::string& description,
                        const std::vector<std::pair<std::string, Value>>& choices) {
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(choice.first);
  const auto read = [=, &target](const std::string& text) {
    for (const auto& [word, value] : choices)
      if (word == text) {
        target = value;
        return;
      }
    throw CLI::ValidationError(long_name(names), fmt::format("expected {}, got \"{}\"", fmt::join(words, " or "), text));
  };
  return command.add_option_function<std::string>(names, read, description)->type_name(fmt::format("{}", fmt::join(words, "|")));
}

/// An option that takes names of columns, separated by commas; it leaves the words after them alone.
inline CLI::Option* add_columns(CLI::App& command, const std::string& names, std::vector<std::string>& target, const std::string& description) {
  return command.add_option(names, target, description)->delimiter(',')->allow_extra_args(false)->type_name("COLUMN");
}

}  // namespace prodigest::cli
