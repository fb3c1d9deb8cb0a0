#include "quantizing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "prodigest/lattice/encoder.hpp"
#include "vectors.hpp"

namespace prodigest::cli {
namespace {

// A reader whose first block was looked at before anyone reads it.
class PeekedRows final : public io::RowReader {
 public:
  explicit PeekedRows(io::RowReader& reader) : reader_(reader), peeked_(reader.next(first_)) {}

  /// Nothing if there are no rows.
  const io::RowBlock* first() const { return peeked_ ? &first_ : nullptr; }
  Index cols() const override { return reader_.cols(); }
  const std::vector<std::string>& column_names() const override { return reader_.column_names(); }
  bool next(io::RowBlock& block) override {
    if (!std::exchange(peeked_, false)) return reader_.next(block);
    block = first_;
    return true;
  }
  void rewind() override {
    peeked_ = false;
    reader_.rewind();
  }

 private:
  io::RowReader& reader_;
  io::RowBlock first_;
  bool peeked_;
};

constexpr Index kVectorsLookedAt = 256;

bool better_unrotated(const RowsView& rows, FileRows file_rows) {
  if (file_rows == FileRows::kRows) return lattice::better_unrotated(rows);
  const Index count = std::min(rows_of(rows), kVectorsLookedAt);
  return lattice::better_unrotated(transposed(slice(rows, 0, count)).view());
}

// Not the same format without its rotation: levels for normal entries clip what stands out.
lattice::LatticeSpec unrotated(const lattice::LatticeSpec& spec) {
  const auto bits = static_cast<int>(coding::bits_per_entry(spec.coding));
  lattice::LatticeSpec result =
      lattice::parse_lattice_spec(fmt::format("lattice:format=group{}", std::clamp(bits, 2, 8)));
  result.seed = spec.seed;
  return result;
}

}  // namespace

lattice::LatticeCodes quantized(Input matrix, FileRows file_rows, const lattice::LatticeSpec& spec,
                                const std::string& path, const Session& session) {
  PeekedRows rows(*matrix.reader);
  if (spec.rotation != lattice::Rotation::kNone && rows.first() != nullptr &&
      better_unrotated(rows.first()->rows, file_rows))
    session.remark(
        fmt::format("{}: few entries of the columns matter, and a rotation spreads them over all: "
                    "--method {}, which has rotation=none, errs less (take it on both sides)",
                    path, to_text(unrotated(spec))));
  const Context context = session.context(path);
  return file_rows == FileRows::kVectors ? lattice::encode_vectors(rows, spec, context)
                                         : lattice::encode_rows(rows, spec, matrix.schema, context);
}

}  // namespace prodigest::cli
