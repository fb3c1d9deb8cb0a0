#include <xxhash.h>

#include <algorithm>
#include <memory>
#include <new>
#include <numeric>
#include <vector>

#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {
namespace {

// The XXH3 64-bit hash of ids one after the other, 8 bytes each.
class IdHash {
 public:
  IdHash() : state_(XXH3_createState()) {
    if (state_ == nullptr) throw std::bad_alloc();
    XXH3_64bits_reset(state_.get());
  }
  void add(std::span<const RowId> ids) {
    XXH3_64bits_update(state_.get(), ids.data(), ids.size_bytes());
  }
  std::uint64_t value() const { return XXH3_64bits_digest(state_.get()); }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> state_;
};

}  // namespace

std::uint64_t row_set_of(std::span<const RowId> row_ids) {
  std::vector<RowId> ascending(row_ids.begin(), row_ids.end());
  std::ranges::sort(ascending);
  IdHash hash;
  hash.add(ascending);
  return hash.value();
}

std::uint64_t row_set_of(Index rows) {
  constexpr Index kChunk = 4096;
  std::vector<RowId> ids;
  IdHash hash;
  for (Index first = 0; first < rows; first += kChunk) {
    ids.resize(static_cast<std::size_t>(std::min(kChunk, rows - first)));
    std::iota(ids.begin(), ids.end(), static_cast<RowId>(first));
    hash.add(ids);
  }
  return hash.value();
}

}  // namespace prodigest::lattice
