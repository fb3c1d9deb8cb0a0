#pragma once
// Ratios measured in one run: cases are timed in turn, round after round, so that a busy neighbour
// slows all of them alike; medians are compared with the first case of each group.

#include <functional>
#include <string>
#include <vector>

namespace prodigest::bench {

struct Case {
  std::string name;
  std::function<void()> run;
  double items = 0;  ///< if not 0, nanoseconds an item are printed
};

/// What every benchmark is called with: [--quick] [--json FILE].
struct Arguments {
  bool quick = false;
  std::string json{};

  Arguments(int count, char** words);
};

class Report {
 public:
  explicit Report(std::string title);
  /// Times the cases `rounds` times and prints a table; the first is the baseline.
  void group(const std::string& name, const std::vector<Case>& cases, int rounds);
  /// A figure that is no time.
  void fact(const std::string& name, double value, const std::string& unit);
  /// Writes everything with the machine's name as JSON; nothing if there is no path.
  void write_json(const std::string& path) const;

 private:
  std::string json_;
};

/// Keeps the compiler from leaving out work whose result nobody reads.
void keep(double value);

}  // namespace prodigest::bench
