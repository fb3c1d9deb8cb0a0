#include "linear/accumulator.hpp"

#include "linear/dense_accumulator.hpp"
#include "linear/hadamard_accumulator.hpp"
#include "linear/sparse_accumulator.hpp"

namespace prodigest::linear {

std::unique_ptr<Accumulator> make_accumulator(const LinearSpec& spec, Index cols) {
  switch (spec.op) {
    case Operator::kSparse:
      return std::make_unique<SparseAccumulator>(spec, cols);
    case Operator::kHadamard:
      return std::make_unique<HadamardAccumulator>(spec, cols);
    case Operator::kGaussian:
    case Operator::kSign:
      break;
  }
  return std::make_unique<DenseAccumulator>(spec, cols);
}

}  // namespace prodigest::linear
