#include "prodigest/compare/statistics.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "compare/centred.hpp"
#include "compare/digest_bytes.hpp"
#include "core/digest_checks.hpp"
#include "core/entries.hpp"
#include "io/narrow.hpp"
#include "prodigest/linear/product.hpp"
#include "prodigest/linear/sketch_rows.hpp"
#include "prodigest/sampling/product.hpp"

namespace prodigest::compare {
namespace {

using sampling::RowSample;

constexpr Index kTrialSize = 512;  // of the sketches that estimate ||AᵀB||²

double square(double x) { return x * x; }
double share_of(double part, double whole) { return whole == 0 ? 0 : part / whole; }

// A side and, for each of its rows in the order of row ids, what the join needs.
struct Side {
  SideStatistics statistics;
  std::vector<double> shares;
};

// What the entries are like, and how many of them each row and column has; a row counts as often as
// the rows it stands for.
template <class View>
void count_entries(const View& view, SideStatistics& side) {
  bool byte = true, single = true;
  double size = 0;
  side.signs = true;
  side.column_entries.resize(static_cast<std::size_t>(view.cols));
  for (Index i = 0; i < view.rows; ++i) {
    SideStatistics::Row& row = side.by_weight[static_cast<std::size_t>(i)];
    for_each_entry(view, i, [&](Index j, auto x) {
      if (x == 0) return;
      byte = byte && x > 0 && x <= 255 && x == std::trunc(x);
      single = single && static_cast<float>(x) == x;
      if (size == 0) size = std::abs(x);
      side.signs = side.signs && std::abs(x) == size;
      side.largest_entry = std::max(side.largest_entry, std::abs(static_cast<double>(x)));
      ++row.entries;
      side.column_entries[static_cast<std::size_t>(j)] += row.count;
    });
    side.nonzeros += row.count * row.entries;
  }
  side.value_bytes = byte ? 1 : single ? 4 : 8;
  side.single = std::is_same_v<typename View::Value, float>;
}

int value_bytes(const linear::LinearSketch& sketch) {
  const auto& values = sketch.parts().values.storage;
  return std::ranges::all_of(values, [](double x) { return static_cast<float>(x) == x; }) ? 4 : 8;
}

// What is known of all rows takes the place of what the sampled ones suggest.
void use_totals(SideStatistics& side, const RowSample& sample) {
  side.rows = static_cast<double>(sample.rows());
  if (const auto squared_norm = sample.squared_norm()) {
    side.norm = std::sqrt(*squared_norm);
    side.nonzero_rows = static_cast<double>(sample.totals().nonzero_rows);
  }
}

// Zero rows that the sample does not hold, since they have no weight there.
void add_zero_rows(SideStatistics& side, double held) {
  const double missing = side.rows - side.nonzero_rows - held;
  if (missing > 0.5) side.by_weight.push_back({0, 0, missing});
}

double heaviest_share(const SideStatistics& side) {
  double room = std::max(1.0, std::round(side.rows / 1000)), share = 0;
  for (const SideStatistics::Row& row : side.by_weight) {
    share += row.share * std::min(room, row.count);
    if ((room -= row.count) <= 0) break;
  }
  return share;
}

Side survey(const RowSample& sample) {
  Side result;
  SideStatistics& side = result.statistics;
  const auto size = static_cast<std::size_t>(sample.size());
  std::vector<double>& norms = result.shares;
  norms = sample.squared_norms();
  side.norm_bytes = static_cast<int>(io::dtype_size(io::narrow<double>(norms).dtype));
  double squared_norm = 0, held_zero_rows = 0;
  side.by_weight.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    const double count = 1 / sample.inclusion(static_cast<Index>(i));
    side.by_weight[i] = {norms[i], 0, count};
    squared_norm += count * norms[i];
    (norms[i] > 0 ? side.nonzero_rows : held_zero_rows) += count;
  }
  std::visit([&](const auto& view) { count_entries(view, side); }, sample.values());
  side.cols = sample.cols();
  side.norm = std::sqrt(squared_norm);
  use_totals(side, sample);
  add_zero_rows(side, held_zero_rows);

  const double total = square(side.norm);
  double sum = 0, squares = 0;
  for (double& norm : norms) norm = share_of(norm, total);
  for (SideStatistics::Row& row : side.by_weight) {
    row.share = share_of(row.share, total);
    sum += row.count * row.share;
    squares += row.count * square(row.share);
  }
  side.effective_rows = share_of(square(sum), squares);
  std::ranges::stable_sort(side.by_weight, std::greater<>(), &SideStatistics::Row::share);
  side.heaviest_share = heaviest_share(side);

