// prodigest kernel: what Gaussian kernel matrices are good for, without holding one.

#include "commands.hpp"
#include "kernel_commands.hpp"

namespace prodigest::cli {

void add_kernel(CLI::App& app) {
  auto* const kernel = app.add_subcommand(
      "kernel",
      "Gaussian kernel matrices, by their products\n\nExample: prodigest kernel apply --keys k.npy "
      "--x x.npy --bandwidth 2 --epsilon 0.05 -o y.npy\n\n"
      "K(i, j) = exp(-|q_i - k_j|^2 / (2 bandwidth^2)) of queries and keys, points in .npy files. "
      "Products are made to an error that was asked for, or with every pair.");
  kernel->require_subcommand(1);
  add_kernel_apply(*kernel);
  add_kernel_density(*kernel);
  add_kernel_solve(*kernel);
  add_kernel_eigs(*kernel);
  add_kernel_trace(*kernel);
  add_kernel_attention(*kernel);
  add_kernel_diagnose(*kernel);
  add_kernel_hashed(*kernel);
}

}  // namespace prodigest::cli
