// The C++ side of sketch_overhead.py: sketches the same matrix once for each line on stdin and
// prints the seconds that it took.

#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>

#include "prodigest/digest/digest.hpp"
#include "prodigest/io/npy.hpp"

int main(int argc, char** argv) {
  using namespace prodigest;
  if (argc != 4) {
    std::fputs("usage: sketch_seconds MATRIX.npy SPEC THREADS\n", stderr);
    return 2;
  }
  const io::FloatArray a = io::load_npy_floats(argv[1]);
  const MatrixView<const float> rows(a.values.data(), a.shape[0], a.shape[1]);
  const digest::DigestSpec spec = digest::parse_digest_spec(argv[2]);
  const Context context{.threads = std::stoi(argv[3])};
  for (std::string line; std::getline(std::cin, line);) {
    const auto start = std::chrono::steady_clock::now();
    const digest::Digest digest = digest::sketch(rows, spec, {}, {}, context);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    std::printf("%.9f %lld\n", taken.count(), static_cast<long long>(digest::rows_of(digest)));
    std::fflush(stdout);
  }
}
