#pragma once
/// What the choice of a method depends on: how the squares of two matrices are spread over their
/// rows, and where the rows meet.

#include <optional>
#include <vector>

#include "prodigest/core/context.hpp"
#include "prodigest/sampling/row_sample.hpp"

namespace prodigest::compare {

/// One matrix. Norms are shares: the squared norms of its rows add up to 1. Counts are whole if
/// every row was seen; of a sample they are estimates.
struct SideStatistics {
  Index cols = 0;   ///< d
  double rows = 0;  ///< n, zero rows included
  double nonzero_rows = 0;
  double nonzeros = 0;      ///< entries that are not zero
  double norm = 0;          ///< ||A||_F
  double common_share = 0;  ///< of ||A||², in rows whose key the other side has too
  double effective_rows =
      0;  ///< (sum of squared norms)² / sum of their squares: n if all weigh alike
  double heaviest_share = 0;  ///< of ||A||², in the heaviest thousandth of the rows

  double largest_entry = 0;   ///< in size
  double centred_share = 0;   ///< of ||A||², that is left once columns have mean 0
  std::vector<double> means;  ///< [d], of the columns, / ||A||

  /// Rows, or sorts of rows, from the heaviest down.
  struct Row {
    double share = 0;    ///< of ||A||²
    double entries = 0;  ///< that are not zero
    double count = 1;    ///< how many rows it stands for
  };
  std::vector<Row> by_weight;

  // How digests of it are stored.
  int value_bytes = 8;         ///< the narrowest type that holds every value: 1, 4 or 8
  int norm_bytes = 8;          ///< the same of the squared norms of rows
  int sketch_value_bytes = 8;  ///< the same of a CountSketch: 4 or 8
  bool single = false;         ///< rows are float
  bool signs = false;          ///< all entries but zeros are of one size, so that sums may cancel
  double sample_header = 0;    ///< bytes of a digest that holds no row
  double sketch_header = 0;
  double names_bytes = 0;  ///< of that, what the names of columns and key take
  std::vector<double> column_entries;  ///< [d], entries of each column that are not zero
};

/// A row that both sides have.
struct CommonRow {
  double share_a = 0, share_b = 0;  ///< of ||A||² and of ||B||²
  double count = 1;                 ///< how many common rows it stands for
};

/// Columns of A and of B that have about the same cosine between them, centred.
struct ColumnCosine {
  double distance = 0;  ///< 1 - |cosine|
  double share = 0;     ///< of ||A||² ||B||² that these columns make
};

/// Two matrices. Nothing in it depends on what their columns mean.
struct PairStatistics {
  SideStatistics a, b;
  std::vector<CommonRow> common;
  double common_rows = 0;
  double meeting = 0;  ///< D = sum of ||A_i||² ||B_i||² over the common rows, / ||A||² ||B||²
  double squared_product = 0;  ///< T = ||AᵀB||², / ||A||² ||B||²; estimated from small sketches
  /// Whether both have the very same rows, which only whole matrices can tell.
  bool same_rows = false;
  /// T of the matrices with centred columns, where the rows are the same; estimated likewise.
  double centred_squared_product = 0;
  std::vector<ColumnCosine> cosines;  ///< of all pairs of columns, likewise
  /// Where rows are numbered: the power of two that all row numbers stay below; else 0.
  Index length = 0;
  /// The rows that both samples hold, where this is an estimate from two samples of a part of the
  /// rows.
  std::optional<Index> matched_rows;

  /// What linear sketches err by: (P + T - 2 D) / P, P = ||A||² ||B||².
  double linear_variance() const;
};

/// From two whole matrices (whole_matrix), or from two digests: then the sums over rows are
/// Horvitz-Thompson estimates from the rows that were sampled.
/// @complexity O(non-zeros + n log n), and a product of 512 rows; memory O(n + d m)
/// @throws Error{kIncompatible} on different seeds, or keys that cannot meet
PairStatistics statistics_of(const sampling::RowSample& a, const sampling::RowSample& b,
                             const Context& context = {});

}  // namespace prodigest::compare
