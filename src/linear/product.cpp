#include "prodigest/linear/product.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/digest_checks.hpp"
#include "core/gemm.hpp"
#include "linear/bands.hpp"
#include "linear/product_error.hpp"
#include "linear/sketch_checks.hpp"

namespace prodigest::linear {
namespace {

Wide squared_norm(std::span<const double> values) {
  Wide sum = 0;
  for (const double x : values) sum += static_cast<Wide>(x) * x;
  return sum;
}

std::vector<Wide> squared_row_norms(MatrixView<const double> values) {
  std::vector<Wide> norms;
  for (Index i = 0; i < values.rows; ++i) norms.push_back(squared_norm(values.row(i)));
  return norms;
}

// Squares of a sketch's entries, divided by a power of four that brings them into the range of
// double.
struct Squares {
  Matrix<double> values;
  std::vector<double> column_sums;
  int exponent = 0;  // entries were divided by 2^exponent

  explicit Squares(MatrixView<const double> sketch)
      : values(sketch.rows, sketch.cols), column_sums(static_cast<std::size_t>(sketch.cols)) {
    double largest = 0;
    for (Index i = 0; i < sketch.rows; ++i)
      for (const double x : sketch.row(i)) largest = std::max(largest, std::abs(x));
    if (largest > 0) exponent = std::ilogb(largest);
    for (Index i = 0; i < sketch.rows; ++i)
      for (Index j = 0; j < sketch.cols; ++j) {
        const double x = std::ldexp(sketch(i, j), -exponent);
        values(i, j) = x * x;
        column_sums[static_cast<std::size_t>(j)] += x * x;
      }
  }
};

// W and the squares of its independent parts, entry by entry where asked for.
struct Product {
  const LinearSpec& spec;
  MatrixView<const double> a, b;
  Matrix<double> value{a.cols, b.cols};
  ProductMoments moments{};

  // Sketch rows are independent: their parts of W are outer products.
  void by_rows(const std::vector<Wide>& norms_a, const std::vector<Wide>& norms_b,
               const Context& context) {
    multiply_transposed(a, b, value.view(), context);
    for (std::size_t r = 0; r < norms_a.size(); ++r) moments.parts += norms_a[r] * norms_b[r];
  }

  // Calls visit(W_j) for the part of every band, which is added to W.
  template <class Visit>
  void by_bands(const Context& context, const Visit& visit) {
    Matrix<double> part(a.cols, b.cols);
    for (Index j = 0; j < spec.nonzeros; ++j) {
      const Index first = band_begin(spec, j), count = band_begin(spec, j + 1) - first;
      multiply_transposed(a.slice(first, count), b.slice(first, count), part.view(), context);
      for (std::size_t i = 0; i < part.storage.size(); ++i) value.storage[i] += part.storage[i];
      moments.parts += squared_norm(part.storage);
      visit(part);
    }
  }

  Matrix<double> standard_deviations(const Squares& squares_a, const Squares& squares_b,
                                     Matrix<double> parts) const {
    for (Index x = 0; x < parts.rows; ++x)
      for (Index y = 0; y < parts.cols; ++y) {
        const Wide w =
            std::ldexp(std::ldexp(value(x, y), -squares_a.exponent), -squares_b.exponent);
        const Wide norms = static_cast<Wide>(squares_a.column_sums[static_cast<std::size_t>(x)]) *
                           squares_b.column_sums[static_cast<std::size_t>(y)];
        const Wide error = mean_squared_error(spec, {norms, w * w, parts(x, y)});
        parts(x, y) = static_cast<double>(
            std::ldexp(std::sqrt(error), squares_a.exponent + squares_b.exponent));
      }
    return parts;
  }
};

double effective_rows(const std::vector<Wide>& norms_a, const std::vector<Wide>& norms_b) {
  Wide sum = 0, squares = 0;
  for (std::size_t r = 0; r < norms_a.size(); ++r) {
    sum += std::sqrt(norms_a[r] * norms_b[r]);
    squares += norms_a[r] * norms_b[r];
  }
  return squares > 0 ? static_cast<double>(sum * sum / squares) : 0;
}

}  // namespace

ProductEstimate estimate_product(const LinearSketch& a, const LinearSketch& b,
                                 const ProductOptions& options, const Context& context) {
  check_product_options(options);
  check_same_projection("product", a, b);
  check_keys_meet("product", a.schema(), b.schema());

  const std::vector<Wide> norms_a = squared_row_norms(a.values()),
                          norms_b = squared_row_norms(b.values());
  const auto norm = [](const LinearSketch& sketch, const std::vector<Wide>& rows) {
    Wide sum = 0;
    for (const Wide row : rows) sum += row;
    return sketch.squared_norm() ? static_cast<Wide>(*sketch.squared_norm()) : sum;
  };

  Product product{a.spec(), a.values(), b.values()};
  ProductEstimate result;
  const bool deviations = options.standard_deviations;
  const bool bands = a.spec().op == Operator::kSparse && a.spec().nonzeros > 1;
  std::optional<Squares> squares_a, squares_b;
  if (deviations) {
    squares_a.emplace(a.values());
    squares_b.emplace(b.values());
    result.standard_deviation = Matrix<double>(a.cols(), b.cols());
  }
  Matrix<double>& parts = result.standard_deviation;  // until the last step
  if (bands) {
    product.by_bands(context, [&](const Matrix<double>& part) {
      if (!deviations) return;
      for (std::size_t i = 0; i < part.storage.size(); ++i) {
        const double x =
            std::ldexp(std::ldexp(part.storage[i], -squares_a->exponent), -squares_b->exponent);
        parts.storage[i] += x * x;
      }
    });
  } else {
    product.by_rows(norms_a, norms_b, context);
    if (deviations)
      multiply_transposed(squares_a->values, squares_b->values, parts.view(), context);
  }
  product.moments.norms = norm(a, norms_a) * norm(b, norms_b);
  product.moments.product = squared_norm(product.value.storage);
  if (deviations)
    result.standard_deviation =
        product.standard_deviations(*squares_a, *squares_b, std::move(parts));

  const ProductMoments& moments = product.moments;
  const Wide factor = variance_factor(a.spec()), variance = mean_squared_error(a.spec(), moments);
  const Wide failure = 1 - static_cast<Wide>(options.confidence);
  const Wide most = 2 * factor * moments.norms;
  const Wide likely = factor * (moments.norms + std::max<Wide>(0, moments.product - variance));
  FrobeniusError& error = result.frobenius_error;
  error.confidence = options.confidence;
  error.estimated = static_cast<double>(std::sqrt(variance));
  error.bound = static_cast<double>(std::sqrt(std::min(likely, most) / failure));
  error.apriori = static_cast<double>(std::sqrt(most / failure));
  result.effective_rows = effective_rows(norms_a, norms_b);
  result.value = std::move(product.value);
  return result;
}

}  // namespace prodigest::linear
