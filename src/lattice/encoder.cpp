#include "prodigest/lattice/encoder.hpp"

#include <algorithm>
#include <utility>

#include "base/fail.hpp"
#include "core/entries.hpp"
#include "lattice/append_columns.hpp"
#include "lattice/spec_of_rows.hpp"

namespace prodigest::lattice {
namespace {

constexpr char kWhere[] = "lattice encoder";

// Vectors that lie one after the other are columns already.
ColumnSource source_of_vectors(const RowsView& vectors, Index first_col) {
  const auto copy = [&vectors](Index first, MatrixView<double> panel) {
    std::visit(
        [&](const auto& view) {
          for (Index j = 0; j < panel.rows; ++j) {
            const std::span<double> column = panel.row(j);
            std::ranges::fill(column, 0.0);
            for_each_entry(view, first + j, [&](Index entry, auto value) {
              column[static_cast<std::size_t>(entry)] = static_cast<double>(value);
            });
          }
        },
        vectors);
  };
  return {rows_of(vectors), copy, [first_col](Index column, Index entry) {
            return fmt::format("vector {}, entry {}", first_col + column, entry);
          }};
}

}  // namespace

struct LatticeEncoder::Impl {
  Impl(const LatticeSpec& spec, Index rows)
      : parts(no_columns(spec_of_rows(kWhere, spec, rows), rows, row_set_of(rows))),
        encoder(parts.spec, rows) {}

  LatticeParts parts;
  ColumnEncoder encoder;
};

LatticeEncoder::LatticeEncoder(const LatticeSpec& spec, Index rows)
    : impl_(std::make_unique<Impl>(spec, rows)) {}
LatticeEncoder::LatticeEncoder(LatticeEncoder&&) noexcept = default;
LatticeEncoder& LatticeEncoder::operator=(LatticeEncoder&&) noexcept = default;
LatticeEncoder::~LatticeEncoder() = default;

Index LatticeEncoder::cols() const noexcept { return std::ssize(impl_->parts.scale); }

void LatticeEncoder::append(const RowsView& columns, const Context& context) {
  const Index rows = impl_->parts.rows;
  if (rows_of(columns) != rows)
    fail(ErrorCode::kInvalidArgument, "{}: expected columns of {} rows, got {}", kWhere, rows,
         rows_of(columns));
  check_numbered_columns(kWhere, columns);
  ColumnsOfRows block(cols_of(columns));
  block.add(columns);
  append_columns(kWhere, impl_->encoder, source_of(block, {}, cols()), impl_->parts, context);
}

void LatticeEncoder::append_vectors(const RowsView& vectors, const Context& context) {
  const Index rows = impl_->parts.rows;
  if (cols_of(vectors) != rows)
    fail(ErrorCode::kInvalidArgument, "{}: expected vectors of {} entries, got {}", kWhere, rows,
         cols_of(vectors));
  check_numbered_columns(kWhere, vectors);
  append_columns(kWhere, impl_->encoder, source_of_vectors(vectors, cols()), impl_->parts, context);
}

LatticeCodes LatticeEncoder::snapshot(Schema schema) const {
  LatticeParts parts = impl_->parts;
  parts.schema = std::move(schema);
  return LatticeCodes(std::move(parts));
}

LatticeCodes LatticeEncoder::finish(Schema schema) && {
  LatticeParts parts = std::move(impl_->parts);
  impl_ = nullptr;
  parts.schema = std::move(schema);
  return LatticeCodes(std::move(parts));
}

}  // namespace prodigest::lattice
