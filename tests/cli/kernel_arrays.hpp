#pragma once
// Arrays that the tests of prodigest kernel run on.

#include <cmath>
#include <string>
#include <vector>

#include "cli/run_prodigest.hpp"
#include "core/draws.hpp"
#include "prodigest/io/npy.hpp"

namespace prodigest::cli {

using Words = std::vector<std::string>;

class KernelCommand : public Command {
 protected:
  // Independent normals.
  io::FloatArray made(const std::string& name, std::vector<Index> shape, std::uint64_t seed,
                      double scale = 1) const {
    io::FloatArray array{std::move(shape), {}};
    Index size = 1;
    for (const Index n : array.shape) size *= n;
    std::vector<double> numbers(static_cast<std::size_t>(size));
    random_normals(Seed{seed}, 0, numbers);
    for (const double x : numbers) array.values.push_back(static_cast<float>(scale * x));
    io::save_npy(path(name), array);
    return array;
  }
  // 60 keys, 40 queries of 3 coordinates, x of one column.
  void make_points() const {
    made("k.npy", {60, 3}, 1);
    made("q.npy", {40, 3}, 2);
    made("x.npy", {60}, 3);
  }
  Words apply(const Words& more = {}) const {
    Words all = {"kernel", "apply", "--keys", "k.npy", "--x", "x.npy", "-o", "y.npy"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  // K x of files, in double.
  Matrix<double> product(const std::string& queries, const std::string& keys,
                         const Matrix<double>& x, double bandwidth) const {
    const Matrix<double> q = npy(queries), k = npy(keys);
    Matrix<double> y(q.rows, x.cols);
    for (Index i = 0; i < q.rows; ++i)
      for (Index j = 0; j < k.rows; ++j) {
        double squares = 0;
        for (Index c = 0; c < k.cols; ++c) squares += (q(i, c) - k(j, c)) * (q(i, c) - k(j, c));
        const double kernel = std::exp(-squares / (2 * bandwidth * bandwidth));
        for (Index c = 0; c < x.cols; ++c) y(i, c) += kernel * x(j, c);
      }
    return y;
  }
};

}  // namespace prodigest::cli
