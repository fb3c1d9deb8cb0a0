#include "prodigest/sampling/sample_file.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/fail.hpp"
#include "coding/half.hpp"
#include "core/squared_norms.hpp"
#include "io/digest_fields.hpp"
#include "io/matrix_tensors.hpp"
#include "io/narrow.hpp"
#include "sampling/row_weights.hpp"

namespace prodigest::sampling {
namespace {

// Weights that can be computed again from the rows are not stored.
bool stores_weights(const SampleSpec& spec) { return needs_gram(spec) || spec.weight == Weight::kUser; }

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

std::vector<double> computed_weights(const SampleParts& parts) {
  std::vector<double> weights(parts.row_ids.size());
  if (parts.coded)
    weights = parts.coded->squared_norms;
  else
    std::visit([&](const auto& rows) { squared_norms(rows.view(), weights); }, parts.rows);
  for (double& weight : weights) weight = row_weight(parts.spec, weight, 0);
  return weights;
}

// Coded rows as tensors; sizes and columns only if a row has fewer entries than columns.
class CodedTensors {
 public:
  CodedTensors(const CodedRows& rows, Index cols)
      : rows_(rows), sparse_(std::ranges::any_of(rows.sizes, [&](Index n) { return n < cols; })) {
    norms_ = io::narrow<double>(rows.squared_norms);
    std::ranges::transform(rows.noises, std::back_inserter(noises_), coding::to_half);
    if (!sparse_) return;
    sizes_ = io::narrow_below<Index>(rows.sizes, cols + 1);
    columns_ = io::narrow_below<std::int32_t>(rows.columns, cols);
  }
  void describe(io::Metadata& metadata) const {
    metadata.emplace_back("value_type", rows_.single ? "f32" : "f64");
  }
  /// The tensors borrow from this object and from the rows.
  void append_to(std::vector<io::Tensor>& tensors) const {
    tensors.push_back(norms_.tensor("squared_norms", {norms_.size}));
    tensors.push_back(io::half_tensor("noises", noises_));
    if (sparse_) {
      tensors.push_back(sizes_.tensor("row_sizes", {sizes_.size}));
      tensors.push_back(columns_.tensor("columns", {columns_.size}));
    }
    tensors.push_back(io::tensor_of("codes", rows_.codes));
  }

