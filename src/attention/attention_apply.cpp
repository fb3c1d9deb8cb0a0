// The work around the kinds: sequences, heads, threads, normalization and the way back from it.

#include <algorithm>
#include <optional>

#include "attention/attention_checks.hpp"
#include "attention/attention_impl.hpp"
#include "attention/exact_attention.hpp"
#include "attention/head_states.hpp"
#include "attention/performer.hpp"
#include "attention/polysketch_attention.hpp"
#include "base/fail.hpp"
#include "core/parallel.hpp"

namespace prodigest::attention {
namespace {

constexpr Index kExactQueries = 1024;  // of a problem of the exact kinds, so that long heads are shared
constexpr double kLeastWork = 2e6;     // flops that a thread is started for

// Queries, keys and values of a call, cut into the rows of heads.
template <Real T, class Element>
struct Inputs {
  HeadsView<const Element> q, k, v;
  RowNorm norm;

  HeadRows<T> rows(std::string_view name, const HeadsView<const Element>& of, RowNorm how,
                   Index batch, Index head, Index first, Index count) const {
    return {of.head(batch, head).slice(first, count), how, {name, batch, head, first}};
  }
  HeadRows<T> queries(const Sequence& s, Index head, Index first, Index count) const {
    return rows("q", q, norm, s.batch, head, s.first_query + first, count);
  }
  HeadRows<T> keys(const Sequence& s, Index head) const {
    return rows("k", k, norm, s.batch, head, s.first_key, s.keys);
  }
  HeadRows<T> values(const Sequence& s, Index head) const {
    return rows("v", v, {Normalization::kNone, 1}, s.batch, head, s.first_key, s.keys);
  }
};

// As Denominators has them.
template <class V>
auto denominators_of(V& values, const AttentionShape& shape, Index tokens, const Sequence& s,
                     Index head, Index first, Index count) {
  const Index at = (s.batch * shape.heads + head) * tokens + s.first_query + first;
  return std::span(values).subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(count));
}

// As many units as are worth a thread.
Index grain_of(double work, Index units) {
  return std::clamp(static_cast<Index>(kLeastWork / std::max(work, 1.0)), Index{1},
                    std::max<Index>(units, 1));
}

}  // namespace
}  // namespace prodigest::attention
