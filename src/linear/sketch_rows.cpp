#include "prodigest/linear/sketch_rows.hpp"

#include <algorithm>
#include <bit>

#include "base/fail.hpp"
#include "core/parallel.hpp"
#include "io/memory_rows.hpp"
#include "prodigest/linear/sketcher.hpp"

namespace prodigest::linear {
namespace {

// The spec with its length filled in; srht without one takes a pass over the row ids.
LinearSpec complete_spec(io::RowReader& reader, LinearSpec spec, const Context& context) {
  validate(spec);
  if (spec.op != Operator::kHadamard || spec.length > 0) return spec;
  RowId largest = 0;
  bool empty = true;
  io::RowBlock block;
  while (reader.next(block)) {
    throw_if_cancelled(context);
    const auto rows = static_cast<RowId>(rows_of(block.rows));
    empty = empty && rows == 0;
    if (!block.row_ids.empty())
      largest = std::max(largest, std::ranges::max(block.row_ids));
    else if (rows > 0)
      largest = std::max(largest, block.first_row + rows - 1);
  }
  reader.rewind();
  if (largest >= RowId{1} << 62)
    fail(ErrorCode::kInvalidArgument,
         "sketch_rows: srht needs row ids below 2^62, got {} (number the rows, or take another "
         "method: keys of text become large numbers)",
         largest);
  const auto size = static_cast<std::uint64_t>(spec.size);
  const std::uint64_t length = std::bit_ceil(empty ? size : largest + 1);
  if (size > length)
    fail(ErrorCode::kInvalidArgument,
         "sketch_rows: the size of srht must be at most the number of rows, {} as a power of two, "
         "got {} (a sketch of more rows than the matrix saves nothing: choose a smaller size)",
         length, size);
  spec.length = static_cast<Index>(length);
  return spec;
}

}  // namespace

LinearSketch sketch_rows(io::RowReader& reader, const LinearSpec& spec, const Schema& schema,
                         const Context& context) {
  LinearSketcher sketcher(complete_spec(reader, spec, context), reader.cols(), schema);
  Context quiet = context;  // progress is counted over blocks, not within one
  quiet.progress = nullptr;
  io::RowBlock block;
  Index done = 0;
  while (reader.next(block)) {
    if (block.row_ids.empty())
      sketcher.update(block.rows, block.first_row, quiet);
    else
      sketcher.update(block.rows, block.row_ids, quiet);
    done += rows_of(block.rows);
    if (context.progress) context.progress(done);
  }
  return std::move(sketcher).finish();
}

LinearSketch sketch_rows(const RowsView& a, const LinearSpec& spec, std::span<const RowId> row_ids,
                         const Schema& schema, const Context& context) {
  if (!row_ids.empty() && std::ssize(row_ids) != rows_of(a))
    fail(ErrorCode::kInvalidArgument,
         "sketch_rows: expected a row id for each of {} rows or none, got {}", rows_of(a),
         row_ids.size());
  io::MemoryRows reader(a, row_ids);
  LinearSketcher sketcher(complete_spec(reader, spec, context), cols_of(a), schema);
  if (row_ids.empty())
    sketcher.update(a, RowId{0}, context);
  else
    sketcher.update(a, row_ids, context);
  return std::move(sketcher).finish();
}

}  // namespace prodigest::linear
