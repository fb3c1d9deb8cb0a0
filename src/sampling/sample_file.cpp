#include "prodigest/sampling/sample_file.hpp"

#include <algorithm>
#include <cmath>

#include "base/fail.hpp"
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
  std::visit([&](const auto& rows) { squared_norms(rows.view(), weights); }, parts.rows);
  for (double& weight : weights) weight = row_weight(parts.spec, weight, 0);
  return weights;
}

RowSample read(const io::Container& file) {
  SampleParts parts;
  parts.spec = parse_sample_spec(file.text("spec"));
  parts.cols = io::read_cols(file);
  parts.tau = file.number("tau");
  parts.tau_row = file.integer("tau_row");
  const io::Tensor* const ids = file.find("row_ids");
  const Index size = ids == nullptr || ids->shape.empty() ? 0 : ids->shape[0];
  const auto row_ids = file.values<RowId>("row_ids", {size});
  parts.row_ids.assign(row_ids.begin(), row_ids.end());
  parts.rows = io::read_matrix(file, size, parts.cols);
  parts.weights = stores_weights(parts.spec) ? io::widen<double>(file, "weights", {size}) : computed_weights(parts);

  parts.totals.rows = io::read_index(file, "rows");
  if (parts.spec.totals != Totals::kNone) {
    parts.totals.nonzero_rows = io::read_index(file, "nonzero_rows");
    parts.totals.squared_norm = io::read_sum(file, "squared_norm");
  }
  if (parts.spec.method != Method::kPriority) parts.totals.weight = io::read_sum(file, "weight");
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
  if (parts.spec.totals == Totals::kGram) {
    const auto gram = file.values<double>("gram", {parts.cols * (parts.cols + 1) / 2});
    parts.totals.gram.assign(gram.begin(), gram.end());
  }

  parts.schema = io::read_schema(file);
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
                           {"tau_row", std::to_string(parts.tau_row)}};
  const io::MatrixTensors rows(parts.rows);
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
  return io::container_bytes(kRowSampleKind, metadata, tensors);
}

RowSample row_sample_from(const io::Container& container) {
  return io::read_digest(container, kRowSampleKind, read);
}

void save(const RowSample& sample, const std::filesystem::path& path) { io::write_file(path, to_bytes(sample)); }

RowSample load_row_sample(const std::filesystem::path& path) { return row_sample_from(io::Container::open(path)); }

}  // namespace prodigest::sampling
