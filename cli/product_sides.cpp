#include "product_sides.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "prodigest/base/error.hpp"
#include "prodigest/digest/digest.hpp"
#include "prodigest/sampling/product.hpp"

namespace prodigest::cli {
namespace {

using digest::Digest;

Answer two_digests(const Digest& a, const Digest& b, const ProductOptions& options,
                   const Session& session) {
  const auto* const sketch = std::get_if<linear::LinearSketch>(&a);
  return {digest::estimate_product(a, b, options, session.context("product")),
          digest::schema_of(a),
          digest::schema_of(b),
          norm_of(a),
          norm_of(b),
          sketch ? sketch->size() : 0};
}

Digest sketched_like(const Digest& digest, const std::string& path, Input matrix,
                     const Session& session) {
  return digest::sketch(*matrix.reader, digest::spec_of(digest), matrix.schema,
                        session.context(path));
}

// The matrix is read a block at a time; of it only the rows that the sample holds are kept.
Answer beside_sample(const sampling::RowSample& sample, const std::string& path, Input matrix,
                     const ProductOptions& options, const Session& session) {
  sampling::ExactSide side(sample, matrix.reader->cols(), matrix.schema);
  const Context context = session.context(path);
  io::RowBlock block;
  Index done = 0;
  while (matrix.reader->next(block)) {
    if (context.cancel.stop_requested())
      throw Error(ErrorCode::kCancelled, "product: stopped by Ctrl-C");
    block.row_ids.empty() ? side.update(block.rows, block.first_row)
                          : side.update(block.rows, block.row_ids);
    done += rows_of(block.rows);
    if (context.progress) context.progress(done);
  }
  const DigestNorm norm = {std::sqrt(side.squared_norm())};
  return {std::move(side).estimate_product(options, context), sample.schema(), matrix.schema,
          norm_of(sample), norm};
}

Matrix<double> transposed(const Matrix<double>& matrix) {
  Matrix<double> result(matrix.cols, matrix.rows);
  for (Index i = 0; i < matrix.rows; ++i)
    for (Index j = 0; j < matrix.cols; ++j) result(j, i) = matrix(i, j);
  return result;
}

// AᵀB of BᵀA.
Answer turned(Answer answer) {
  std::swap(answer.a, answer.b);
  std::swap(answer.norm_a, answer.norm_b);
  answer.estimate.value = transposed(answer.estimate.value);
  answer.estimate.standard_deviation = transposed(answer.estimate.standard_deviation);
  return answer;
}

}  // namespace

Answer product_of(const std::string& a, const std::string& b, const InputOptions& input,
                  const ProductOptions& options, const Session& session) {
  const bool digest_a = is_digest_path(a), digest_b = is_digest_path(b);
  if (digest_a && digest_b) return two_digests(digest::load(a), digest::load(b), options, session);
  if (!digest_a && !digest_b)
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("product: expected at least one digest (.pdg), got {} and {} (make "
                            "one with prodigest sketch)",
                            a, b));

  const Digest digest = digest::load(digest_a ? a : b);
  const std::string& path = digest_a ? b : a;
  Input matrix =
      open_input(path, options_beside(digest::schema_of(digest), input.read_options()), session);
  if (const auto* const sample = std::get_if<sampling::RowSample>(&digest)) {
    Answer answer = beside_sample(*sample, path, std::move(matrix), options, session);
    return digest_a ? answer : turned(std::move(answer));
  }
  const Digest other = sketched_like(digest, path, std::move(matrix), session);
  return digest_a ? two_digests(digest, other, options, session)
                  : two_digests(other, digest, options, session);
}

}  // namespace prodigest::cli
