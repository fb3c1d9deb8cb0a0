#include <algorithm>
#include <optional>
#include <vector>

#include "base/fail.hpp"
#include "coding/rotation.hpp"
#include "coding/vector_code.hpp"
#include "core/parallel.hpp"
#include "lattice/coded_columns.hpp"
#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

Matrix<float> decode(const LatticeCodes& codes, const Context& context) {
  return decode(codes, 0, codes.cols(), context);
}

Matrix<float> decode(const LatticeCodes& codes, Index first, Index count, const Context& context) {
  constexpr Index kPanel = 16;  // floats of a cache line of the result
  if (first < 0 || count < 0 || first > codes.cols() - count)
    fail(ErrorCode::kInvalidArgument,
         "decode: expected a range of the {} columns, got {} from column {} on", codes.cols(),
         count, first);
  const LatticeParts& parts = codes.parts();
  const LatticeSpec& spec = parts.spec;
  std::optional<coding::Rotation> rotation;
  if (spec.rotation == Rotation::kHadamard) rotation.emplace(spec.seed, codes.rows());
  Matrix<float> out(codes.rows(), count);
  parallel_blocks(context, count, kPanel, [&](Index begin, Index columns) {
    Matrix<float> panel(columns, codes.rows());  // coordinates that were not coded stay 0
    for (Index j = 0; j < columns; ++j) {
      const Index column = first + begin + j;
      const std::span<float> x = panel.view().row(j);
      coding::decode_vector(spec.coding, codes_of(parts, column),
                            parts.scale[static_cast<std::size_t>(column)],
                            x.first(static_cast<std::size_t>(spec.size)));
      if (rotation) rotation->apply_inverse(x);
      if (!spec.centre) continue;
      const double mean = parts.mean[static_cast<std::size_t>(column)];
      for (float& entry : x) entry = static_cast<float>(mean + double{entry});
    }
    for (Index i = 0; i < codes.rows(); ++i)
      for (Index j = 0; j < columns; ++j) out(i, begin + j) = panel(j, i);
  });
  return out;
}

}  // namespace prodigest::lattice
