#include "sampling/weighted_product.hpp"

#include "base/fail.hpp"
#include "core/entries.hpp"
#include "core/gemm.hpp"
#include "core/parallel.hpp"

namespace prodigest::sampling {
namespace {

constexpr Index kMostEntries = Index{1} << 31;

template <class View, class Visit>
void for_each_entry(const View& view, Index row, Entries entries, const Visit& visit) {
  prodigest::for_each_entry(view, row, [&](Index j, double x) {
    visit(j, entries == Entries::kSquared ? x * x : x);
  });
}

template <class A, class B>
void add_outer_products(const A& a, const B& b, const std::vector<Match>& matches, Entries entries,
                        MatrixView<double> out, const Context& context) {
  for (const Match& match : matches) {
    throw_if_cancelled(context);
    for_each_entry(a, match.a, entries, [&](Index i, double x) {
      double* const row = out.row_data(i);
      const double scaled = x * match.scale;
      for_each_entry(b, match.b, entries, [&](Index j, double y) { row[j] += scaled * y; });
    });
  }
}

template <class View, class RowOf, class ScaleOf>
Matrix<double> pack(const View& view, const std::vector<Match>& matches, Entries entries,
                    const RowOf& row_of, const ScaleOf& scale_of) {
  Matrix<double> packed(static_cast<Index>(matches.size()), view.cols);
  for (std::size_t t = 0; t < matches.size(); ++t) {
    double* const to = packed.view().row_data(static_cast<Index>(t));
    const double scale = scale_of(matches[t]);
    for_each_entry(view, row_of(matches[t]), entries, [&](Index j, double x) { to[j] = x * scale; });
  }
  return packed;
}

}  // namespace

Matrix<double> weighted_product(const RowsView& a, const RowsView& b,
                                const std::vector<Match>& matches, Entries entries,
                                const Context& context) {
  const Index d = cols_of(a), m = cols_of(b);
  if (d > kMostEntries / m)
    fail(ErrorCode::kInvalidArgument,
         "product: the result would be {} x {} = {:.1f} GB (choose fewer columns of one side)", d, m,
         static_cast<double>(d) * static_cast<double>(m) * 8e-9);
  Matrix<double> out(d, m);
  std::visit(
      [&](const auto& left, const auto& right) {
        using A = std::remove_cvref_t<decltype(left)>;
        using B = std::remove_cvref_t<decltype(right)>;
        if constexpr (!is_csr<A> && !is_csr<B>) {
          const auto packed_a = pack(left, matches, entries, [](auto& t) { return t.a; },
                                     [](auto& t) { return t.scale; });
          const auto packed_b = pack(right, matches, entries, [](auto& t) { return t.b; },
                                     [](auto&) { return 1.0; });
          multiply_transposed(packed_a.view(), packed_b.view(), out.view(), context);
        } else {
          add_outer_products(left, right, matches, entries, out.view(), context);
        }
      },
      a, b);
  return out;
}

}  // namespace prodigest::sampling
