#pragma once
// The subcommands of prodigest kernel.

#include <CLI/CLI.hpp>

namespace prodigest::cli {

void add_kernel_apply(CLI::App& kernel);
void add_kernel_density(CLI::App& kernel);
void add_kernel_solve(CLI::App& kernel);
void add_kernel_eigs(CLI::App& kernel);
void add_kernel_trace(CLI::App& kernel);
void add_kernel_attention(CLI::App& kernel);
void add_kernel_diagnose(CLI::App& kernel);
void add_kernel_hashed(CLI::App& kernel);

}  // namespace prodigest::cli
