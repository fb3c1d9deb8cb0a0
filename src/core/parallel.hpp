#pragma once
// The parallel loop of the library: blocks of rows under a Context.

#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <vector>

#include "base/fail.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest {

inline void throw_if_cancelled(const Context& context) {
  if (context.cancel.stop_requested())
    fail(ErrorCode::kCancelled, "cancelled: the caller asked to stop, nothing was changed");
}

/// The most threads that TBB runs.
inline int most_threads() {
  return static_cast<int>(
      tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism));
}

/// How many threads a context asks for. It must not show in a result.
inline int wanted_threads(const Context& context) {
  return context.threads > 0 ? context.threads : most_threads();
}

/// Calls body(first, count) for ranges of at most `grain` that cover [0, size), on context.threads
/// threads. The ranges depend on size and grain alone, never on the threads.
/// @throws what body throws, and Error{kCancelled} between ranges
template <class Body>
void parallel_blocks(const Context& context, Index size, Index grain, const Body& body) {
  const Index blocks = (size + grain - 1) / grain;
  std::mutex progress_mutex;
  Index done = 0;
  const auto run = [&](Index block) {
    throw_if_cancelled(context);
    const Index first = block * grain;
    const Index count = std::min(grain, size - first);
    body(first, count);
    if (context.progress) {
      const std::scoped_lock lock(progress_mutex);
      done += count;
      context.progress(done);
    }
  };
  if (blocks <= 1 || context.threads == 1) {
    for (Index block = 0; block < blocks; ++block) run(block);
    return;
  }
#ifdef __SANITIZE_THREAD__
  // TBB is not built with the thread sanitizer, which cannot see how it synchronises and would have
  // to be told to ignore every race under it. Plain threads stand in for it.
  std::atomic<Index> next = 0;
  std::vector<std::future<void>> workers;
  for (int worker = 0; worker < (context.threads > 0 ? context.threads : 4); ++worker)
    workers.push_back(std::async(std::launch::async, [&] {
      for (Index block; (block = next.fetch_add(1, std::memory_order_relaxed)) < blocks;) run(block);
    }));
  for (std::future<void>& worker : workers) worker.get();
#else
  // TBB prints a warning when asked for more than it runs.
  tbb::task_arena arena(std::min(wanted_threads(context), most_threads()));
  arena.execute([&] {
    tbb::parallel_for(tbb::blocked_range<Index>(0, blocks, 1), [&](const auto& range) {
      for (Index block = range.begin(); block < range.end(); ++block) run(block);
    }, tbb::simple_partitioner());
  });
#endif
}

}  // namespace prodigest
