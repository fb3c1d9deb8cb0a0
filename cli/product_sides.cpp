#include "product_sides.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "core/digest_checks.hpp"
#include "digest_kind.hpp"
#include "exact_product.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/digest/digest.hpp"
#include "prodigest/lattice/product.hpp"
#include "prodigest/sampling/product.hpp"
#include "vectors.hpp"

namespace prodigest::cli {
namespace {

using digest::Digest;
using lattice::LatticeCodes;

ProductEstimate estimate(const Digest& a, const Digest& b, const ProductOptions& options,
                         const Context& context) {
  const auto* const left = std::get_if<LatticeCodes>(&a);
  const auto* const right = std::get_if<LatticeCodes>(&b);
  return left != nullptr && right != nullptr && lattice::same_codes(*left, *right)
             ? lattice::gram(*left, options, context)
             : digest::estimate_product(a, b, options, context);
}

Answer two_digests(const Digest& a, const Digest& b, const ProductOptions& options,
                   const Session& session) {
  const auto* const sketch = std::get_if<linear::LinearSketch>(&a);
  const auto* const codes = std::get_if<LatticeCodes>(&a);
  return {.estimate = estimate(a, b, options, session.context("product")),
          .a = digest::schema_of(a),
          .b = digest::schema_of(b),
          .norm_a = norm_of(a),
          .norm_b = norm_of(b),
          .sketch_rows = sketch ? sketch->size() : 0,
          .coded_coordinates = codes ? codes->size() : 0};
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

// The rows of the matrix are needed in the order of their ids, as the codes have them.
Answer beside_codes(const LatticeCodes& codes, const std::string& path, Input matrix,
                    const ProductOptions& options, const Session& session) {
  check_keys_meet("product", codes.schema(), matrix.schema);
  Schema schema = matrix.schema;
  const sampling::RowSample rows = whole_matrix(std::move(matrix), session);
  if (rows.rows() != codes.rows())
    throw Error(ErrorCode::kIncompatible,
                fmt::format("product: inner dimensions differ: {} has {} rows, and {} were coded",
                            path, rows.rows(), codes.rows()));
  if (lattice::row_set_of(rows.row_ids()) != codes.parts().row_set)
    throw Error(ErrorCode::kIncompatible,
                fmt::format("product: the rows of {} are not those that were coded, their keys "
                            "differ (keep the rows that both have, then code them again; row "
                            "samples match rows by themselves)",
                            path));
  return {.estimate =
              lattice::estimate_product(codes, rows.values(), options, session.context("product")),
          .a = codes.schema(),
          .b = std::move(schema),
          .norm_a = norm_of(codes),
          .norm_b = norm_of(rows),
          .coded_coordinates = codes.size()};
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
                  bool vectors, const ProductOptions& options, const Session& session) {
  const bool digest_a = is_digest_path(a), digest_b = is_digest_path(b);
  if (!digest_a && !digest_b)
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("product: expected at least one digest (.pdg), got {} and {} (make "
                            "one with prodigest sketch)",
                            a, b));

  const Digest digest = digest::load(digest_a ? a : b);
  const auto* const codes = std::get_if<LatticeCodes>(&digest);
  if (vectors && codes == nullptr)
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("product: --vectors goes with lattice codes, got {}, {}",
                            kind_of(digest), digest::to_text(digest::spec_of(digest))));
  if (digest_a && digest_b) return two_digests(digest, digest::load(b), options, session);

  const std::string& path = digest_a ? b : a;
  const io::ReadOptions reading = options_beside(digest::schema_of(digest), input.read_options());
  Input matrix =
      vectors ? open_vectors(path, reading, session) : open_input(path, reading, session);
  if (const auto* const sample = std::get_if<sampling::RowSample>(&digest)) {
    Answer answer = beside_sample(*sample, path, std::move(matrix), options, session);
    return digest_a ? answer : turned(std::move(answer));
  }
  if (codes != nullptr) {
    Answer answer = beside_codes(*codes, path, std::move(matrix), options, session);
    return digest_a ? answer : turned(std::move(answer));
  }
  const Digest other = sketched_like(digest, path, std::move(matrix), session);
  return digest_a ? two_digests(digest, other, options, session)
                  : two_digests(other, digest, options, session);
}

}  // namespace prodigest::cli
