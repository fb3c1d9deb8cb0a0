// The C++ side of sketch_overhead.py: sketches the same matrix once for each line on stdin and
// prints the seconds that passed and those that it computed.

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <span>
#include <string>

#include "prodigest/digest/digest.hpp"
#include "prodigest/io/npy.hpp"

// A copy in huge pages, where numpy asks to have its arrays too: they are worth ten per cent.
std::span<float> in_huge_pages(std::span<const float> values) {
  constexpr std::size_t kPage = std::size_t{2} << 20;
  const std::size_t bytes = (values.size_bytes() + kPage - 1) / kPage * kPage;
  auto* const copy = static_cast<float*>(std::aligned_alloc(kPage, bytes));
  madvise(copy, bytes, MADV_HUGEPAGE);
  std::ranges::copy(values, copy);
  return {copy, values.size()};
}

int main(int argc, char** argv) {
  using namespace prodigest;
  if (argc != 4) {
    std::fputs("usage: sketch_seconds MATRIX.npy SPEC THREADS\n", stderr);
    return 2;
  }
  const io::FloatArray a = io::load_npy_floats(argv[1]);
  const MatrixView<const float> rows(in_huge_pages(a.values).data(), a.shape[0], a.shape[1]);
  const digest::DigestSpec spec = digest::parse_digest_spec(argv[2]);
  const Context context{.threads = std::stoi(argv[3])};
  for (std::string line; std::getline(std::cin, line);) {
    const std::clock_t cpu = std::clock();
    const auto start = std::chrono::steady_clock::now();
    const digest::Digest digest = digest::sketch(rows, spec, {}, {}, context);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    std::printf("%.9f %.9f\n", taken.count(),
                static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC);
    std::fflush(stdout);
  }
}
