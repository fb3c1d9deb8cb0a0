#include "kernel_points.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "prodigest/base/error.hpp"

namespace prodigest::cli {

MatrixView<const float> PointSets::at(Index layer, Index head) const {
  return {array.values.data() + (layer * heads() + head) * rows() * cols(), rows(), cols()};
}

PointSets load_points(const std::string& where, const std::string& path,
                      std::size_t most_dimensions) {
  PointSets sets{path, io::load_npy_floats(path)};
  const std::size_t dimensions = sets.array.shape.size();
  if (dimensions < 2 || dimensions > most_dimensions)
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{}: {}: expected an array of N x D{}, got shape ({})", where, path,
                            most_dimensions > 2 ? ", heads x N x D or layers x heads x N x D" : "",
                            fmt::join(sets.array.shape, ", ")));
  return sets;
}

void check_as_many(const std::string& where, const PointSets& sets, const PointSets& other) {
  if (sets.array.shape.size() != other.array.shape.size() || sets.heads() != other.heads() ||
      sets.layers() != other.layers())
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{}: {}: layers and heads must be as in {}, {} x {}, got {} x {}",
                            where, sets.path, other.path, other.layers(), other.heads(),
                            sets.layers(), sets.heads()));
}

}  // namespace prodigest::cli
