#include "core/parallel.hpp"

#include <gtest/gtest.h>
#include <tbb/info.h>

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <stdexcept>
#include <thread>

#include "expect_error.hpp"

namespace prodigest {
namespace {

constexpr std::array<int, 4> kThreads = {1, 2, 7, 0};
constexpr auto kCancelledMessage = "cancelled: the caller asked to stop, nothing was changed";

std::map<Index, Index> ranges_of(const Context& context, Index size, Index grain) {
  std::mutex mutex;
  std::map<Index, Index> ranges;
  parallel_blocks(context, size, grain, [&](Index first, Index count) {
    const std::scoped_lock lock(mutex);
    EXPECT_TRUE(ranges.emplace(first, count).second) << first << " came twice";
  });
  return ranges;
}

TEST(ParallelBlocks, CoverTheRangeOnceForAnyNumberOfThreads) {
  for (const Index size : {1, 9, 10, 11, 100, 101, 1000})
    for (const Index grain : {1, 10, 64, 1000, 5000}) {
      std::map<Index, Index> expected;
      for (Index first = 0; first < size; first += grain)
        expected[first] = std::min(grain, size - first);
      for (const int threads : kThreads)
        EXPECT_EQ(ranges_of(Context{.threads = threads}, size, grain), expected)
            << size << " by " << grain << " on " << threads;
    }
}

TEST(ParallelBlocks, OfNothingAreNone) {
  for (const int threads : kThreads)
    EXPECT_TRUE(ranges_of(Context{.threads = threads}, 0, 10).empty());
}

TEST(ParallelBlocks, OnOneThreadRunInOrderOnTheCallersOwn) {
  std::vector<Index> order;
  parallel_blocks(Context{.threads = 1}, 100, 10,
                  [&, caller = std::this_thread::get_id()](Index first, Index) {
                    EXPECT_EQ(std::this_thread::get_id(), caller);
                    order.push_back(first);
                  });
  EXPECT_EQ(order, (std::vector<Index>{0, 10, 20, 30, 40, 50, 60, 70, 80, 90}));
}

TEST(ParallelBlocks, NeverRunOnMoreThreadsThanAsked) {
  for (const int threads : {2, 3}) {
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    parallel_blocks(Context{.threads = threads}, 200, 1, [&](Index, Index) {
      const int now = ++running;
      for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
      }
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      --running;
    });
    EXPECT_LE(most, threads);
    EXPECT_GE(most, 1);
  }
}

// TBB by itself writes a warning, once after each change of the limit, when asked for more threads
// than it will run.
TEST(ParallelBlocks, OfMoreThreadsThanThereArePrintNothing) {
  const int cores = tbb::info::default_concurrency();
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(cores + 1));
  for (const int threads : {0, cores + 50}) {
    testing::internal::CaptureStderr();
    parallel_blocks(Context{.threads = threads}, 100, 1, [](Index, Index) {});
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  }
}

TEST(ParallelBlocks, ExceptionsReachTheCaller) {
  for (const int threads : kThreads) {
    const auto run = [&](Index failing) {
      parallel_blocks(Context{.threads = threads}, 100, 1, [&](Index first, Index) {
        if (first == failing) throw std::out_of_range("block " + std::to_string(first));
      });
    };
    for (const Index failing : {0, 57, 99}) {
      try {
        run(failing);
        ADD_FAILURE() << "no exception on " << threads << " threads";
      } catch (const std::out_of_range& error) {
        EXPECT_EQ(error.what(), "block " + std::to_string(failing));
      }
    }
    EXPECT_NO_THROW(run(100)) << "an exception must leave nothing behind";
  }
}

TEST(ParallelBlocks, AreNotBegunOnceCancelled) {
  for (const int threads : kThreads) {
    std::stop_source stop;
    stop.request_stop();
    std::atomic<int> begun = 0;
    expect_error(ErrorCode::kCancelled, kCancelledMessage, [&] {
      parallel_blocks(Context{.threads = threads, .cancel = stop.get_token()}, 100, 1,
                      [&](Index, Index) { ++begun; });
    });
    EXPECT_EQ(begun, 0);
  }
}

TEST(ParallelBlocks, StopSoonAfterACancelInBetween) {
  for (const int threads : kThreads) {
    std::stop_source stop;
    std::atomic<int> begun_after = 0;
    expect_error(ErrorCode::kCancelled, kCancelledMessage, [&] {
      parallel_blocks(Context{.threads = threads, .cancel = stop.get_token()}, 100000, 1,
                      [&](Index, Index) {
                        begun_after += stop.stop_requested();
                        stop.request_stop();
                      });
    });
    // Blocks that others had passed the check for: at most one a thread.
    EXPECT_LT(begun_after, threads == 0 ? 1000 : threads);
  }
}

TEST(ParallelBlocks, ProgressGrowsToTheSizeOneCallAtATime) {
  for (const int threads : kThreads) {
    std::atomic<bool> inside = false;
    std::vector<Index> seen;
    Context context{.threads = threads};
    context.progress = [&](Index done) {
      EXPECT_FALSE(inside.exchange(true)) << "two calls at once";
      seen.push_back(done);
      std::this_thread::sleep_for(std::chrono::microseconds(50));
      inside = false;
    };
    parallel_blocks(context, 1005, 10, [](Index, Index) {});
    ASSERT_EQ(seen.size(), 101u);
    EXPECT_EQ(seen.back(), 1005);
    for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_LT(seen[i - 1], seen[i]);
  }
}

TEST(ThrowIfCancelled, ThrowsOnRequestOnly) {
  EXPECT_NO_THROW(throw_if_cancelled(Context{}));
  std::stop_source stop;
  const Context context{.cancel = stop.get_token()};
  EXPECT_NO_THROW(throw_if_cancelled(context));
  stop.request_stop();
  expect_error(ErrorCode::kCancelled, kCancelledMessage, [&] { throw_if_cancelled(context); });
}

}  // namespace
}  // namespace prodigest
