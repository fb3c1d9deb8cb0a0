#include "sampling/coding_errors.hpp"

#include <algorithm>
#include <functional>

#include "core/entries.hpp"
#include "sampling/coded_values.hpp"
#include "sampling/mapped_rows.hpp"

namespace prodigest::sampling {
namespace {

template <class Visit>
void for_each_nonzero(const RowsView& rows, Index row, const Visit& visit) {
  std::visit(
      [&](const auto& view) {
        for_each_entry(view, row, [&](Index j, double x) {
          if (x != 0) visit(j, x);
        });
      },
      rows);
}

// What the decoded entries of a row say of the true ones. The error of a row has the squared length
// s (n - 1), n the entries that are not zero, and is as likely to point anywhere across the row: so
// a decoded square has the mean (1 - w) x² + s with w = s / ||x||².
class EntryMoments {
 public:
  EntryMoments(const SideRows& rows, Index row) {
    const auto at = static_cast<std::size_t>(row);
    norm_ = rows.norms[at];
    decoded_norm_ = rows.decoded_norms[at];
    for_each_nonzero(rows.values, row, [&](Index, double) { ++entries_; });
    if (decoded_norm_ <= norm_ || entries_ < 2) return;
    s_ = std::min((decoded_norm_ - norm_) / (entries_ - 1), kMostShare * norm_);
    gain_ = 1 / (1 - s_ / norm_);
  }
  double spread() const { return s_; }
  double gain() const { return gain_; }
  /// x² without bias, from the decoded entry.
  double square(double x) const { return (x * x - s_) * gain_; }
  /// Variance of square(x), about.
  double square_variance(double x) const {
    if (s_ == 0) return 0;
    const double mean = square(x), across = s_ * std::clamp(1 - mean / norm_, 0.0, 1.0);
    const double kurtosis = 3 * (entries_ - 1) / (entries_ + 1);
    return (4 * mean * across + (kurtosis - 1) * across * across) * gain_ * gain_;
  }
  /// ||x xᵀ without bias||² / ||x̂ x̂ᵀ||².
  double outer_share() const {
    const double share = s_ == 0 ? 0 : s_ / decoded_norm_;
    return (1 - 2 * share + entries_ * share * share) * gain_ * gain_;
  }

 private:
  static constexpr double kMostShare = 0.5;  // far more than codes leave

  double norm_, decoded_norm_, entries_ = 0;
  double s_ = 0, gain_ = 1;
};

// Entries that are zero were not coded.
AnyMatrix unbiased_squares(const SideRows& rows) {
  return mapped_rows(rows.values, [&](Index i) {
    return [moments = EntryMoments(rows, i)](double x) { return x == 0 ? 0 : moments.square(x); };
  });
}

}  // namespace

double largest_noise(const SideRows& rows) {
  double largest = 0;
  for (std::size_t i = 0; rows.coded != nullptr && i < rows.norms.size(); ++i)
    if (rows.norms[i] > 0) largest = std::max(largest, rows.decoded_norms[i] / rows.norms[i] - 1);
  return largest;
}

std::vector<std::size_t> matches_coded_alike(const SideRows& a, const SideRows& b,
                                             const std::vector<Match>& matches) {
  if (a.coded == nullptr || b.coded == nullptr || a.coded->cols != b.coded->cols ||
      a.coded->spec.values != b.coded->spec.values)
    return {};
  const std::vector<CodedRow> left = coded_rows(*a.coded), right = coded_rows(*b.coded);
  std::vector<std::size_t> alike;
  for (std::size_t t = 0; t < matches.size(); ++t)
    if (left[static_cast<std::size_t>(matches[t].a)] ==
        right[static_cast<std::size_t>(matches[t].b)])
      alike.push_back(t);
  return alike;
}

double unbiased_share(const SideRows& rows, Index row) {
  return EntryMoments(rows, row).outer_share();
}

Matrix<double> unbiased_product(const SideRows& a, const SideRows& b, std::vector<Match> matches,
                                const std::vector<std::size_t>& alike, const Context& context) {
  for (const std::size_t t : alike) matches[t].scale *= EntryMoments(a, matches[t].a).gain();
  Matrix<double> product = weighted_product(a.values, b.values, matches, Entries::kPlain, context);
  for (const std::size_t t : alike) {
    const double surplus = matches[t].scale * EntryMoments(a, matches[t].a).spread();
    for_each_nonzero(a.values, matches[t].a, [&](Index j, double) { product(j, j) -= surplus; });
  }
  return product;
}

Matrix<double> entry_variances(const SideRows& a, const SideRows& b,
                               const std::vector<Match>& matches,
                               const std::vector<std::size_t>& alike, const Context& context) {
  std::vector<Match> squared = matches;
  for (Match& match : squared) match.scale *= match.scale;
  Matrix<double> variances =
      weighted_product(a.values, b.values, squared, Entries::kSquared, context);
  const AnyMatrix left = unbiased_squares(a), right = unbiased_squares(b);
  const Matrix<double> squares =
      weighted_product(view_of(left), view_of(right), matches, Entries::kPlain, context);
  std::ranges::transform(variances.storage, squares.storage, variances.storage.begin(),
                         std::minus<>());
  // On the diagonal rows coded alike bring unbiased squares in place of products.
  for (const std::size_t t : alike) {
    const EntryMoments moments(a, matches[t].a);
    const double scale = matches[t].scale;
    for_each_nonzero(a.values, matches[t].a, [&](Index j, double x) {
      const double square = moments.square(x), product = x * x;
      variances(j, j) += scale * scale * (square * square - product * product) +
                         scale * moments.square_variance(x);
    });
  }
  for (double& variance : variances.storage) variance = std::max(0.0, variance);
  return variances;
}

}  // namespace prodigest::sampling
