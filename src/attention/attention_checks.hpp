#pragma once
// Which calls of an Attention make sense, and the sequences that one is about.

#include <string_view>
#include <vector>

#include "prodigest/attention/attention.hpp"

namespace prodigest::attention {

/// One sequence: queries first_query, ... of a batch entry and keys likewise.
struct Sequence {
  Index batch = 0;
  Index first_query = 0, queries = 0;
  Index first_key = 0, keys = 0;
};

/// A HeadsView without its type.
struct TensorShape {
  std::string_view name;
  Index batch = 0, heads = 0, tokens = 0, width = 0;
};

template <class Element>
TensorShape shape_of(std::string_view name, const HeadsView<Element>& view) {
  return {name, view.batch, view.heads, view.tokens, view.width};
}

/// Width of q and k.
Index query_width(const AttentionSpec& spec, const AttentionShape& shape);

void check_shape(const AttentionSpec& spec, const AttentionShape& shape);

/// Of a forward pass: k sets the batch and number of keys.
void check_tensors(const AttentionSpec& spec, const AttentionShape& shape, const TensorShape& q,
                   const TensorShape& k, const TensorShape& v, const TensorShape& out, bool causal);

/// `got` must be shaped as `want`.
void check_same(const TensorShape& got, const TensorShape& want);

std::vector<Sequence> sequences_of(const AttendOptions& options, const TensorShape& q,
                                   const TensorShape& k);

/// Whether so many sequences can go on from a state; `own` is one of none.
void check_state(const AttentionState& state, const AttentionState& own, bool causal,
                 std::size_t sequences);

}  // namespace prodigest::attention
