#include "sampling/standard_deviations.hpp"

#include <algorithm>
#include <cmath>

#include "core/entries.hpp"
#include "sampling/mapped_rows.hpp"

namespace prodigest::sampling {
namespace {

// Rows divided by a power of two: squares of products of their entries are within double.
struct ScaledRows {
  int exponent = 0;
  AnyMatrix values;
  SideRows rows;

  explicit ScaledRows(const SideRows& from) : rows(from) {
    double largest = 0;
    std::visit(
        [&](const auto& view) {
          for (Index i = 0; i < view.rows; ++i)
            for_each_entry(view, i,
                           [&](Index, double x) { largest = std::max(largest, std::abs(x)); });
        },
        from.values);
    if (largest > 0) exponent = std::ilogb(largest);
    const double factor = std::ldexp(1.0, -exponent);
    values = mapped_rows(from.values,
                         [factor](Index) { return [factor](double x) { return x * factor; }; });
    rows.values = view_of(values);
    for (double& norm : rows.norms) norm *= factor * factor;
    for (double& norm : rows.decoded_norms) norm *= factor * factor;
  }
  ScaledRows(const ScaledRows&) = delete;
  ScaledRows& operator=(const ScaledRows&) = delete;
};

Matrix<double> sampling_variances(const SideRows& a, const SideRows& b, std::vector<Match> matches,
                                  const Context& context) {
  for (Match& match : matches) match.scale *= match.scale - 1;  // (1 - p) / p²
  return weighted_product(a.values, b.values, matches, Entries::kSquared, context);
}

}  // namespace

Matrix<double> standard_deviations(const SideRows& a, const SideRows& b,
                                   const std::vector<Match>& matches,
                                   const std::vector<std::size_t>& alike, const Context& context) {
  const ScaledRows left(a), right(b);
  Matrix<double> result = a.coded != nullptr || b.coded != nullptr
                              ? entry_variances(left.rows, right.rows, matches, alike, context)
                              : sampling_variances(left.rows, right.rows, matches, context);
  for (double& entry : result.storage)
    entry = std::ldexp(std::sqrt(entry), left.exponent + right.exponent);
  return result;
}

}  // namespace prodigest::sampling
