#pragma once
// A matrix as the tensors of a digest file: values, and for CSR columns and row_sizes, each in the
// narrowest type that holds it exactly.

#include <vector>

#include "io/narrow.hpp"
#include "prodigest/base/matrix.hpp"
#include "prodigest/io/container.hpp"

namespace prodigest::io {

class MatrixTensors {
 public:
  explicit MatrixTensors(const AnyMatrix& matrix);
  /// Adds value_type, the type of the matrix whatever its values are stored as.
  void describe(Metadata& metadata) const;
  /// The tensors borrow from this object.
  void append_to(std::vector<Tensor>& tensors) const;

 private:
  bool single_, sparse_;
  Index rows_, cols_;
  NarrowArray values_, columns_, row_sizes_;
};

/// Whether value_type says float, else double.  @throws Error{kFormat} if it says neither
bool read_single(const Container& file);

/// @throws Error{kFormat} if the tensors are missing or contradict each other
AnyMatrix read_matrix(const Container& file, Index rows, Index cols);

}  // namespace prodigest::io
