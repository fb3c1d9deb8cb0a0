#pragma once
// Making the next block on another thread while the caller works on this one.

#include <functional>
#include <future>
#include <utility>

namespace prodigest::io {

/// Two blocks filled in turns. At most one call of `fill` is under way at any time; an error in it
/// comes out of next(), again and again.
template <class Block>
class Prefetcher {
 public:
  /// @param fill makes a block; false at the end
  explicit Prefetcher(std::function<bool(Block&)> fill) : fill_(std::move(fill)) {}
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  /// The next block, which lives until the next call; nullptr at the end.
  const Block* next() {
    if (!coming_.valid()) start();
    if (!coming_.get()) return nullptr;
    std::swap(current_, following_);
    start();
    return &current_;
  }

  /// Waits for the fill under way and forgets it; next() starts anew.
  void reset() { coming_ = {}; }  // letting go of a future of std::async waits

 private:
  void start() {
    // Where no thread can be had, the work is done by the caller in next().
    coming_ = std::async(std::launch::async | std::launch::deferred,
                         [this] { return fill_(following_); });
  }

  std::function<bool(Block&)> fill_;
  Block current_;
  Block following_;
  std::shared_future<bool> coming_;  // last, so that it waits before the blocks go
};

}  // namespace prodigest::io
