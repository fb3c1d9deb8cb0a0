// What several methods stand on, against the memory's own speed. Usage: bench_core [--json FILE]

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "core/draws.hpp"
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

// Against filling the same memory with one number. In the first-level cache, and long enough to
// time: the same row a thousand times.
void draws(bench::Report& report, std::size_t size, int rounds) {
  std::vector<double> out(size);
  std::vector<RowId> rows(size);
  std::vector<std::uint64_t> first(size), second(size);
  for (std::size_t i = 0; i < size; ++i) rows[i] = i;
  const auto repeat = [&](std::string name, auto body) {
    return Case{std::move(name),
                [&, body] {
                  for (RowId row = 0; row < 1000; ++row) body(row);
                  bench::keep(out[size / 2] + static_cast<double>(first[size / 2]));
                },
                1000 * static_cast<double>(size)};
  };
  report.group(
      fmt::format("{} draws", size),
      {repeat("fill", [&](RowId row) { std::ranges::fill(out, static_cast<double>(row)); }),
       repeat("signs", [&](RowId row) { random_signs(Seed{1}, row, out); }),
       repeat("normals", [&](RowId row) { random_normals(Seed{1}, row, out); }),
       repeat("uniforms", [&](RowId) { uniforms(Seed{1}, Domain::kRowSelection, rows, out); }),
       repeat("words, first",
              [&](RowId) { random_words(Seed{1}, Domain::kBucket, rows, 0, first, {}); }),
       repeat("words, both",
              [&](RowId) { random_words(Seed{1}, Domain::kBucket, rows, 0, first, second); })},
      rounds);
}

}  // namespace

int main(int argc, char** argv) {
  bench::Report report("core");
  draws(report, 1024, 21);
  draws(report, 100, 21);
  hadamard_panels<double>(report, "double", 9);
  hadamard_panels<float>(report, "float", 9);
  report.write_json(bench::Arguments(argc, argv).json);
}
