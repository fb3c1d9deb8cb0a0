#pragma once
// For the tests of attend: queries, keys and values in files, and the words of a call.

#include <algorithm>
#include <string>
#include <vector>

#include "cli/run_prodigest.hpp"
#include "core/draws.hpp"
#include "prodigest/io/npy.hpp"

namespace prodigest::cli {

using io::FloatArray;

class Attend : public Command {
 protected:
  // Independent normals.
  FloatArray made(const std::string& name, std::vector<Index> shape, std::uint64_t seed) const {
    FloatArray array{std::move(shape), {}};
    Index size = 1;
    for (const Index n : array.shape) size *= n;
    std::vector<double> numbers(static_cast<std::size_t>(size));
    random_normals(Seed{seed}, 0, numbers);
    array.values.assign(numbers.begin(), numbers.end());
    io::save_npy(path(name), array);
    return array;
  }
  // q, k and v of one head and 100 tokens.
  void make_head() const {
    made("q.npy", {100, 8}, 1);
    made("k.npy", {100, 8}, 2);
    made("v.npy", {100, 5}, 3);
  }
  std::vector<std::string> arguments(const std::string& method,
                                     const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"attend", "--q", "q.npy", "--k",      "k.npy", "--v",
                                    "v.npy",  "-o",  "o.npy", "--method", method};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  FloatArray out() const { return io::load_npy_floats(path("o.npy")); }
};

}  // namespace prodigest::cli
