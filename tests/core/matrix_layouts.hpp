#pragma once
// The same matrix in other layouts, each in memory of exactly its size.

#include <limits>
#include <vector>

#include "prodigest/base/matrix.hpp"

namespace prodigest {

template <Real T>
Matrix<T> rounded_to(const Matrix<double>& from) {
  Matrix<T> to(from.rows, from.cols);
  for (std::size_t i = 0; i < to.storage.size(); ++i)
    to.storage[i] = static_cast<T>(from.storage[i]);
  return to;
}

// With NaN between the rows, which no one may read.
template <Real T>
class Strided {
 public:
  Strided(const Matrix<T>& from, Index gap) : rows_(from.rows), cols_(from.cols), gap_(gap) {
    for (Index i = 0; i < rows_; ++i) {
      if (i > 0) storage_.insert(storage_.end(), gap, std::numeric_limits<T>::quiet_NaN());
      const auto row = from.view().row(i);
      storage_.insert(storage_.end(), row.begin(), row.end());
    }
    storage_.shrink_to_fit();
  }
  MatrixView<const T> view() const { return {storage_.data(), rows_, cols_, cols_ + gap_}; }

 private:
  Index rows_, cols_, gap_;
  std::vector<T> storage_;
};

enum class Zeros { kLeftOut, kStored };

template <Real T>
CsrMatrix<T> to_csr(const Matrix<T>& from, Zeros zeros = Zeros::kLeftOut) {
  CsrMatrix<T> to;
  to.cols = from.cols;
  for (Index i = 0; i < from.rows; ++i) {
    for (Index j = 0; j < from.cols; ++j) {
      if (from(i, j) == 0 && zeros == Zeros::kLeftOut) continue;
      to.columns.push_back(static_cast<std::int32_t>(j));
      to.values.push_back(from(i, j));
    }
    to.row_start.push_back(static_cast<Index>(to.values.size()));
  }
  return to;
}

}  // namespace prodigest
