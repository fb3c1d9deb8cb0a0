#pragma once
// What attend did or measured, and how it says so.

#include <optional>
#include <string>
#include <vector>

#include "attend_tensors.hpp"
#include "session.hpp"

namespace prodigest::cli {

/// One method on the first tokens of a sequence.
struct AttendCase {
  Index tokens = 0;
  std::string spec{};
  double seconds = 0;
  std::optional<double> both_seconds{};  ///< forward and backward; none: not asked for, or no
                                         ///< gradients
  /// Shares of the time of softmax on the same tokens; none: it is not among the methods.
  std::optional<double> of_softmax{}, both_of_softmax{};
  std::string exact{};                 ///< what it stands in for; empty: it is exact
  std::optional<double> difference{};  ///< ||out - exact|| / ||exact||
};

/// Batch, heads and sizes.
Json tensors_json(const AttendTensors& tensors);
/// "8 heads of 1,024 tokens"
std::string tensors_text(const AttendTensors& tensors);

/// Microseconds a token and query head.
double token_time(double seconds, Index tokens, const AttendTensors& tensors);

/// @param backward whether that was asked for
std::string cases_text(const std::vector<AttendCase>& cases, const AttendTensors& tensors,
                       bool backward);
Json cases_json(const std::vector<AttendCase>& cases, const AttendTensors& tensors, bool backward);

}  // namespace prodigest::cli
