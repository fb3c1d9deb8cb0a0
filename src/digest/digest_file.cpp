// Digest files of any method, told apart by the kind that they name.

#include "base/fail.hpp"
#include "prodigest/attention/attention_state.hpp"
#include "prodigest/digest/digest.hpp"
#include "prodigest/lattice/codes_file.hpp"
#include "prodigest/linear/sketch_file.hpp"
#include "prodigest/sampling/sample_file.hpp"

namespace prodigest::digest {

std::vector<std::byte> to_bytes(const Digest& digest) {
  return std::visit([](const auto& d) { return to_bytes(d); }, digest);
}

Digest digest_from(const io::Container& container) {
  if (container.kind() == sampling::kRowSampleKind) return sampling::row_sample_from(container);
  if (container.kind() == linear::kLinearSketchKind) return linear::linear_sketch_from(container);
  if (container.kind() == lattice::kLatticeCodesKind) return lattice::lattice_codes_from(container);
  fail(ErrorCode::kUnsupported, "{}: expected a digest of kind {}, {} or {}, got {} ({})",
       container.name(), sampling::kRowSampleKind, linear::kLinearSketchKind,
       lattice::kLatticeCodesKind, container.kind(),
       container.kind() == attention::kAttentionStateKind
           ? "it holds no matrix: attention goes on from it"
           : "a newer prodigest may know it");
}

void save(const Digest& digest, const std::filesystem::path& path) {
  std::visit([&](const auto& d) { save(d, path); }, digest);
}

Digest load(const std::filesystem::path& path) { return digest_from(io::Container::open(path)); }

}  // namespace prodigest::digest
