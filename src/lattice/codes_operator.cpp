#include <algorithm>
#include <cmath>
#include <vector>

#include "base/fail.hpp"
#include "core/parallel.hpp"
#include "lattice/append_columns.hpp"
#include "lattice/coded_columns.hpp"
#include "lattice/column_numbers.hpp"
#include "lattice/hand_columns.hpp"
#include "lattice/product_estimate.hpp"
#include "prodigest/lattice/product.hpp"

namespace prodigest::lattice {
namespace {

constexpr char kWhere[] = "product";

void check_length(const char* what, std::size_t got, Index expected) {
  if (static_cast<Index>(got) != expected)
    fail(ErrorCode::kInvalidArgument, "{}: {} must have {} entries, got {}", kWhere, what, expected,
         got);
}

double sum_of_squares(std::span<const std::int8_t> values) {
  std::int64_t sum = 0;
  for (const std::int8_t value : values) sum += value * value;
  return static_cast<double>(sum);
}

}  // namespace

// y is coded as a column of I8 would be, in place.
struct CodesOperator::Impl {
  explicit Impl(const LatticeCodes& codes_)
      : codes(codes_),
        spec(spec_at_hand(codes.spec())),
        encoder(spec, codes.rows()),
        side(side_of(codes, spec.centre, {})),
        shape(shape_of(codes, spec)),
        column(static_cast<std::size_t>(codes.rows())),
        floats(column.size()),
        bytes(static_cast<std::size_t>(encoder.code_bytes())),
        values(static_cast<std::size_t>((codes.size() + 63) / 64 * 64)) {}

  const LatticeCodes& codes;
  LatticeSpec spec;  // of y
  ColumnEncoder encoder;
  ProductSide side;
  ProductShape shape;
  std::vector<double> column;
  std::vector<float> floats;
  std::vector<std::uint8_t> bytes;
  std::vector<std::int8_t> values;

  ColumnScale round(std::span<const float> y);
  void multiply(const ColumnScale& y, std::span<float> out, const Context& context) const;
  void deviate(const ColumnScale& y, std::span<const float> product,
               std::span<float> deviation) const;
  void add_means(const ColumnScale& y, std::span<float> out) const;
};

ColumnScale CodesOperator::Impl::round(std::span<const float> y) {
  check_length("y", y.size(), codes.rows());
  std::ranges::copy(y, column.begin());
  if (const auto scale = encoder.encode(column, floats, bytes, values)) return *scale;
  const auto bad = std::ranges::find_if(column, is_refused);
  refuse_entry(kWhere, *bad, fmt::format("entry {}", bad - column.begin()));
}

void CodesOperator::Impl::multiply(const ColumnScale& y, std::span<float> out,
                                   const Context& context) const {
  check_length("the result", out.size(), codes.cols());
  const auto factor = static_cast<float>(shape.factor);
  coding::multiply_coded(coded_columns(codes.parts()), values, factor * y.scale, out, context);
}

void CodesOperator::Impl::deviate(const ColumnScale& y, std::span<const float> product,
                                  std::span<float> deviation) const {
  check_length("the standard deviations", deviation.size(), codes.cols());
  const ColumnNumber number = column_number(spec.gain, y, sum_of_squares(values), shape.kept);
  const ProductColumn column_y{number.squared_norm, number.noise, number.gain, 1 / number.gain};
  const auto error_of = [&](std::size_t i) { return EntryError(shape, side.columns[i], column_y); };
  MeanCosine mean;
  for (std::size_t i = 0; i < product.size(); ++i)
    mean.add(error_of(i), error_of(i).squared_cosine(double{product[i]}));
  for (std::size_t i = 0; i < product.size(); ++i)
    deviation[i] =
        static_cast<float>(error_of(i).standard_deviation(double{product[i]}, mean.value()));
}

void CodesOperator::Impl::add_means(const ColumnScale& y, std::span<float> out) const {
  const double sum = shape.rows * y.mean;
  for (std::size_t i = 0; i < side.mean.size(); ++i)
    out[i] = static_cast<float>(double{out[i]} + side.mean[i] * sum);
}

CodesOperator::CodesOperator(const LatticeCodes& codes) {
  if (!coding::decodes_to_int8(codes.spec().coding))
    fail(ErrorCode::kInvalidArgument,
         "{}: a vector can be multiplied with codes that decode to int8, got {} (use "
         "estimate_product)",
         kWhere, to_text(codes.spec()));
  impl_ = std::make_unique<Impl>(codes);
}
CodesOperator::CodesOperator(CodesOperator&&) noexcept = default;
CodesOperator& CodesOperator::operator=(CodesOperator&&) noexcept = default;
CodesOperator::~CodesOperator() = default;

Index CodesOperator::rows() const noexcept { return impl_->codes.rows(); }
Index CodesOperator::cols() const noexcept { return impl_->codes.cols(); }

void CodesOperator::apply(std::span<const float> y, std::span<float> out, const Context& context) {
  const ColumnScale scale = impl_->round(y);
  impl_->multiply(scale, out, context);
  impl_->add_means(scale, out);
}

void CodesOperator::apply(std::span<const float> y, std::span<float> out,
                          std::span<float> standard_deviation, const Context& context) {
  const ColumnScale scale = impl_->round(y);
  impl_->multiply(scale, out, context);
  impl_->deviate(scale, out, standard_deviation);
  impl_->add_means(scale, out);
}

}  // namespace prodigest::lattice
