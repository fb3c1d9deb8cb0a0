#pragma once
// Points of the command line: one set of them, or one for each head of a model.

#include <string>

#include "prodigest/io/npy.hpp"

namespace prodigest::cli {

/// N x D, heads x N x D or layers x heads x N x D.
struct PointSets {
  std::string path;
  io::FloatArray array;

  Index rows() const { return from_end(2); }
  Index cols() const { return from_end(1); }
  Index heads() const { return from_end(3); }
  Index layers() const { return from_end(4); }
  MatrixView<const float> at(Index layer, Index head) const;

 private:
  Index from_end(std::size_t i) const {
    return array.shape.size() < i ? 1 : array.shape[array.shape.size() - i];
  }
};

/// @throws Error{kInvalidArgument} for arrays of other dimensions, and what io::load_npy_floats
/// does
PointSets load_points(const std::string& where, const std::string& path,
                      std::size_t most_dimensions = 2);

/// Refuses sets that are not as many as those of `other`.
void check_as_many(const std::string& where, const PointSets& sets, const PointSets& other);

}  // namespace prodigest::cli
