#pragma once

#include <chrono>

namespace prodigest::kernel {

/// Time since it was made.
class Seconds {
 public:
  double passed() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace prodigest::kernel