  const bool sparse =
      stored_sparse(side.nonzero_rows, static_cast<double>(side.cols), side.nonzeros, side.single);
  side.sample_header = sample_header_bytes(sample.schema(), side.cols, sparse);
  side.sketch_header = sketch_header_bytes(sample.schema(), side.cols);
  side.names_bytes = side.sketch_header - sketch_header_bytes({}, side.cols);
  side.sketch_value_bytes =
      side.value_bytes == 1 ? 4 : 8;  // sums of small whole numbers are floats
  return result;
}

// The rows of both; ids ascend.
void join(PairStatistics& pair, const RowSample& a, const RowSample& b, const Side& left,
          const Side& right) {
  const auto ids_a = a.row_ids(), ids_b = b.row_ids();
  for (std::size_t i = 0, j = 0; i < ids_a.size() && j < ids_b.size();) {
    if (ids_a[i] != ids_b[j]) {
      ++(ids_a[i] < ids_b[j] ? i : j);
      continue;
    }
    const double kept =
        std::min(a.inclusion(static_cast<Index>(i)), b.inclusion(static_cast<Index>(j)));
    const CommonRow row{left.shares[i++], right.shares[j++], 1 / kept};
    pair.common.push_back(row);
    pair.common_rows += row.count;
    pair.meeting += row.count * row.share_a * row.share_b;
    pair.a.common_share += row.count * row.share_a;
    pair.b.common_share += row.count * row.share_b;
  }
  pair.a.common_share = std::min(1.0, pair.a.common_share);
  pair.b.common_share = std::min(1.0, pair.b.common_share);
}

bool is_whole(const RowSample& sample) {
  return sample.complete() && sample.size() == sample.rows();
}

bool are_numbered(const RowSample& a, const RowSample& b) {
  return a.schema().key.empty() && b.schema().key.empty();
}

Index length_of_numbers(const RowSample& a, const RowSample& b) {
  if (!are_numbered(a, b)) return 0;
  RowId most = 1;
  for (const RowSample* side : {&a, &b}) {
    most = std::max(most, static_cast<RowId>(side->rows()));
    if (side->size() > 0) most = std::max(most, side->row_ids().back() + 1);
  }
  // Numbers that leave most of their range out are names.
  if (most == 0 || most > 4 * static_cast<RowId>(std::max(a.rows(), b.rows()))) return 0;
  return static_cast<Index>(std::bit_ceil(most));
}

// ||estimate||² / scale²
double squared_share(const Matrix<double>& estimate, double scale) {
  double sum = 0;
  for (const double entry : estimate.storage) sum += square(entry / scale);
  return sum;
}

// ||AᵀB||² without bias: what an estimate's square has too much is its mean squared error.
void estimate_product_of_whole(PairStatistics& pair, const RowSample& a, const RowSample& b,
                               const Context& context) {
  linear::LinearSpec spec;
  spec.size = kTrialSize;
  const auto sketch_of = [&](const RowsView& rows, const RowSample& whole, const Schema& schema) {
    return linear::sketch_rows(rows, spec, whole.row_ids(), schema, context);
  };
  const linear::LinearSketch left = sketch_of(a.values(), a, a.schema()),
                             right = sketch_of(b.values(), b, b.schema());
  const Matrix<double> w = linear::estimate_product(left, right, {}, context).value;
  constexpr double c = 1.0 / kTrialSize;
  pair.squared_product =
      (squared_share(w, pair.a.norm * pair.b.norm) - c * (1 - 2 * pair.meeting)) / (1 + c);
  pair.a.sketch_value_bytes = value_bytes(left);
  pair.b.sketch_value_bytes = value_bytes(right);
  if (!pair.same_rows) return;
  Matrix<double> ones(a.rows(), 1);
  std::ranges::fill(ones.storage, 1);
  add_centred(pair, a, b, {left, right, sketch_of(ones.view(), a, {})}, context);
}

void estimate_product_of_samples(PairStatistics& pair, const RowSample& a, const RowSample& b,
                                 const Context& context) {
  const ProductEstimate w = sampling::estimate_product(a, b, {}, context);
  const double scale = pair.a.norm * pair.b.norm;
  pair.squared_product =
      squared_share(w.value, scale) - square(w.frobenius_error.estimated / scale);
  pair.matched_rows = w.matched_rows;
}

}  // namespace

double PairStatistics::linear_variance() const {
  return std::max(0.0, 1 + squared_product - 2 * meeting);
}

PairStatistics statistics_of(const RowSample& a, const RowSample& b, const Context& context) {
  check_seeds("statistics", a.spec().seed, b.spec().seed);
  check_keys_meet("statistics", a.schema(), b.schema());
  Side left = survey(a), right = survey(b);
  PairStatistics pair;
  pair.a = std::move(left.statistics);
  pair.b = std::move(right.statistics);
  join(pair, a, b, left, right);
  pair.length = length_of_numbers(a, b);
  const bool whole = is_whole(a) && is_whole(b);
  pair.same_rows = whole && a.rows() > 0 && std::ranges::equal(a.row_ids(), b.row_ids());
  if (!whole) pair.matched_rows = std::ssize(pair.common);
  if (pair.a.norm > 0 && pair.b.norm > 0)
    whole ? estimate_product_of_whole(pair, a, b, context)
          : estimate_product_of_samples(pair, a, b, context);
  pair.squared_product = std::clamp(pair.squared_product, 0.0, 1.0);
  return pair;
}

}  // namespace prodigest::compare
