#include "prodigest/sampling/sample_file.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/fail.hpp"
#include "core/squared_norms.hpp"
#include "sampling/narrow.hpp"
#include "sampling/row_weights.hpp"

namespace prodigest::sampling {
namespace {

// Weights that can be computed again from the rows are not stored.
bool stores_weights(const SampleSpec& spec) { return needs_gram(spec) || spec.weight == Weight::kUser; }

std::string text_of(const ExactSum& sum) {
  std::string text;
  for (const double term : sum.expansion()) text.append(text.empty() ? "" : " ").append(io::exact_text(term));
  return text;
}

ExactSum sum_of(const io::Container& file, std::string_view key) {
  ExactSum sum;
  std::string_view text = file.text(key);
  while (!text.empty()) {
    double term = 0;
    const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), term);
    text.remove_prefix(static_cast<std::size_t>(last - text.data()));
    if (error != std::errc{} || !std::isfinite(term) || (!text.empty() && text[0] != ' '))
      fail(ErrorCode::kFormat, "{}: {} must be a sum of finite numbers, got \"{}\"", file.name(), key, file.text(key));
    sum.add(term);
    text.remove_prefix(text.empty() ? 0 : 1);
  }
  return sum;
}

// Column sums as planes: the first holds the rounded sums, those after it what rounding left.
std::vector<double> planes_of(const std::vector<ExactSum>& sums) {
  std::vector<double> planes(sums.size());
  for (std::size_t c = 0; c < sums.size(); ++c) {
    const std::vector<double> terms = sums[c].expansion();
    if (terms.size() * sums.size() > planes.size()) planes.resize(terms.size() * sums.size());
    for (std::size_t t = 0; t < terms.size(); ++t) planes[t * sums.size() + c] = terms[t];
  }
  return planes;
}

std::vector<std::byte> bytes_of(const std::vector<std::string>& names) {
  std::vector<std::byte> bytes;
  for (const std::string& name : names) {
    std::ranges::transform(name, std::back_inserter(bytes), [](char c) { return static_cast<std::byte>(c); });
    bytes.push_back(std::byte{0});
  }
  return bytes;
}

std::vector<std::string> names_of(const io::Container& file, std::string_view tensor_name) {
  std::vector<std::string> names;
  const io::Tensor* const tensor = file.find(tensor_name);
  if (tensor == nullptr) return names;
  std::string name;
  for (const std::byte byte : tensor->bytes) {
    if (byte != std::byte{0}) {
      name.push_back(static_cast<char>(byte));
    } else {
      names.push_back(std::move(name));
      name.clear();
    }
  }
  if (!name.empty()) fail(ErrorCode::kFormat, "{}: {} must end with a zero byte", file.name(), tensor_name);
  return names;
}

template <Real T>
SampledRows read_rows(const io::Container& file, Index size, Index cols) {
  if (file.find("columns") == nullptr) {
    Matrix<T> dense;
    dense.rows = size;
    dense.cols = cols;
    dense.storage = widen<T>(file, "values", {size, cols});
    return dense;
  }
  CsrMatrix<T> csr;
  csr.cols = cols;
  const Index entries = file.find("columns")->shape.empty() ? 0 : file.find("columns")->shape[0];
  csr.columns = widen<std::int32_t>(file, "columns", {entries});
  csr.values = widen<T>(file, "values", {entries});
  for (const Index row_size : widen<Index>(file, "row_sizes", {size})) csr.row_start.push_back(csr.row_start.back() + row_size);
  if (csr.row_start.back() != entries)  // before anything walks along them
    fail(ErrorCode::kFormat, "{}: row_sizes must add up to {} values, got {}", file.name(), entries, csr.row_start.back());
  return csr;
}

Index index_of(const io::Container& file, std::string_view key) {
  const std::uint64_t value = file.integer(key);
  if (value > static_cast<std::uint64_t>(std::numeric_limits<Index>::max()))
    fail(ErrorCode::kFormat, "{}: {} must be below 2^63, got {}", file.name(), key, value);
  return static_cast<Index>(value);
}

std::vector<double> computed_weights(const SampleParts& parts) {
  std::vector<double> weights(parts.row_ids.size());
  std::visit([&](const auto& rows) { squared_norms(rows.view(), weights); }, parts.rows);
  for (double& weight : weights) weight = row_weight(parts.spec, weight, 0);
  return weights;
}

