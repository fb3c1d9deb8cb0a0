// What several methods stand on, against the memory's own speed. Usage: bench_core [--json FILE]

#include <fmt/format.h>

#include <cstring>
#include <string_view>
#include <vector>

#include "core/hadamard.hpp"
#include "harness.hpp"

namespace {

using namespace prodigest;
using bench::Case;

template <class T>
void hadamard_panels(bench::Report& report, const char* type, int rounds) {
  for (const auto& [steps, cols] : {std::pair<int, Index>{10, 64},
                                    {10, 1000},
                                    {12, 256},
                                    {14, 256},
                                    {16, 17},
                                    {17, 256},
                                    {20, 32}}) {
    const Index rows = Index{1} << steps;
    Matrix<T> panel(rows, cols), copy(rows, cols);  // of zeros, which do not grow
    const auto entries = static_cast<double>(rows * cols);
    std::vector<Case> cases;
    cases.push_back({"copy of the panel",
                     [&] {
                       std::memcpy(copy.storage.data(), panel.storage.data(),
                                   panel.storage.size() * sizeof(T));
                       bench::keep(static_cast<double>(copy.storage[1]));
                     },
                     entries});
    for (const int threads : {1, 2})
      cases.push_back(
          {fmt::format("hadamard_columns, {} threads", threads),
           [&, threads] { hadamard_columns(panel.view(), Context{.threads = threads}); }, entries});
    report.group(fmt::format("{} x {} {}", rows, cols, type), cases, rounds);
  }
}

}  // namespace

int main(int argc, char** argv) {
  bench::Report report("core");
  hadamard_panels<double>(report, "double", 9);
  hadamard_panels<float>(report, "float", 9);
  if (argc == 3 && std::string_view(argv[1]) == "--json") report.write_json(argv[2]);
}
