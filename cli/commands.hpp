#pragma once
// One function a subcommand: adds it to the application, with what it does when called.

#include <CLI/CLI.hpp>

namespace prodigest::cli {

void add_sketch(CLI::App& app);
void add_quantize(CLI::App& app);
void add_decode(CLI::App& app);
void add_merge(CLI::App& app);
void add_subtract(CLI::App& app);
void add_truncate(CLI::App& app);
void add_info(CLI::App& app);
void add_product(CLI::App& app);
void add_regress(CLI::App& app);
void add_compare(CLI::App& app);
void add_plan(CLI::App& app);
void add_attend(CLI::App& app);
void add_kernel(CLI::App& app);
void add_demo(CLI::App& app);

}  // namespace prodigest::cli
