#pragma once
// What a person is told who asks for help or mistypes a command.

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

namespace prodigest::cli {

/// Lays out --help: one line for each subcommand.
std::shared_ptr<CLI::FormatterBase> help_layout();

/// What is wrong with the command line, which name was probably meant, and where help is.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error);

}  // namespace prodigest::cli
