#pragma once
// The rows of one head, read and written a few at a time: what the kernels of every kind share.

#include <string_view>
#include <variant>

#include "prodigest/attention/attention_spec.hpp"
#include "prodigest/attention/heads.hpp"

namespace prodigest::attention {

/// Where a head's rows stand, for messages.
struct HeadName {
  std::string_view tensor;  ///< "q", "k", "v" or "dout"
  Index batch = 0, head = 0;
  Index first_token = 0;  ///< row 0 in the tensor
};

/// Rows of one head as the kernels take them: normalized, times a factor, in T.
template <Real T>
class HeadRows {
 public:
  using Source = std::variant<MatrixView<const T>, MatrixView<const BFloat16>>;

  HeadRows() = default;
  HeadRows(Source source, Normalization norm, double factor, HeadName name);

  Index rows() const noexcept;
  Index width() const noexcept;

  /// Rows first, first + 1, ... as many as `to` has.  @shape to: count x width
  /// @throws Error{kInvalidArgument} if one is not finite, by its place in the tensor
  void load(Index first, MatrixView<T> to) const;

  /// gradient: that of a loss in what load(first) gives, made into that in the source, in place.
  /// Rows of T only.  @shape gradient: count x width
  void to_source_gradient(Index first, MatrixView<T> gradient) const;

 private:
  Source source_{};
  Normalization norm_ = Normalization::kNone;
  double factor_ = 1;
  HeadName name_{};
};

/// Where the results of one head go.
template <Real T>
class HeadOut {
 public:
  using Target = std::variant<MatrixView<T>, MatrixView<BFloat16>>;

  HeadOut() = default;
  explicit HeadOut(Target target) : target_(target) {}

  /// Rows first, first + 1, ...; half precision is rounded to nearest even.
  void store(Index first, MatrixView<const T> rows) const;

 private:
  Target target_{};
};

}  // namespace prodigest::attention