RowSample read(const io::Container& file) {
  SampleParts parts;
  parts.spec = parse_sample_spec(file.text("spec"));
  parts.cols = index_of(file, "cols");
  parts.tau = file.number("tau");
  parts.tau_row = file.integer("tau_row");
  const io::Tensor* const ids = file.find("row_ids");
  const Index size = ids == nullptr || ids->shape.empty() ? 0 : ids->shape[0];
  const auto row_ids = file.values<RowId>("row_ids", {size});
  parts.row_ids.assign(row_ids.begin(), row_ids.end());
  const std::string& type = file.text("value_type");
  if (type != "f32" && type != "f64")
    fail(ErrorCode::kFormat, "{}: value_type must be f32 or f64, got \"{}\"", file.name(), type);
  if (parts.cols < 1 || parts.cols > std::numeric_limits<std::int32_t>::max())
    fail(ErrorCode::kFormat, "{}: cols must be 1 to 2^31 - 1, got {}", file.name(), parts.cols);
  parts.rows = type == "f32" ? read_rows<float>(file, size, parts.cols) : read_rows<double>(file, size, parts.cols);
  parts.weights = stores_weights(parts.spec) ? widen<double>(file, "weights", {size}) : computed_weights(parts);

  parts.totals.rows = index_of(file, "rows");
  if (parts.spec.totals != Totals::kNone) {
    parts.totals.nonzero_rows = index_of(file, "nonzero_rows");
    parts.totals.squared_norm = sum_of(file, "squared_norm");
  }
  if (parts.spec.method != Method::kPriority) parts.totals.weight = sum_of(file, "weight");
  if (parts.spec.totals == Totals::kFull) {
    const io::Tensor* const tensor = file.find("column_sums");
    const Index planes = tensor == nullptr || tensor->shape.empty() ? 0 : tensor->shape[0];
    // At least one plane is written, so that a short file cannot claim a billion columns.
    if (planes == 0) fail(ErrorCode::kFormat, "{}: column_sums must have a row", file.name());
    const auto values = file.values<double>("column_sums", {planes, parts.cols});
    if (!std::ranges::all_of(values, [](double x) { return std::isfinite(x); }))
      fail(ErrorCode::kFormat, "{}: column sums must be finite", file.name());
    parts.totals.column_sums.resize(static_cast<std::size_t>(parts.cols));
    for (std::size_t i = 0; i < values.size(); ++i) parts.totals.column_sums[i % parts.totals.column_sums.size()].add(values[i]);
  }

  parts.schema.columns = names_of(file, "column_names");
  parts.schema.key = names_of(file, "key_names");
  const std::string& encoding = file.text("key_encoding");
  if (encoding != "typed" && encoding != "text")
    fail(ErrorCode::kFormat, "{}: key_encoding must be typed or text, got \"{}\"", file.name(), encoding);
  parts.schema.key_encoding = encoding == "text" ? KeyEncoding::kText : KeyEncoding::kTyped;
  if (file.has("words")) parts.schema.words = file.text("words");
  return RowSample(std::move(parts));
}

}  // namespace

std::vector<std::byte> to_bytes(const RowSample& sample) {
  const SampleParts& parts = sample.parts();
  const SampleTotals& totals = parts.totals;
  io::Metadata metadata = {{"spec", to_text(parts.spec)},
                           {"rows", std::to_string(totals.rows)},
                           {"cols", std::to_string(parts.cols)},
                           {"tau", io::exact_text(parts.tau)},
                           {"tau_row", std::to_string(parts.tau_row)},
                           {"value_type", sample.single_precision() ? "f32" : "f64"},
                           {"key_encoding", parts.schema.key_encoding == KeyEncoding::kText ? "text" : "typed"}};
  if (!parts.schema.words.empty()) metadata.emplace_back("words", parts.schema.words);
  if (parts.spec.totals != Totals::kNone) {
    metadata.emplace_back("nonzero_rows", std::to_string(totals.nonzero_rows));
    metadata.emplace_back("squared_norm", text_of(totals.squared_norm));
  }
  if (parts.spec.method != Method::kPriority) metadata.emplace_back("weight", text_of(totals.weight));

  // Tensors borrow, so what is made here lives until the bytes are.
  NarrowArray values, columns, row_sizes;
  std::vector<Index> sizes;
  const std::vector<double> planes = planes_of(totals.column_sums);
  const std::vector<std::byte> column_names = bytes_of(parts.schema.columns), key_names = bytes_of(parts.schema.key);
  std::vector<io::Tensor> tensors = {io::tensor_of("row_ids", parts.row_ids)};
  if (stores_weights(parts.spec)) tensors.push_back(io::tensor_of("weights", parts.weights));
  std::visit(
      [&](const auto& rows) {
        using T = typename std::remove_cvref_t<decltype(rows.view())>::Value;
        if constexpr (requires { rows.storage; }) {
          values = narrow<T>(rows.storage);
          tensors.push_back(values.tensor("values", {rows.rows, rows.cols}));
        } else {
          for (Index i = 0; i < rows.rows(); ++i) sizes.push_back(rows.view().row_size(i));
          values = narrow<T>(rows.values);
          columns = narrow_below<std::int32_t>(rows.columns, rows.cols);
          row_sizes = narrow_below<Index>(sizes, rows.cols + 1);
          tensors.push_back(row_sizes.tensor("row_sizes", {row_sizes.size}));
          tensors.push_back(columns.tensor("columns", {columns.size}));
          tensors.push_back(values.tensor("values", {values.size}));
        }
      },
      parts.rows);
  if (parts.spec.totals == Totals::kFull)
    tensors.push_back(io::tensor_of("column_sums", planes, {std::ssize(planes) / parts.cols, parts.cols}));
  const auto put_names = [&](const char* name, const std::vector<std::byte>& bytes) {
    if (!bytes.empty()) tensors.push_back({name, io::DType::kU8, {std::ssize(bytes)}, bytes});
  };
  put_names("column_names", column_names);
  put_names("key_names", key_names);
  return io::container_bytes(kRowSampleKind, metadata, tensors);
}

RowSample row_sample_from(const io::Container& container) {
  if (container.kind() != kRowSampleKind)
    fail(ErrorCode::kFormat, "{}: expected a digest of kind {}, got {}", container.name(), kRowSampleKind, container.kind());
  try {
    return read(container);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kFormat) throw;
    fail(ErrorCode::kFormat, "{}: {}", container.name(), error.what());
  }
}

void save(const RowSample& sample, const std::filesystem::path& path) { io::write_file(path, to_bytes(sample)); }

RowSample load_row_sample(const std::filesystem::path& path) { return row_sample_from(io::Container::open(path)); }

}  // namespace prodigest::sampling