 private:
  const CodedRows& rows_;
  bool sparse_;
  std::vector<std::uint16_t> noises_;
  io::NarrowArray norms_, sizes_, columns_;
};

Index length_of(const io::Container& file, std::string_view name) {
  const io::Tensor* const tensor = file.find(name);
  return tensor == nullptr || tensor->shape.empty() ? 0 : tensor->shape[0];
}

CodedRows read_coded(const io::Container& file, Index size, Index cols) {
  CodedRows rows;
  rows.single = io::read_single(file);
  rows.squared_norms = io::widen<double>(file, "squared_norms", {size});
  std::ranges::transform(io::read_halves(file, "noises", size), std::back_inserter(rows.noises),
                         coding::from_half);
  if (file.find("row_sizes") != nullptr) {
    rows.sizes = io::widen<Index>(file, "row_sizes", {size});
    rows.columns = io::widen<std::int32_t>(file, "columns", {length_of(file, "columns")});
  } else {
    rows.sizes.assign(static_cast<std::size_t>(size), cols);
  }
  const auto codes = file.values<std::uint8_t>("codes", {length_of(file, "codes")});
  rows.codes.assign(codes.begin(), codes.end());
  return rows;
}

RowSample read(const io::Container& file) {
  SampleParts parts;
  parts.spec = parse_sample_spec(file.text("spec"));
  parts.cols = io::read_cols(file);
  parts.tau = file.number("tau");
  parts.tau_row = file.integer("tau_row");
  const Index size = length_of(file, "row_ids");
  const auto row_ids = file.values<RowId>("row_ids", {size});
  parts.row_ids.assign(row_ids.begin(), row_ids.end());
  if (parts.spec.values)
    parts.coded = read_coded(file, size, parts.cols);
  else
    parts.rows = io::read_matrix(file, size, parts.cols);
  parts.weights = stores_weights(parts.spec) ? io::widen<double>(file, "weights", {size}) : computed_weights(parts);

  parts.totals.rows = io::read_index(file, "rows");
  if (parts.spec.totals != Totals::kNone) {
    parts.totals.nonzero_rows = io::read_index(file, "nonzero_rows");
    parts.totals.squared_norm = io::read_sum(file, "squared_norm");
  }
  if (parts.spec.method != Method::kPriority) parts.totals.weight = io::read_sum(file, "weight");
  if (parts.spec.totals == Totals::kFull) {
    const Index planes = length_of(file, "column_sums");
    // At least one plane is written, so that a short file cannot claim a billion columns.
    if (planes == 0) fail(ErrorCode::kFormat, "{}: column_sums must have a row", file.name());
    const auto values = file.values<double>("column_sums", {planes, parts.cols});
    if (!std::ranges::all_of(values, [](double x) { return std::isfinite(x); }))
      fail(ErrorCode::kFormat, "{}: column sums must be finite", file.name());
    parts.totals.column_sums.resize(static_cast<std::size_t>(parts.cols));
    for (std::size_t i = 0; i < values.size(); ++i) parts.totals.column_sums[i % parts.totals.column_sums.size()].add(values[i]);
  }
  if (parts.spec.totals == Totals::kGram) {
    const auto gram = file.values<double>("gram", {parts.cols * (parts.cols + 1) / 2});
    parts.totals.gram.assign(gram.begin(), gram.end());
  }

  parts.schema = io::read_schema(file);
  return RowSample(std::move(parts));
}

// The file of a sample whose rows are written as MatrixTensors or CodedTensors.
template <class RowTensors>
std::vector<std::byte> bytes_of(const SampleParts& parts, const RowTensors& rows) {
  const SampleTotals& totals = parts.totals;
  io::Metadata metadata = {{"spec", to_text(parts.spec)},
                           {"rows", std::to_string(totals.rows)},
                           {"cols", std::to_string(parts.cols)},
                           {"tau", io::exact_text(parts.tau)},
                           {"tau_row", std::to_string(parts.tau_row)}};
  const io::SchemaTensors schema(parts.schema);
  rows.describe(metadata);
  schema.describe(metadata);
  if (parts.spec.totals != Totals::kNone) {
    metadata.emplace_back("nonzero_rows", std::to_string(totals.nonzero_rows));
    metadata.emplace_back("squared_norm", io::sum_text(totals.squared_norm));
  }
  if (parts.spec.method != Method::kPriority) metadata.emplace_back("weight", io::sum_text(totals.weight));

  // Tensors borrow, so what is made here lives until the bytes are.
  const std::vector<double> planes = planes_of(totals.column_sums);
  std::vector<io::Tensor> tensors = {io::tensor_of("row_ids", parts.row_ids)};
  if (stores_weights(parts.spec)) tensors.push_back(io::tensor_of("weights", parts.weights));
  rows.append_to(tensors);
  if (parts.spec.totals == Totals::kFull)
    tensors.push_back(io::tensor_of("column_sums", planes, {std::ssize(planes) / parts.cols, parts.cols}));
  if (parts.spec.totals == Totals::kGram) tensors.push_back(io::tensor_of("gram", totals.gram));
  schema.append_to(tensors);
  return io::container_bytes(kRowSampleKind, metadata, tensors, parts.coded ? "coded_values" : "");
}

}  // namespace

std::vector<std::byte> to_bytes(const RowSample& sample) {
  const SampleParts& parts = sample.parts();
  return parts.coded ? bytes_of(parts, CodedTensors(*parts.coded, parts.cols))
                     : bytes_of(parts, io::MatrixTensors(parts.rows));
}

RowSample row_sample_from(const io::Container& container) {
  return io::read_digest(container, kRowSampleKind, read);
}

void save(const RowSample& sample, const std::filesystem::path& path) { io::write_file(path, to_bytes(sample)); }

RowSample load_row_sample(const std::filesystem::path& path) { return row_sample_from(io::Container::open(path)); }

}  // namespace prodigest::sampling
