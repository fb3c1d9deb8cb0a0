#include "prodigest/lattice/codes_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "coding/half.hpp"
#include "io/digest_fields.hpp"
#include "lattice/spec_of_rows.hpp"

namespace prodigest::lattice {
namespace {

std::uint64_t read_row_set(const io::Container& file) {
  constexpr std::size_t kDigits = 16;
  const std::string& text = file.text("row_set");
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, value, 16);
  if (error != std::errc{} || last != end || text.size() != kDigits)
    fail(ErrorCode::kFormat, "{}: row_set must be 16 hexadecimal digits, got \"{}\"", file.name(),
         text);
  return value;
}

// Noises are halves; C++20 has no type for them.
std::vector<float> read_noise(const io::Container& file, Index cols) {
  const io::Tensor* const tensor = file.find("noises");
  if (tensor == nullptr || tensor->dtype != io::DType::kF16 ||
      tensor->shape != std::vector<Index>{cols})
    fail(ErrorCode::kFormat, "{}: there must be a tensor \"noises\" of type F16 and shape [{}]",
         file.name(), cols);
  std::vector<float> noise;
  for (std::size_t at = 0; at < tensor->bytes.size(); at += sizeof(std::uint16_t))
    noise.push_back(coding::from_half(
        static_cast<std::uint16_t>(std::to_integer<unsigned>(tensor->bytes[at]) |
                                   std::to_integer<unsigned>(tensor->bytes[at + 1]) << 8)));
  return noise;
}

template <class T>
std::vector<T> read_vector(const io::Container& file, std::string_view name,
                           std::initializer_list<Index> shape) {
  const auto values = file.values<T>(name, shape);
  return {values.begin(), values.end()};
}

LatticeCodes read(const io::Container& file) {
  LatticeParts parts;
  parts.spec = parse_lattice_spec(file.text("spec"));
  parts.rows = io::read_index(file, "rows");
  check_spec_of_rows("lattice codes", parts.spec, parts.rows);  // sizes are sane from here on
  const Index cols = io::read_cols(file);
  parts.row_set = read_row_set(file);
  parts.schema = io::read_schema(file);
  if (parts.spec.centre) parts.mean = read_vector<double>(file, "means", {cols});
  parts.scale = read_vector<float>(file, "scales", {cols});
  parts.noise = read_noise(file, cols);
  if (parts.spec.gain == coding::Gain::kPlain)
    parts.norm = read_vector<float>(file, "norms", {cols});
  const Index bytes = coding::code_bytes(parts.spec.coding, parts.spec.size);
  parts.codes = read_vector<std::uint8_t>(file, "codes", {cols, bytes});
  return LatticeCodes(std::move(parts));
}

}  // namespace

std::vector<std::byte> to_bytes(const LatticeCodes& codes) {
  const LatticeParts& parts = codes.parts();
  io::Metadata metadata = {{"spec", to_text(parts.spec)},
                           {"rows", std::to_string(parts.rows)},
                           {"cols", std::to_string(codes.cols())},
                           {"row_set", fmt::format("{:016x}", parts.row_set)}};
  const io::SchemaTensors schema(parts.schema);
  schema.describe(metadata);

  // Tensors borrow, so what is made here lives until the bytes are.
  std::vector<std::uint16_t> noise(parts.noise.size());
  std::ranges::transform(parts.noise, noise.begin(), coding::to_half);
  std::vector<io::Tensor> tensors;
  if (parts.spec.centre) tensors.push_back(io::tensor_of("means", parts.mean));
  tensors.push_back(io::tensor_of("scales", parts.scale));
  tensors.push_back(io::tensor_of("noises", noise));
  tensors.back().dtype = io::DType::kF16;
  if (!parts.norm.empty()) tensors.push_back(io::tensor_of("norms", parts.norm));
  tensors.push_back(
      io::tensor_of("codes", parts.codes, {codes.cols(), std::ssize(parts.codes) / codes.cols()}));
  schema.append_to(tensors);
  return io::container_bytes(kLatticeCodesKind, metadata, tensors);
}

LatticeCodes lattice_codes_from(const io::Container& container) {
  return io::read_digest(container, kLatticeCodesKind, read);
}

void save(const LatticeCodes& codes, const std::filesystem::path& path) {
  io::write_file(path, to_bytes(codes));
}

LatticeCodes load_lattice_codes(const std::filesystem::path& path) {
  return lattice_codes_from(io::Container::open(path));
}

}  // namespace prodigest::lattice
