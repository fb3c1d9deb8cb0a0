#pragma once
// One matrix digested by every method.

#include <string>
#include <vector>

#include "prodigest/digest/digest.hpp"
#include "reference/matrices.hpp"

namespace prodigest::digest {

/// A spec of every method, in the order of method_names().
inline std::vector<std::string> specs() {
  return {"priority:size=16,seed=7",      "threshold:size=16,seed=7",
          "gaussian:size=16,seed=7",      "sign:size=16,seed=7",
          "countsketch:size=16,seed=7",   "osnap:size=16,seed=7,nonzeros=4",
          "srht:size=16,seed=7,length=64", "lattice:format=F4,size=16,seed=7,gain=unbiased"};
}

/// Those whose digests of parts can be merged, and know the norm of the matrix to the last digits.
inline std::vector<std::string> mergeable_specs() {
  std::vector<std::string> all = specs();
  all.pop_back();
  return all;
}

inline Matrix<double> small_matrix() {
  Normals normals(11);
  return heavy_matrix(normals, 50, 3);
}

inline Digest small_digest(const std::string& spec) {
  return sketch(small_matrix().view(), parse_digest_spec(spec), {}, {.columns = {"x", "y", "z"}});
}

}  // namespace prodigest::digest
