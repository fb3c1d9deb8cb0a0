#pragma once
/// Digests of any method behind one set of verbs.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/core/estimate.hpp"
#include "prodigest/core/schema.hpp"
#include "prodigest/io/container.hpp"
#include "prodigest/io/row_reader.hpp"
#include "prodigest/lattice/lattice_codes.hpp"
#include "prodigest/linear/linear_sketch.hpp"
#include "prodigest/sampling/row_sample.hpp"

namespace prodigest::digest {

using DigestSpec = std::variant<sampling::SampleSpec, linear::LinearSpec, lattice::LatticeSpec>;
using Digest = std::variant<sampling::RowSample, linear::LinearSketch, lattice::LatticeCodes>;

/// The names before the colon of a spec: priority, threshold, gaussian, sign, countsketch, osnap,
/// srht, lattice.
std::span<const std::string_view> method_names();

/// Reads any method's spec.  @throws Error{kInvalidArgument}, with the nearest name for an unknown one
DigestSpec parse_digest_spec(std::string_view text);
std::string to_text(const DigestSpec& spec);
Index size_of(const DigestSpec& spec);
DigestSpec with_size(DigestSpec spec, Index size);
DigestSpec with_seed(DigestSpec spec, Seed seed);

/// Digests all rows that the reader has left; a method that must see the rows twice rewinds it.
/// @throws Error as the method and the reader do
Digest sketch(io::RowReader& reader, const DigestSpec& spec, const Schema& schema = {},
              const Context& context = {});
/// The same for a matrix in memory; rows are numbered 0, 1, 2... if row_ids is empty.
/// @shape a: n x d, row_ids: [n] or empty
Digest sketch(const RowsView& a, const DigestSpec& spec, std::span<const RowId> row_ids = {},
              const Schema& schema = {}, const Context& context = {});

DigestSpec spec_of(const Digest& digest);
const Schema& schema_of(const Digest& digest);
Index rows_of(const Digest& digest);                        ///< n, rows seen
Index cols_of(const Digest& digest);                        ///< d
std::optional<double> squared_norm_of(const Digest& digest);  ///< ||A||²_F if it is known

/// The digest of all rows of the parts.
/// @throws Error{kIncompatible} also for digests of different kinds; Error{kUnsupported} for lattice
/// codes, whose columns are rotated as a whole
Digest merge(std::span<const Digest> parts);

/// @throws Error{kIncompatible} also for digests of different kinds
ProductEstimate estimate_product(const Digest& a, const Digest& b, const ProductOptions& options = {},
                                 const Context& context = {});

std::vector<std::byte> to_bytes(const Digest& digest);
/// @throws Error{kFormat}, Error{kUnsupported} for a kind that this version does not know
Digest digest_from(const io::Container& container);
void save(const Digest& digest, const std::filesystem::path& path);  ///< "-" is standard output
Digest load(const std::filesystem::path& path);                      ///< "-" is standard input

}  // namespace prodigest::digest
