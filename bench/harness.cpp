#include "harness.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string_view>
#include <thread>

namespace prodigest::bench {
namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

double load() {
  double load = 0;
  std::ifstream("/proc/loadavg") >> load;
  return load;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

nlohmann::ordered_json parse(const std::string& text) { return nlohmann::ordered_json::parse(text); }

}  // namespace

Arguments::Arguments(int count, char** words) {
  for (int i = 1; i < count; ++i) {
    if (std::string_view(words[i]) == "--quick") quick = true;
    if (std::string_view(words[i]) == "--json" && i + 1 < count) json = words[i + 1];
  }
}

Report::Report(std::string title) {
  nlohmann::ordered_json json = {{"title", title}, {"processor", processor()},
                                 {"cores", std::thread::hardware_concurrency()},
                                 {"compiler", __VERSION__}, {"load_at_start", load()}};
  fmt::print("{} on {}, {} cores, load {:.1f}\n", title, processor(), std::thread::hardware_concurrency(), load());
  json_ = json.dump();
}

void Report::group(const std::string& name, const std::vector<Case>& cases, int rounds) {
  std::vector<std::vector<double>> seconds(cases.size());
  for (int round = 0; round < rounds; ++round)
    for (std::size_t c = 0; c < cases.size(); ++c) {
      const auto begin = std::chrono::steady_clock::now();
      cases[c].run();
      seconds[c].push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
  auto json = parse(json_);
  fmt::print("\n{} (median of {} rounds, and the fastest)\n", name, rounds);
  for (std::size_t c = 0; c < cases.size(); ++c) {
    // The ratio of each round, then the median: a slow phase of the machine cancels.
    std::vector<double> ratios;
    for (int round = 0; round < rounds; ++round)
      ratios.push_back(seconds[c][static_cast<std::size_t>(round)] / seconds[0][static_cast<std::size_t>(round)]);
    const double middle = median(seconds[c]), fastest = std::ranges::min(seconds[c]);
    std::string per_item;
    if (cases[c].items > 0) per_item = fmt::format("  {:7.2f} ns/item", middle / cases[c].items * 1e9);
    fmt::print("  {:<52} {:8.4f} s  {:8.4f} s  {:6.2f} x{}\n", cases[c].name, middle, fastest, median(ratios), per_item);
    json["groups"][name].push_back({{"name", cases[c].name}, {"median_s", middle}, {"fastest_s", fastest},
                                    {"ratio", median(ratios)}, {"ns_per_item", cases[c].items > 0 ? middle / cases[c].items * 1e9 : 0}});
  }
  std::fflush(stdout);
  json_ = json.dump();
}

void Report::fact(const std::string& name, double value, const std::string& unit) {
  fmt::print("  {:<52} {:8.4g} {}\n", name, value, unit);
  auto json = parse(json_);
  json["facts"].push_back({{"name", name}, {"value", value}, {"unit", unit}});
  json_ = json.dump();
}

void Report::write_json(const std::string& path) const {
  if (!path.empty()) std::ofstream(path) << parse(json_).dump(1) << '\n';
}

void keep(double value) {
  asm volatile("" : : "m"(value) : "memory");
}

}  // namespace prodigest::bench
