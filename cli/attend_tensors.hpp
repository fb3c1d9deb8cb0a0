#pragma once
// Queries, keys and values of the command line.

#include <string>
#include <vector>

#include "prodigest/attention/attention.hpp"
#include "prodigest/io/npy.hpp"

namespace prodigest::cli {

/// An array of N x D (one head, or several side by side), H x N x D or B x H x N x D.
struct AttendTensor {
  std::string path;  ///< empty: made here
  io::FloatArray array;
  Index batch = 0, heads = 0, tokens = 0, width = 0;

  attention::HeadsView<float> view();
};

struct AttendTensors {
  AttendTensor q, k, v;
  attention::AttentionShape shape;

  /// What attention writes, in the layout of q.
  AttendTensor out() const;
};

/// @param heads 0, or how many of them stand side by side in each row of q
/// @throws Error{kInvalidArgument} for arrays that do not go together, and what io::load_npy_floats
/// throws
AttendTensors load_tensors(const std::string& q, const std::string& k, const std::string& v,
                           Index heads);

/// Independent normals, one head for each key head.
AttendTensors random_tensors(Index heads, Index tokens, Index width);

}  // namespace prodigest::cli
