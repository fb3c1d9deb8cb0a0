#pragma once
// Pairs of matrices for which different methods are right.

#include <string>
#include <vector>

#include "prodigest/compare/known_product.hpp"

namespace prodigest::compare {

/// Small matrices are done before a second thread has begun.
inline const Context kOneThread{.threads = 1};

struct Pair {
  std::string name;
  Matrix<double> a, b;
  std::vector<RowId> rows_a, rows_b;

  KnownProduct known() const;
};

/// Normal entries, every row on both sides.
Pair dense_pair(Index rows, Index cols_a, Index cols_b);
/// Three entries in a hundred (`density`), of rows whose lengths differ a little.
Pair sparse_pair(Index rows, Index cols_a, Index cols_b, double density = 0.03);
/// Rows with a Pareto(1.5) tail of lengths, the same on both sides.
Pair heavy_pair(Index rows, Index cols_a, Index cols_b);
/// Each side has as many rows, and three in a hundred in common; heavy: with tails as above.
Pair overlap_pair(Index rows, Index cols_a, Index cols_b, bool heavy);

/// Columns with means, and a factor that all of them share: cosines about 0.8.
Pair correlated_pair(Index rows, Index cols_a, Index cols_b);

/// B = A.
Pair gram_pair(Index rows, Index cols);
/// 0 and 1, as words in texts are: each row has a few of `words` columns, some columns many rows;
/// against a column of whole numbers.
Pair whole_numbers_pair(Index rows, Index words);

/// A method of that spec run with the seeds 0 to `seeds` - 1: errors / (||A|| ||B||).
std::vector<double> errors_of(const KnownProduct& known, const std::string& spec, int seeds);

/// Root mean square.
double rms(const std::vector<double>& values);

}  // namespace prodigest::compare
