#pragma once
/// How a call is run.

#include <functional>
#include <stop_token>

#include "prodigest/base/types.hpp"

namespace prodigest {

/// How to run, never what to compute: the result of every function that takes a Context has the
/// same bits for every number of threads. Digests have the same bits for every instruction set too,
/// but for Gaussian and sign sketches of dense rows: these, and products of dense rows, may differ in
/// their last bits, as OpenBLAS has kernels for each.
struct Context {
  int threads = 0;                              ///< 0 = all cores
  std::stop_token cancel{};                     ///< polled between blocks; then Error{kCancelled}
  std::function<void(Index rows_done)> progress{};  ///< called from one thread at a time, may be empty
};

}  // namespace prodigest
