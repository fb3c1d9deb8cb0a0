// Verbs on digests of any method: each goes to the method's own.

#include "prodigest/digest/digest.hpp"

#include <type_traits>

#include "base/fail.hpp"
#include "prodigest/lattice/encoder.hpp"
#include "prodigest/lattice/product.hpp"
#include "prodigest/linear/merge.hpp"
#include "prodigest/linear/product.hpp"
#include "prodigest/linear/sketch_rows.hpp"
#include "prodigest/sampling/merge.hpp"
#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_rows.hpp"

namespace prodigest::digest {
namespace {

[[noreturn]] void refuse_mixture(const char* where, const char* which, const Digest& a,
                                 const Digest& b) {
  fail(ErrorCode::kIncompatible,
       "{}: {} digests must be of one method family, got {} and {} (sketch one again with the "
       "other's method)",
       where, which, to_text(spec_of(a)), to_text(spec_of(b)));
}

lattice::LatticeCodes merge(std::span<const lattice::LatticeCodes>) {
  fail(ErrorCode::kUnsupported,
       "merge: lattice codes of some rows cannot be merged, since a column is rotated as a whole "
       "(quantize the whole matrix, or sketch the parts with countsketch)");
}

template <class Kind>
Digest merge_of(std::span<const Digest> parts) {
  std::vector<Kind> same;
  same.reserve(parts.size());
  for (const Digest& part : parts) {
    const Kind* const digest = std::get_if<Kind>(&part);
    if (digest == nullptr) refuse_mixture("merge", "all", parts[0], part);
    same.push_back(*digest);
  }
  return merge(std::span<const Kind>(same));
}

}  // namespace

Digest sketch(io::RowReader& reader, const DigestSpec& spec, const Schema& schema,
              const Context& context) {
  if (const auto* const sample = std::get_if<sampling::SampleSpec>(&spec))
    return sampling::sample_rows(reader, *sample, schema, context);
  if (const auto* const codes = std::get_if<lattice::LatticeSpec>(&spec))
    return lattice::encode_rows(reader, *codes, schema, context);
  return linear::sketch_rows(reader, std::get<linear::LinearSpec>(spec), schema, context);
}

Digest sketch(const RowsView& a, const DigestSpec& spec, std::span<const RowId> row_ids,
              const Schema& schema, const Context& context) {
  if (const auto* const sample = std::get_if<sampling::SampleSpec>(&spec))
    return sampling::sample_rows(a, *sample, row_ids, schema, context);
  if (const auto* const codes = std::get_if<lattice::LatticeSpec>(&spec))
    return lattice::encode_rows(a, *codes, row_ids, schema, context);
  return linear::sketch_rows(a, std::get<linear::LinearSpec>(spec), row_ids, schema, context);
}

DigestSpec spec_of(const Digest& digest) {
  return std::visit([](const auto& d) -> DigestSpec { return d.spec(); }, digest);
}

const Schema& schema_of(const Digest& digest) {
  return std::visit([](const auto& d) -> const Schema& { return d.schema(); }, digest);
}

Index rows_of(const Digest& digest) {
  return std::visit([](const auto& d) { return d.rows(); }, digest);
}

Index cols_of(const Digest& digest) {
  return std::visit([](const auto& d) { return d.cols(); }, digest);
}

std::optional<double> squared_norm_of(const Digest& digest) {
  return std::visit([](const auto& d) -> std::optional<double> { return d.squared_norm(); },
                    digest);
}

Digest merge(std::span<const Digest> parts) {
  if (parts.empty())
    fail(ErrorCode::kInvalidArgument, "merge: expected at least one digest, got none");
  return std::visit(
      [&](const auto& first) { return merge_of<std::decay_t<decltype(first)>>(parts); }, parts[0]);
}

ProductEstimate estimate_product(const Digest& a, const Digest& b, const ProductOptions& options,
                                 const Context& context) {
  return std::visit(
      [&](const auto& left, const auto& right) -> ProductEstimate {
        if constexpr (std::is_same_v<decltype(left), decltype(right)>)
          return estimate_product(left, right, options, context);
        else
          refuse_mixture("product", "both", a, b);
      },
      a, b);
}

}  // namespace prodigest::digest
