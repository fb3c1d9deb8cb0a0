#include "sampling/coded_values.hpp"

#include <algorithm>
#include <cmath>

#include "base/fail.hpp"
#include "coding/half.hpp"
#include "core/compact_rows.hpp"
#include "core/parallel.hpp"
#include "core/row_checks.hpp"
#include "core/squared_norms.hpp"

namespace prodigest::sampling {
namespace {

constexpr Index kRowsOfTask = 64;

void require(bool rule, const char* text) {
  if (!rule) fail(ErrorCode::kInvalidArgument, "row sample: {}", text);
}

template <Real T, class View>
CodedRows code(const SampleParts& parts, const View& view, const Context& context) {
  const auto& coding = *parts.spec.values;
  const auto size = static_cast<std::size_t>(view.rows);
  CodedRows coded;
  coded.single = std::same_as<T, float>;
  coded.squared_norms.resize(size);
  coded.noises.resize(size);
  squared_norms(view, coded.squared_norms);
  std::vector<std::size_t> code_start{0};
  std::vector<std::size_t> column_start{0};
  for (std::size_t i = 0; i < size; ++i) {
    const RowRef<T> row = row_ref(view, static_cast<Index>(i));
    const auto nonzeros = static_cast<Index>(count_nonzeros(row.values));
    coded.sizes.push_back(coded_size(coding, nonzeros, parts.cols));
    const bool full = coded.sizes.back() == parts.cols;
    if (!full)
      for_each_nonzero(row, [&](std::int32_t column, T) { coded.columns.push_back(column); });
    column_start.push_back(coded.columns.size());
    code_start.push_back(code_start.back() +
                         static_cast<std::size_t>(row_code_bytes(coding, coded.sizes.back())));
  }
  coded.codes.resize(code_start.back());
  parallel_blocks(context, view.rows, kRowsOfTask, [&](Index first, Index count) {
    RowCoder coder(parts.spec, parts.cols);
    std::vector<T> entries;
    for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(first + count);
         ++i) {
      const RowRef<T> row = row_ref(view, static_cast<Index>(i));
      entries.clear();
      const bool full = coded.sizes[i] == parts.cols;
      if (full) entries.resize(static_cast<std::size_t>(parts.cols));
      for_each_nonzero(row, [&](std::int32_t column, T x) {
        full ? void(entries[static_cast<std::size_t>(column)] = x) : entries.push_back(x);
      });
      const std::span columns(coded.columns);
      coded.noises[i] = coder.encode<T>(
          parts.row_ids[i], coded.squared_norms[i],
          columns.subspan(column_start[i], column_start[i + 1] - column_start[i]), entries,
          std::span(coded.codes).subspan(code_start[i], code_start[i + 1] - code_start[i]));
    }
  });
  return coded;
}

template <Real T>
AnyMatrix decode(const SampleParts& parts) {
  const std::vector<CodedRow> coded = coded_rows(parts);
  std::vector<std::size_t> start{0};
  for (const CodedRow& row : coded)
    start.push_back(start.back() + static_cast<std::size_t>(row.size));
  std::vector<T> values(start.back());
  std::vector<RowRef<T>> rows(coded.size());
  RowCoder coder(parts.spec, parts.cols);
  for (std::size_t i = 0; i < coded.size(); ++i) {
    const std::span entries = std::span(values).subspan(start[i], start[i + 1] - start[i]);
    coder.decode<T>(parts.row_ids[i], coded[i], entries);
    if (!std::ranges::all_of(entries, [](T x) { return std::isfinite(x); }))
      fail(ErrorCode::kInvalidArgument,
           "row sample: coded values of row {} are beyond the largest float (scale the matrix, or "
           "give doubles)",
           parts.row_ids[i]);
    rows[i] = {coded[i].columns, entries};
  }
  return compact_rows<T>(rows, parts.cols);
}

}  // namespace

void code_rows(SampleParts& parts, const Context& context) {
  parts.coded = std::visit(
      [&](const auto& rows) {
        const auto view = rows.view();
        return code<typename std::remove_cvref_t<decltype(view)>::Value>(parts, view, context);
      },
      parts.rows);
}

std::vector<CodedRow> coded_rows(const SampleParts& parts) {
  const CodedRows& coded = *parts.coded;
  const std::size_t size = parts.row_ids.size();
  require(coded.squared_norms.size() == size && coded.noises.size() == size &&
              coded.sizes.size() == size,
          "coded rows must be as many as row ids");
  std::vector<CodedRow> rows;
  std::span<const std::int32_t> columns(coded.columns);
  std::span<const std::uint8_t> codes(coded.codes);
  for (std::size_t i = 0; i < size; ++i) {
    const double norm = coded.squared_norms[i];
    const float noise = coded.noises[i];
    require(norm == 0 || (norm >= kLeastSquaredNorm && norm <= kMostSquaredNorm),
            "squared norms of coded rows must be 0 or in [2^-1022, 2^960]");
    require(
        noise >= 0 && std::isfinite(noise) && coding::from_half(coding::to_half(noise)) == noise,
        "noises of coded rows must be half-precision numbers from 0 on");
    const Index entries = coded.sizes[i];
    require(entries >= 0 && entries <= parts.cols, "sizes of coded rows must be in [0, cols]");
    const auto listed = static_cast<std::size_t>(entries < parts.cols ? entries : 0);
    const auto bytes = static_cast<std::size_t>(row_code_bytes(*parts.spec.values, entries));
    require(listed <= columns.size() && bytes <= codes.size(),
            "columns and codes must be as many as the sizes of coded rows say");
    rows.push_back({norm, noise, columns.first(listed), codes.first(bytes), entries});
    const auto& own = rows.back().columns;
    require(own.empty() || (own.front() >= 0 && own.back() < parts.cols &&
                            std::ranges::adjacent_find(own, std::greater_equal<>()) == own.end()),
            "columns of a coded row must ascend within [0, cols)");
    columns = columns.subspan(listed);
    codes = codes.subspan(bytes);
  }
  require(columns.empty() && codes.empty(),
          "columns and codes must be as many as the sizes of coded rows say");
  return rows;
}

AnyMatrix decode_rows(const SampleParts& parts) {
  return parts.coded->single ? decode<float>(parts) : decode<double>(parts);
}

void append_row(CodedRows& rows, const CodedRow& row) {
  rows.squared_norms.push_back(row.squared_norm);
  rows.noises.push_back(row.noise);
  rows.sizes.push_back(row.size);
  rows.columns.insert(rows.columns.end(), row.columns.begin(), row.columns.end());
  rows.codes.insert(rows.codes.end(), row.codes.begin(), row.codes.end());
}

}  // namespace prodigest::sampling
