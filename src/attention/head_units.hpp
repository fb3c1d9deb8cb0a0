#pragma once
// A call cut into the units that threads work on.

#include <vector>

#include "attention/attention_checks.hpp"
#include "attention/head_problem.hpp"

namespace prodigest::attention {

/// Some queries of some query heads of a sequence, which meet one key head.
struct HeadUnit {
  Index sequence = 0;
  Sequence tokens{};
  Index key_head = 0;
  Index first_head = 0, heads = 0;
  Index first_query = 0, queries = 0;  ///< within the sequence
};

/// Key heads one by one with all that meet them.
std::vector<HeadUnit> units_of_key_heads(const AttentionShape& shape,
                                         std::span<const Sequence> sequences);
/// Key heads one by one with all that meet them, cut after about `most` queries of all heads.
std::vector<HeadUnit> units_of_queries(const AttentionShape& shape,
                                       std::span<const Sequence> sequences, Index most);

/// Queries, keys and values of a call. Element is T or BFloat16.
template <Real T, class Element>
struct Inputs {
  HeadsView<const Element> q, k, v;
  RowNorm norm;

  HeadRows<T> keys(const HeadUnit& unit) const {
    return rows("k", k, norm, unit, unit.key_head, unit.tokens.first_key, unit.tokens.keys);
  }
  HeadRows<T> values(const HeadUnit& unit) const {
    return rows("v", v, kAsTheyAre, unit, unit.key_head, unit.tokens.first_key, unit.tokens.keys);
  }
  /// Of query head unit.first_head + head; `of` is q or shaped as out.
  HeadRows<T> queries(std::string_view name, const HeadsView<const Element>& of, RowNorm how,
                      const HeadUnit& unit, Index head) const {
    return rows(name, of, how, unit, unit.first_head + head,
                unit.tokens.first_query + unit.first_query, unit.queries);
  }

  static constexpr RowNorm kAsTheyAre{Normalization::kNone, 1};

 private:
  static HeadRows<T> rows(std::string_view name, const HeadsView<const Element>& of, RowNorm how,
                          const HeadUnit& unit, Index head, Index first, Index count) {
    return {of.head(unit.tokens.batch, head).slice(first, count),
            how,
            {name, unit.tokens.batch, head, first}};
  }
};

/// Rows of the key head in a tensor shaped as k or v.
template <class Element>
MatrixView<Element> key_rows(const HeadsView<Element>& of, const HeadUnit& unit) {
  return of.head(unit.tokens.batch, unit.key_head).slice(unit.tokens.first_key, unit.tokens.keys);
}

/// Rows of a query head in a tensor shaped as q or out.
template <class Element>
MatrixView<Element> query_rows(const HeadsView<Element>& of, const HeadUnit& unit, Index head) {
  return of.head(unit.tokens.batch, unit.first_head + head)
      .slice(unit.tokens.first_query + unit.first_query, unit.queries);
}

/// The same in [batch, heads, tokens].
template <class T>
std::span<T> query_numbers(std::span<T> of, const AttentionShape& shape, Index tokens,
                           const HeadUnit& unit, Index head) {
  const Index row = unit.tokens.batch * shape.heads + unit.first_head + head;
  return of.subspan(
      static_cast<std::size_t>(row * tokens + unit.tokens.first_query + unit.first_query),
      static_cast<std::size_t>(unit.queries));
}

/// How many units are worth a thread, from the multiply-adds of all.
Index units_a_thread(double work, Index units);

}  // namespace prodigest::attention
