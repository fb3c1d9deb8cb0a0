#include "lattice/append_columns.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "base/fail.hpp"
#include "core/parallel.hpp"

namespace prodigest::lattice {
namespace {

// A few columns at a time, so that rows are read by whole cache lines while a panel fits the cache;
// fewer where columns are long.
Index panel_columns(Index rows) {
  constexpr Index kEntries = Index{1} << 19;
  return std::clamp<Index>(kEntries / rows, 4, 32);
}

// Lengths of all that a column has an entry of.
void resize(LatticeParts& parts, Index cols, Index code_bytes) {
  const auto size = static_cast<std::size_t>(cols);
  parts.mean.resize(parts.spec.centre ? size : 0);
  parts.scale.resize(size);
  parts.noise.resize(size);
  parts.norm.resize(parts.spec.gain == coding::Gain::kPlain ? size : 0);
  parts.codes.resize(size * static_cast<std::size_t>(code_bytes));
}

void put(LatticeParts& parts, Index column, const ColumnScale& scale) {
  const auto at = static_cast<std::size_t>(column);
  if (!parts.mean.empty()) parts.mean[at] = scale.mean;
  parts.scale[at] = scale.scale;
  parts.noise[at] = scale.noise;
  if (!parts.norm.empty()) parts.norm[at] = scale.norm;
}

}  // namespace

std::string place_of(RowId row, Index column) {
  return fmt::format("row {}, column {}", row, column);
}

void refuse_entry(const char* where, double value, const std::string& place) {
  if (!std::isfinite(value))
    fail(ErrorCode::kInvalidArgument,
         "{}: entries must be finite, got {} in {} (drop the row or put a number)", where, value,
         place);
  fail(ErrorCode::kInvalidArgument,
       "{}: entries must be at most {} in size, got {} in {} (divide the matrix by a power of two; "
       "the product scales with it)",
       where, kLargestEntry, value, place);
}

ColumnSource source_of(const ColumnsOfRows& columns, std::span<const RowId> row_ids,
                       Index first_col) {
  const auto place = [row_ids, first_col](Index column, Index entry) {
    const RowId row =
        row_ids.empty() ? static_cast<RowId>(entry) : row_ids[static_cast<std::size_t>(entry)];
    return place_of(row, first_col + column);
  };
  return {columns.cols(),
          [&columns](Index first, MatrixView<double> panel) { columns.copy(first, panel); }, place};
}

LatticeParts no_columns(const LatticeSpec& spec, Index rows, std::uint64_t row_set) {
  LatticeParts parts;
  parts.spec = spec;
  parts.rows = rows;
  parts.row_set = row_set;
  return parts;
}

void append_columns(const char* where, const ColumnEncoder& encoder, const ColumnSource& source,
                    LatticeParts& parts, const Context& context) {
  const Index before = std::ssize(parts.scale), bytes = encoder.code_bytes();
  const Index stride = parts.rows + 8;  // no power of two, whose multiples share a place in caches
  try {
    resize(parts, before + source.cols, bytes);
    parallel_blocks(context, source.cols, panel_columns(parts.rows), [&](Index first, Index count) {
      const auto storage =
          std::make_unique_for_overwrite<double[]>(static_cast<std::size_t>(count * stride));
      const MatrixView<double> panel(storage.get(), count, parts.rows, stride);
      std::vector<float> floats(static_cast<std::size_t>(parts.rows));
      source.copy(first, panel);
      for (Index j = 0; j < count; ++j) {
        const Index column = before + first + j;
        const std::span<std::uint8_t> codes(parts.codes.data() + column * bytes,
                                            static_cast<std::size_t>(bytes));
        const std::optional<ColumnScale> scale = encoder.encode(panel.row(j), floats, codes);
        if (!scale) {
          const auto entries = panel.row(j);
          const auto bad = std::ranges::find_if(entries, is_refused);
          refuse_entry(where, *bad, source.place(first + j, bad - entries.begin()));
        }
        put(parts, column, *scale);
      }
    });
  } catch (...) {
    resize(parts, before, bytes);
    throw;
  }
}

}  // namespace prodigest::lattice
