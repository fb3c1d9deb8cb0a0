#include "lattice/product_estimate.hpp"

#include <algorithm>
#include <cmath>

#include "core/parallel.hpp"
#include "lattice/column_numbers.hpp"

namespace prodigest::lattice {
namespace {

constexpr Index kRows = 16;  // of the result, a step of the parallel loop

// Errors of entries, added up.
struct ErrorSums {
  double likely = 0;           // mean squared errors at the cosines that the product shows
  double least = 0, most = 0;  // at the cosines for which they are smallest and largest
  MeanCosine mean_cosine;

  void add(const EntryError& error, double w, bool rotated) {
    const double cosine = error.squared_cosine(w);
    likely += error.at(cosine);
    least += error.least();
    most += rotated ? error.most() : error.worst();
    mean_cosine.add(error, cosine);
  }
  void add(double variance) {
    likely += variance;
    least += variance;
    most += variance;
  }
  void add(const ErrorSums& other) {
    likely += other.likely;
    least += other.least;
    most += other.most;
    mean_cosine.add(other.mean_cosine);
  }
};

FrobeniusError frobenius_error(const ErrorSums& sums, double confidence, bool rotated) {
  FrobeniusError error;
  const double likely = std::clamp(sums.likely, sums.least, std::max(sums.least, sums.most));
  const double failure = 1 - confidence;
  error.confidence = confidence;
  error.estimated = std::sqrt(likely);
  error.apriori = std::sqrt(rotated ? sums.most / failure : sums.most);
  error.bound = rotated ? std::sqrt(likely / failure) : error.apriori;
  return error;
}

// From the product of decoded columns to the estimate.
struct Estimator {
  const ProductShape& shape;
  bool rotated;
  const ProductSide &a, &b;
  const std::vector<KnownEntry>& diagonal;

  ProductEstimate operator()(Matrix<double> product, const ProductOptions& options,
                             const Context& context) const {
    ErrorSums sum;
    std::vector<ErrorSums> sums(static_cast<std::size_t>(product.rows));
    for_each_row(context, product.rows, [&](Index i) {
      ErrorSums row;
      for (Index j = 0; j < product.cols; ++j)
        if (is_known(i, j))
          row.add(diagonal[at(i)].variance);
        else
          row.add(error_of(i, j), product(i, j) *= shape.factor, rotated);
      sums[at(i)] = row;
    });
    for (const ErrorSums& row : sums) sum.add(row);

    ProductEstimate result;
    result.frobenius_error = frobenius_error(sum, options.confidence, rotated);
    result.matched_rows = static_cast<Index>(shape.rows);
    result.effective_rows = shape.rows;
    if (options.standard_deviations)
      result.standard_deviation = standard_deviations(product, sum.mean_cosine.value(), context);
    add_means(product);
    result.value = std::move(product);
    return result;
  }

 private:
  static std::size_t at(Index i) { return static_cast<std::size_t>(i); }
  bool is_known(Index i, Index j) const { return i == j && !diagonal.empty(); }
  EntryError error_of(Index i, Index j) const {
    return EntryError(shape, a.columns[at(i)], b.columns[at(j)]);
  }
  template <class Body>
  static void for_each_row(const Context& context, Index rows, const Body& body) {
    Context quiet = context;
    quiet.progress = nullptr;
    parallel_blocks(quiet, rows, kRows, [&](Index first, Index count) {
      for (Index i = first; i < first + count; ++i) body(i);
    });
  }

  Matrix<double> standard_deviations(const Matrix<double>& product, double mean_squared_cosine,
                                     const Context& context) const {
    Matrix<double> deviation(product.rows, product.cols);
    for_each_row(context, product.rows, [&](Index i) {
      for (Index j = 0; j < product.cols; ++j) {
        deviation(i, j) =
            is_known(i, j) ? std::sqrt(diagonal[at(i)].variance)
                           : error_of(i, j).standard_deviation(product(i, j), mean_squared_cosine);
      }
    });
    return deviation;
  }

  void add_means(Matrix<double>& product) const {
    if (!a.mean.empty() && !b.mean.empty())
      for (Index i = 0; i < product.rows; ++i)
        for (Index j = 0; j < product.cols; ++j)
          product(i, j) += shape.rows * (a.mean[at(i)] * b.mean[at(j)]);
    for (std::size_t i = 0; i < diagonal.size(); ++i)
      product(static_cast<Index>(i), static_cast<Index>(i)) = diagonal[i].value;
  }
};

}  // namespace

// Where the other side keeps its means in the codes, its errors meet the mean of this one too.
ProductSide side_of(const LatticeCodes& codes, bool other_centred, const Context& context) {
  ProductSide side{{}, codes.parts().mean};
  for (const ColumnNumber& number : column_numbers(codes, context)) {
    ProductColumn column{number.squared_norm, number.noise, number.gain, 1 / number.gain, 1};
    if (codes.spec().centre && !other_centred) {
      const double own = side.mean[side.columns.size()];
      const double mean = static_cast<double>(codes.rows()) * own * own;
      const double whole = column.squared_norm + mean;
      if (whole > 0) column.noise *= column.squared_norm / whole;
      column.squared_norm = whole;
      column.along = 0;
    }
    side.columns.push_back(column);
  }
  return side;
}

ProductShape shape_of(const LatticeCodes& a, const LatticeSpec& b) {
  const auto rows = static_cast<double>(a.rows()), kept = static_cast<double>(a.size()) / rows;
  const bool least_error = a.spec().gain == coding::Gain::kMmse && b.gain == coding::Gain::kMmse;
  return {rows, kept, least_error ? 1 : 1 / kept, ErrorOverlap(a.spec().coding),
          ErrorOverlap(b.coding)};
}

ProductEstimate estimate_of(DecodedProduct product, const ProductSide& a, const ProductSide& b,
                            const ProductOptions& options, const Context& context) {
  const Estimator estimate{product.shape, product.rotated, a, b, product.diagonal};
  return estimate(std::move(product.values), options, context);
}

}  // namespace prodigest::lattice
