#include "kernel/verification.hpp"

#include <algorithm>
#include <numeric>

#include "prodigest/core/random.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kFewest = 32, kLeastShare = 16;  // at most 1/16 of the rows a look, but 32

}  // namespace

Verification::Verification(const GaussianPlan& plan, MatrixView<const float> x, Seed seed)
    : plan_(plan), x_(x) {
  for (int look = 0; look < kLooks; ++look) looks_.push_back(draw(look, seed));
}

// One row at random of each of so many equal shares of the queries; looks take other parts of
// the shares.
Verification::Look Verification::draw(int look, Seed seed) const {
  const Index n = plan_.queries();
  const Index count = std::min({n, plan_.spec.verify_rows, std::max(kFewest, n / kLeastShare)});
  std::vector<RowId> names(static_cast<std::size_t>(count));
  std::iota(names.begin(), names.end(), static_cast<RowId>(look * count));
  std::vector<double> draws(names.size());
  uniforms(seed, Domain::kKernelSample, names, draws);
  Look out;
  for (Index i = 0; i < count; ++i) {
    const Index part = i * kLooks + (look + i) % kLooks;
    const auto member = static_cast<Index>((static_cast<double>(part) + draws[i]) *
                                           static_cast<double>(n) /
                                           static_cast<double>(kLooks * count));
    const auto& starts = plan_.query_cells.starts;
    const Index group =
        std::ranges::upper_bound(starts, std::min(member, n - 1)) - starts.begin() - 1;
    if (out.groups.empty() || out.groups.back() != group) out.groups.push_back(group);
    out.places.push_back(plan_.query_cells.members[std::min(member, n - 1)]);
  }
  return out;
}

std::vector<Index> Verification::groups(int look) const { return looks_[look].groups; }

ErrorEstimate Verification::error(MatrixView<const double> y, int last, const Context& context) {
  const bool relative = plan_.spec.target == ErrorTarget::kRowRelative;
  std::vector<double> squares;
  for (int l = 0; l <= last; ++l) {
    Look& look = looks_[l];
    if (look.rows.products.rows == 0)
      look.rows = exact_rows(plan_, look.places, x_, relative, context);
    for (std::size_t i = 0; i < look.places.size(); ++i) {
      double square = 0;
      for (Index c = 0; c < y.cols; ++c) {
        const double apart = y(look.places[i], c) - look.rows.products(static_cast<Index>(i), c);
        square += apart * apart;
      }
      const double sum = relative ? look.rows.sums[i] : 1;
      squares.push_back(sum > 0 ? square / (sum * sum) : 0);
    }
  }
  return estimate_error(squares, static_cast<double>(plan_.queries()) - rows_computed(),
                        plan_.spec.failure / kTests);
}

void Verification::replace(MatrixView<double> y) const {
  for (const Look& look : looks_)
    for (Index i = 0; i < look.rows.products.rows; ++i)
      for (Index c = 0; c < y.cols; ++c) y(look.places[i], c) = look.rows.products(i, c);
}

double Verification::rows_computed() const {
  double rows = 0;
  for (const Look& look : looks_) rows += static_cast<double>(look.rows.products.rows);
  return rows;
}

}  // namespace prodigest::kernel
