#include <algorithm>
#include <numeric>
#include <vector>

#include "base/fail.hpp"
#include "core/parallel.hpp"
#include "core/row_checks.hpp"
#include "io/memory_rows.hpp"
#include "lattice/append_columns.hpp"
#include "lattice/spec_of_rows.hpp"
#include "prodigest/lattice/encoder.hpp"

namespace prodigest::lattice {
namespace {

constexpr char kWhere[] = "encode_rows";

// A matrix, gathered, and the names of its rows.
struct NamedRows {
  ColumnsOfRows columns;
  std::vector<RowId> ids;

  // Puts rows in the order of their ids.
  void sort() {
    if (!std::ranges::is_sorted(ids)) {
      std::vector<Index> order(ids.size()), place(ids.size());
      std::iota(order.begin(), order.end(), Index{0});
      std::ranges::sort(order, {}, [this](Index i) { return ids[static_cast<std::size_t>(i)]; });
      for (std::size_t at = 0; at < order.size(); ++at)
        place[static_cast<std::size_t>(order[at])] = static_cast<Index>(at);
      columns.set_places(std::move(place));
      std::ranges::sort(ids);
    }
    const auto twice = std::ranges::adjacent_find(ids);
    if (twice != ids.end())
      fail(ErrorCode::kInvalidArgument,
           "{}: row ids must differ, got {} twice (drop or merge rows with the same key)", kWhere,
           *twice);
  }
};

LatticeCodes encode(NamedRows rows, const LatticeSpec& spec, const Schema& schema,
                    const Context& context) {
  const LatticeSpec complete = spec_of_rows(kWhere, spec, rows.columns.rows());
  rows.sort();
  LatticeParts parts = no_columns(complete, rows.columns.rows(), row_set_of(rows.ids));
  parts.schema = schema;
  append_columns(kWhere, ColumnEncoder(complete, parts.rows), source_of(rows.columns, rows.ids),
                 parts, context);
  return LatticeCodes(std::move(parts));
}

}  // namespace

LatticeCodes encode_rows(io::RowReader& reader, const LatticeSpec& spec, const Schema& schema,
                         const Context& context) {
  validate(spec);
  check_cols(kWhere, reader.cols());
  NamedRows rows{ColumnsOfRows(reader.cols()), {}};
  io::RowBlock block;
  std::vector<RowId> numbers;
  while (reader.next(block)) {
    throw_if_cancelled(context);
    const std::span<const RowId> ids = io::row_ids_of(block, numbers);
    check_columns(kWhere, block.rows, ids);
    rows.columns.add_copy(block.rows);
    rows.ids.insert(rows.ids.end(), ids.begin(), ids.end());
    if (context.progress) context.progress(rows.columns.rows());
  }
  Context quiet = context;  // progress is counted in rows, and they are read
  quiet.progress = nullptr;
  return encode(std::move(rows), spec, schema, quiet);
}

LatticeCodes encode_rows(const RowsView& a, const LatticeSpec& spec, std::span<const RowId> row_ids,
                         const Schema& schema, const Context& context) {
  std::vector<RowId> numbers;
  const std::span<const RowId> ids = io::row_ids_of({a, 0, row_ids}, numbers);
  check_cols(kWhere, cols_of(a));
  check_block(kWhere, a, cols_of(a), ids.size());
  check_columns(kWhere, a, ids);
  NamedRows rows{ColumnsOfRows(cols_of(a)), {ids.begin(), ids.end()}};
  rows.columns.add(a);
  return encode(std::move(rows), spec, schema, context);
}

LatticeCodes encode_vectors(io::RowReader& reader, const LatticeSpec& spec,
                            const Context& context) {
  LatticeEncoder encoder(spec, reader.cols());
  Context quiet = context;  // progress is counted over blocks, not within one
  quiet.progress = nullptr;
  io::RowBlock block;
  while (reader.next(block)) {
    encoder.append_vectors(block.rows, quiet);
    if (context.progress) context.progress(encoder.cols());
  }
  return std::move(encoder).finish();
}

}  // namespace prodigest::lattice
