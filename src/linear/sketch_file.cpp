#include "prodigest/linear/sketch_file.hpp"

#include "core/compact_rows.hpp"
#include "io/digest_fields.hpp"
#include "io/matrix_tensors.hpp"
#include "linear/sketch_values.hpp"

namespace prodigest::linear {
namespace {

template <Real T>
AnyMatrix stored_values(MatrixView<const T> values) {
  std::vector<RowRef<T>> rows;
  for (Index i = 0; i < values.rows; ++i) rows.push_back(row_ref(values, i));
  return compact_rows<T>(rows, values.cols);
}

AnyMatrix stored_values(const LinearSketch& sketch) {
  if (!sketch.spec().single) return stored_values<double>(sketch.values());
  Matrix<float> floats(sketch.size(), sketch.cols());
  floats.storage.assign(sketch.parts().values.storage.begin(), sketch.parts().values.storage.end());
  return stored_values<float>(floats.view());
}

template <Real T>
void copy_into(const Matrix<T>& from, Matrix<double>& to) {
  to.storage.assign(from.storage.begin(), from.storage.end());
}
template <Real T>
void copy_into(const CsrMatrix<T>& from, Matrix<double>& to) {
  for (Index i = 0; i < from.rows(); ++i) {
    const auto columns = from.view().row_columns(i);
    for (std::size_t at = 0; at < columns.size(); ++at) {
      if (columns[at] < 0 || columns[at] >= to.cols)
        fail(ErrorCode::kInvalidArgument, "linear sketch: columns must be within [0, {}), got {}",
             to.cols, columns[at]);
      to(i, columns[at]) = static_cast<double>(from.view().row_values(i)[at]);
    }
  }
}

LinearSketch read(const io::Container& file) {
  SketchParts parts;
  parts.spec = parse_linear_spec(file.text("spec"));
  const Index cols = io::read_cols(file);
  const AnyMatrix values = io::read_matrix(file, parts.spec.size, cols);
  const bool single = values.index() == 0 || values.index() == 2;
  if (single != parts.spec.single)
    fail(ErrorCode::kFormat, "{}: value_type must be that of the spec, got {} for {}", file.name(),
         file.text("value_type"), file.text("spec"));
  parts.values = zero_values(parts.spec, cols);
  std::visit([&](const auto& matrix) { copy_into(matrix, parts.values); }, values);
  parts.rows = io::read_index(file, "rows");
  if (parts.spec.rows == RowUpdates::kWhole)
    parts.squared_norm = io::read_sum(file, "squared_norm");
  parts.schema = io::read_schema(file);
  return LinearSketch(std::move(parts));
}

}  // namespace

std::vector<std::byte> to_bytes(const LinearSketch& sketch) {
  io::Metadata metadata = {{"spec", to_text(sketch.spec())},
                           {"rows", std::to_string(sketch.rows())},
                           {"cols", std::to_string(sketch.cols())}};
  const AnyMatrix values = stored_values(sketch);
  const io::MatrixTensors matrix(values);
  const io::SchemaTensors schema(sketch.schema());
  matrix.describe(metadata);
  schema.describe(metadata);
  if (sketch.spec().rows == RowUpdates::kWhole)
    metadata.emplace_back("squared_norm", io::sum_text(sketch.parts().squared_norm));
  std::vector<io::Tensor> tensors;
  matrix.append_to(tensors);
  schema.append_to(tensors);
  return io::container_bytes(kLinearSketchKind, metadata, tensors);
}

LinearSketch linear_sketch_from(const io::Container& container) {
  return io::read_digest(container, kLinearSketchKind, read);
}

void save(const LinearSketch& sketch, const std::filesystem::path& path) {
  io::write_file(path, to_bytes(sketch));
}

LinearSketch load_linear_sketch(const std::filesystem::path& path) {
  return linear_sketch_from(io::Container::open(path));
}

}  // namespace prodigest::linear
